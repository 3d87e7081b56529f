import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.datagen.helpers import quietly, with_fingerprint
from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.curation.split import split
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.storage.sidecars import write_manifest
from underpaint.datagen.trust.repair import repair
from underpaint.datagen.trust.verify import Thoroughness, verify

SHARDS = ("000000", "000001", "000002")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.*")) if not path.name.startswith(".")}


def faulty(folder: Path) -> list[str]:
    """As the command does: the shards with faults, found without painting anything."""
    faults = verify(folder, thoroughness=Thoroughness(replay=False))
    return sorted({fault.shard for fault in faults if fault.shard})


def damage(path: Path, random: np.random.Generator) -> None:
    """Change one byte of a file, or cut it off."""
    data = bytearray(path.read_bytes())
    position = int(random.integers(len(data)))
    if random.random() < 0.25:
        path.write_bytes(data[:position])
    else:
        data[position] ^= int(random.integers(1, 256))
        path.write_bytes(data)


def test_any_damage_is_found_and_repaired(corpus):
    """240 times: a byte changed, or an end cut off, at a random place of a random shard or sidecar."""
    before, random = files(corpus), np.random.default_rng(0)
    names = [name for name in before if name[0].isdigit()]
    for _ in range(30):
        hurt: set[str] = set()
        for name in random.choice(names, 8):
            (corpus / str(name)).write_bytes(before[str(name)])  # so that no damage undoes another
            damage(corpus / str(name), random)
            hurt.add(str(name)[:6])
            assert faulty(corpus) == sorted(hurt)
        result = repair(corpus, sorted(hurt))
        assert (sorted(result.repaired), result.failed) == (sorted(hurt), {})
        after = files(corpus)
        assert {n: d for n, d in after.items() if n.endswith(".tar")} == {
            n: d for n, d in before.items() if n.endswith(".tar")
        }
        for name in names:
            if name.endswith(".json") and after[name] != before[name]:  # its times or versions were hurt
                then, now = (json.loads(data[name]) for data in (before, after))
                for key in ("seconds", "versions", "checksum"):
                    del then[key], now[key]
                assert then == now
                (corpus / name).write_bytes(before[name])
        assert verify(corpus) == []


@pytest.mark.parametrize("word", ["checksum", "sha256", "samples", "bezier", "versions", "numpy", "seconds", "paint"])
def test_a_sidecar_gets_its_bytes_back_unless_its_times_are_lost(corpus, word):
    path = corpus / "000001.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(word.encode(), word.upper().encode(), 1))
    assert repair(corpus, ["000001"]).repaired == ["000001"]
    if word in ("seconds", "paint"):
        then, now = (json.loads(data) for data in (before, path.read_bytes()))
        for record in (then, now):
            del record["seconds"], record["checksum"]
        assert now == then
    else:
        assert path.read_bytes() == before
    assert verify(corpus) == []


def test_missing_files_are_made_again(corpus):
    sidecar = corpus / "000001.json"
    # A time that no repair can take by chance.
    sidecar.write_bytes(sealed_bytes(json.loads(sidecar.read_bytes()) | {"seconds": {"paint": 9999.0}}))
    before = files(corpus)
    (corpus / "000000.tar").unlink()
    (corpus / "000001.json").unlink()
    (corpus / "manifest.json").unlink()
    assert repair(corpus, faulty(corpus)).repaired == ["000000", "000001"]
    after = files(corpus)
    assert {n for n in before if before[n] != after[n]} == {"000001.json"}  # nothing is left of its times
    assert verify(corpus) == []
    assert not (corpus / ".repair").exists()


def test_all_whole_shards_stay_untouched(corpus):
    times = {path: path.stat().st_mtime_ns for path in corpus.glob("00000[02].*")}
    (corpus / "000001.tar").write_bytes(b"")
    repair(corpus, faulty(corpus))
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_corpus_of_recordings(recorded, tmp_path):
    folder = Path(shutil.copytree(recorded, tmp_path / "corpus"))
    before = files(folder)
    (folder / "000000.tar").write_bytes(b"x")
    assert repair(folder, faulty(folder)).repaired == ["000000"]
    assert files(folder) == before


def test_merged_and_split_corpora(configure, pictures, corpus, tmp_path):
    other = tmp_path / "other"
    quietly(configure(other, seed=3, store_target=True))
    merge([corpus, other], tmp_path / "merged")
    split(tmp_path / "merged", tmp_path / "sides", validation=0.4)
    for folder, shard in (("merged", "000000"), ("merged", "000005"), ("sides/train", "000004")):
        before = files(tmp_path / folder)
        (tmp_path / folder / f"{shard}.tar").write_bytes(before[f"{shard}.tar"][:5000])
        assert repair(tmp_path / folder, [shard]).repaired == [shard]
        assert files(tmp_path / folder) == before


# --- what can't be repaired --------------------------------------------------------------------------


@pytest.fixture
def moved(configure, pictures, tmp_path):
    """A corpus whose pictures are its own, and their folder."""
    folder = Path(shutil.copytree(pictures, tmp_path / "pictures"))
    quietly(configure(tmp_path / "corpus", source=str(folder)))
    return tmp_path / "corpus", folder


def test_the_pictures_are_gone_or_elsewhere(moved, tmp_path):
    corpus, folder = moved
    before = files(corpus)
    (corpus / "000002.tar").unlink()
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"pictures are gone.*--source"):
        repair(corpus, ["000002"])
    assert repair(corpus, ["000002"], source=str(tmp_path / "elsewhere")).repaired == ["000002"]
    assert files(corpus) == before


def test_pictures_more_or_fewer(moved):
    corpus, folder = moved
    (corpus / "000002.tar").unlink()
    (folder / "p8.png").unlink()
    with pytest.raises(ValueError, match=r"sources.count: 10 -> 9"):
        repair(corpus, ["000002"])


def test_a_picture_that_has_changed(moved):
    corpus, folder = moved
    before = files(corpus)
    (corpus / "000002.tar").write_bytes(b"damaged")
    shutil.copy(folder / "p0.png", folder / "p8.png")
    result = repair(corpus, ["000002"])
    assert result.repaired == []
    assert "its pictures have changed" in result.failed["000002"]
    assert files(corpus) == before | {"000002.tar": b"damaged"}


def test_another_version_or_another_kind_of_kernels(corpus, monkeypatch):
    monkeypatch.setattr(renderers, "PAINTING_VERSION", "99.0")
    with pytest.raises(ValueError, match=r"has painting version .*install underpaint=="):
        repair(corpus, ["000000"])
    monkeypatch.undo()
    monkeypatch.setattr(renderers, "is_portable", lambda: True)
    with pytest.raises(ValueError, match="unset UNDERPAINT_PORTABLE"):
        repair(corpus, ["000000"])


def test_no_job_and_another_program_s(corpus):
    job = json.loads((corpus / "job.json").read_bytes())
    (corpus / "job.json").unlink()
    with pytest.raises(ValueError, match=r"job.json is missing"):
        repair(corpus, ["000000"])
    with_fingerprint(corpus, job | {"config": job["config"] | {"painting": {"task": "text"}}})
    with pytest.raises(ValueError, match="painted by networks"):
        repair(corpus, ["000000"])


def test_a_shard_that_no_plan_has(corpus):
    result = repair(corpus, ["000007", "000001"])
    assert "only 3 shards" in result.failed["000007"]
    assert result.repaired == ["000001"]


def test_the_manifest_is_a_witness_where_the_sidecar_is_none(corpus):
    """A sidecar that lies consistently: its own checksum is right, and the manifest knows better."""
    path = corpus / "000001.json"
    path.write_bytes(path.read_bytes()[:100])
    manifest = json.loads((corpus / "manifest.json").read_bytes())
    manifest["shards"][1]["sha256"] = "0" * 64
    (corpus / "manifest.json").write_text(json.dumps(manifest))
    assert "instead of 000" in repair(corpus, ["000001"]).failed["000001"]
    (corpus / "manifest.json").unlink()
    assert repair(corpus, ["000001"]).repaired == ["000001"]
    assert verify(corpus) == []


def test_an_older_sidecar_stays_without_a_checksum(corpus):
    path = corpus / "000000.json"
    older = json.loads(path.read_bytes())
    del older["checksum"]
    path.write_bytes(json.dumps(older).encode())
    before = files(corpus)
    (corpus / "000000.tar").write_bytes(b"")
    assert repair(corpus, ["000000"]).repaired == ["000000"]
    assert files(corpus) == before
    path.write_bytes(sealed_bytes(older))
    write_manifest(corpus)
    assert len(Corpus(corpus)) == 10
