import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from tests.datagen.helpers import KEY, kinds, quietly, rewrite, with_fingerprint
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.seeds import renderers_of
from underpaint.datagen.storage.sidecars import read_sidecars, write_manifest
from underpaint.datagen.trust.verify import EVERYTHING, Thoroughness, share_of, verify
from underpaint.renderers.medium import TOLD, WHERE

MEDIA = ("bezier", "charcoal")


def test_a_good_corpus_has_no_faults(finished):
    heard: list[str] = []
    assert verify(finished, on_shard=heard.append) == []
    assert heard == ["000000", "000001", "000002"]


def test_rewriting_alone_is_no_fault(corpus):
    rewrite(corpus, lambda key, members: members)
    assert kinds(corpus) == set()


def test_one_flipped_byte_anywhere_is_found(corpus):
    tar = corpus / "000001.tar"
    data = bytearray(tar.read_bytes())
    random = np.random.default_rng(0)
    for position in random.integers(0, len(data), 25):
        damaged = data.copy()
        damaged[position] ^= 1 << random.integers(8)
        tar.write_bytes(damaged)
        assert ("000001", "", "checksum") in kinds(corpus)


def test_one_changed_byte_or_a_cut_anywhere_is_found(corpus):
    """200 random places of all files that hold samples, and 60 cuts."""
    random = np.random.default_rng(1)
    names = [f"00000{shard}.{suffix}" for shard in range(3) for suffix in ("tar", "json")]
    for number in range(260):
        path = corpus / str(random.choice(names))
        data = path.read_bytes()
        position = int(random.integers(len(data)))
        if number < 200:
            changed = bytes([data[position] ^ int(random.integers(1, 256))])
            path.write_bytes(data[:position] + changed + data[position + 1 :])
        else:
            path.write_bytes(data[:position])
        faults = verify(corpus, thoroughness=Thoroughness(replay=False))
        assert path.stem in {fault.shard for fault in faults}, (path.name, position)
        path.write_bytes(data)
    assert verify(corpus) == []


def test_a_share_of_the_shards():
    shards = [f"{index:06d}" for index in range(500)]
    few = Thoroughness(share=0.01).chosen(shards)
    assert len(few) == 5
    assert few != Thoroughness(share=0.01, seed=1).chosen(shards)
    assert few < Thoroughness(share=0.02).chosen(shards)
    assert len(Thoroughness(share=1e-9).chosen(shards)) == 1
    assert Thoroughness(share=0).chosen(shards) == frozenset()
    assert len(EVERYTHING.chosen(shards)) == 500
    assert Thoroughness(shards=["000003"]).chosen(shards) == {"000003"}
    for share in (-0.1, 1.1):
        with pytest.raises(ValueError, match="0% to 100%"):
            Thoroughness(share=share)


def test_shares_as_people_write_them():
    assert [share_of(text) for text in ("all", "1%", "0.5%", "100%", "0%")] == [1, 0.01, 0.005, 1, 0]
    for text in ("1", "", "%", "x%", "200%", "nan%"):
        with pytest.raises(ValueError, match="sample is"):
            share_of(text)


def test_a_remote_corpus(corpus):
    memory = fsspec.filesystem("memory")
    for path in corpus.glob("[0-9jm]*"):
        memory.pipe_file(f"/verify/{path.name}", path.read_bytes())
    assert verify("memory://verify") == []
    memory.pipe_file("/verify/000002.tar", b"")
    assert {fault.shard for fault in verify("memory://verify")} == {"000002"}
    with pytest.raises(FileNotFoundError):
        verify("memory://nothing-there")


def test_a_truncated_tar(corpus):
    tar = corpus / "000000.tar"
    tar.write_bytes(tar.read_bytes()[:9000])
    found = kinds(corpus)
    assert {("000000", "", "size"), ("000000", "", "checksum"), ("000000", "", "member")} <= found
    assert ("000000", "00000003-p2-bezier", "json") in found


def test_missing_and_stray_shards(corpus):
    (corpus / "000000.json").unlink()
    (corpus / "000002.tar").unlink()
    write_manifest(corpus)
    assert kinds(corpus) == {
        ("000000", "", "missing-shard"),
        ("000000", "", "stray-tar"),
        ("000002", "", "missing-tar"),
    }


def test_a_damaged_sidecar_or_job_or_manifest(corpus):
    (corpus / "000001.json").write_bytes(b"{")
    (corpus / "job.json").write_bytes(b"[]")
    (corpus / "manifest.json").unlink()
    assert kinds(corpus) == {("000001", "", "sidecar"), ("", "", "job"), ("", "", "manifest")}


def test_a_sidecar_that_disagrees_with_its_tar(corpus):
    path = corpus / "000000.json"
    sidecar = json.loads(path.read_bytes())
    sidecar["samples"][1]["members"]["webp"][0] += 512
    del sidecar["samples"][2]
    sidecar["fingerprint"] = "other"
    path.write_bytes(sealed_bytes(sidecar))
    found = kinds(corpus)
    assert {("000000", "", kind) for kind in ("fingerprint", "count", "offset", "member")} <= found
    assert ("000000", KEY, "frames") in found


def test_keys_must_be_unique(corpus):
    for suffix in ("json", "tar"):
        (corpus / f"000002.{suffix}").write_bytes((corpus / f"000001.{suffix}").read_bytes())
    found = kinds(corpus)
    assert ("000002", "", "key") in found
    assert ("000002", "", "sidecar") in found
    (corpus / "job.json").unlink()  # nothing else says which pictures a shard is made of
    assert ("000002", "", "key") in kinds(corpus)


def test_a_key_may_not_be_twice_in_a_shard(corpus):
    def repeat(sidecar: dict[str, Any]) -> None:
        sidecar["samples"][1] = sidecar["samples"][0]

    change_sidecar(corpus, repeat)
    assert ("000000", "", "key") in kinds(corpus)


@pytest.mark.parametrize("name", ["000000.json", "000000.tar", "job.json", "manifest.json"])
def test_damage_anywhere_never_crashes_verify(corpus, name):
    path = corpus / name
    data = path.read_bytes()
    random = np.random.default_rng(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))
    for _ in range(40):
        damaged = bytearray(data)
        for position in random.integers(0, len(data), random.integers(1, 4)):
            damaged[position] = random.choice([0, 34, 45, 48, 57, 91, 123, 255])
        path.write_bytes(damaged if random.random() < 0.8 else damaged[: random.integers(len(data))])
        for fault in verify(corpus):
            assert str(fault)


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none")


def test_a_shard_holds_the_pictures_of_its_number(corpus):
    sidecar = json.loads((corpus / "000001.json").read_bytes())
    (corpus / "000000.json").write_bytes(sealed_bytes(sidecar | {"shard": "000000"}))
    (corpus / "000000.tar").write_bytes((corpus / "000001.tar").read_bytes())
    write_manifest(corpus)
    assert ("000000", "", "count") in kinds(corpus)
    assert any("pictures 4 to 7 instead of 0 to 3" in fault.detail for fault in verify(corpus))


def test_numbers_that_json_doesn_t_have(corpus):
    path = corpus / "000000.json"
    psnr = json.loads(path.read_bytes())["samples"][0]["psnr"]
    for number in ("NaN", "1e999"):
        path.write_text(path.read_text().replace(str(psnr), number))
        assert ("", "", "manifest") in kinds(corpus)


# --- several media --------------------------------------------------------------------------------


def change_sidecar(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "000000.json"
    sidecar = json.loads(path.read_bytes())
    change(sidecar)
    path.write_bytes(sealed_bytes(sidecar))
    write_manifest(folder)


def change_job(folder: Path, **values: object) -> None:
    job = json.loads((folder / "job.json").read_bytes())
    job["config"] |= values
    with_fingerprint(folder, job)


def test_a_corpus_in_two_media_has_no_faults(charcoal_corpus):
    assert verify(charcoal_corpus) == []


def test_a_failure_must_say_whose_it_is(charcoal_corpus):
    def fail(sidecar: dict[str, Any]) -> None:
        gone = sidecar["samples"].pop(3)
        failure = {"source": gone["source"], "index": 1, "reason": "not-painted", "detail": "d"}
        sidecar["count"] -= 1
        sidecar["failures"].append(failure | {"renderer": None})

    change_sidecar(charcoal_corpus, fail)
    assert ("000000", "", "renderers") in kinds(charcoal_corpus)
    change_sidecar(charcoal_corpus, lambda sidecar: sidecar["failures"][0].update(renderer="charcoal"))
    assert kinds(charcoal_corpus) == {("000000", "", kind) for kind in ("member",)}


def test_a_sample_of_a_renderer_too_few_or_too_many(charcoal_corpus):
    change_job(charcoal_corpus, renderer="bezier")
    assert kinds(charcoal_corpus) == {(f"00000{shard}", "", "renderers") for shard in range(3)}
    change_job(charcoal_corpus, renderer="bezier,charcoal,oil")
    faults = [fault for fault in verify(charcoal_corpus) if fault.kind == "renderers"]
    assert len(faults) == 10
    assert faults[1].detail.endswith(
        "(p0.png) has samples or failures of bezier, charcoal instead of bezier, charcoal, oil"
    )


def test_the_renderer_of_a_sidecar_must_be_that_of_the_key_and_the_json(charcoal_corpus):
    change_sidecar(charcoal_corpus, lambda sidecar: sidecar["samples"][2].update(renderer="charcoal"))
    assert {("000000", "", "key"), ("000000", "", "renderers"), ("000000", KEY, "json")} <= kinds(charcoal_corpus)


def test_the_draw_of_a_mixed_corpus(configure, tmp_path, charcoal):
    quietly(configure(tmp_path, renderer="bezier,charcoal", mix=True))
    assert verify(tmp_path) == []
    samples = [s for sidecar in read_sidecars(tmp_path) for s in sidecar.samples]
    assert {sample.renderer for sample in samples} == {"bezier", "charcoal"}
    change_job(tmp_path, seed=1)
    other = {s.key for s in samples if (s.renderer,) != renderers_of(s.source, MEDIA, mix=True, run_seed=1)}
    assert len(other) == len([fault for fault in verify(tmp_path) if fault.kind == "renderers"]) > 0


# --- older corpora, which know one medium, no phases and no places -----------------------


def as_it_was(folder: Path) -> None:
    def older(key: str, members: dict[str, bytes]) -> dict[str, bytes]:
        record = json.loads(members["json"])
        del record["about"]
        for frame in record["frames"]:
            for name in ("phase", *WHERE):
                frame.pop(name, None)
        buffer = io.BytesIO()
        arrays = np.load(io.BytesIO(members["strokes.npz"]), allow_pickle=False)
        np.savez(buffer, **{name: arrays[name] for name in arrays if name not in ("phases", "phase", "about", *TOLD)})
        return members | {"json": json.dumps(record).encode(), "strokes.npz": buffer.getvalue()}

    rewrite(folder, older)
    job = json.loads((folder / "job.json").read_bytes())
    del job["portable"], job["config"]["mix"]
    with_fingerprint(folder, job)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["renderers"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for path in folder.glob("0*.json"):
        sidecar = json.loads(path.read_bytes())
        del sidecar["checksum"]
        for sample in sidecar["samples"]:
            del sample["renderer"]
        path.write_text(json.dumps(sidecar))


def test_an_older_corpus_is_as_good_as_ever(corpus):
    as_it_was(corpus)
    assert verify(corpus) == []
    sample = next(iter(Corpus(corpus)))
    assert sample.entry.renderer == "bezier"
    assert sample.program().phases == ("painting",)
