import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.datagen.helpers import kinds, quietly, tar_bytes
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.trust.verify import verify


@pytest.fixture(scope="module")
def other(configure, tmp_path_factory):
    """The ten pictures once more, with another seed: clashing numbers and names."""
    out = tmp_path_factory.mktemp("other") / "corpus"
    quietly(configure(out, seed=5, store_target=True))
    return out


def test_two_corpora_become_one(finished, other, tmp_path):
    heard: list[str] = []
    sums = merge([finished, other], tmp_path / "c", on_shard=heard.append)
    assert verify(tmp_path / "c") == []
    assert sums.total.samples == 20
    assert heard == [f"00000{index}" for index in range(6)]
    merged = Corpus(tmp_path / "c")
    assert len(set(merged.keys())) == len(merged) == 20
    assert [sample.entry.index for sample in merged] == list(range(20))
    for ours, theirs in zip(merged, [*Corpus(finished), *Corpus(other)], strict=True):
        assert ours.member("webp") == theirs.member("webp")
        assert ours.record() == theirs.record() | {"key": ours.entry.key}


def test_the_first_keeps_its_bytes_and_all_their_provenance(finished, other, tmp_path):
    merge([finished, other], tmp_path / "c")
    tars = tar_bytes(tmp_path / "c")
    assert {name: tars[name] for name in tar_bytes(finished)} == tar_bytes(finished)
    origin = [*read_sidecars(finished), *read_sidecars(other)]
    for ours, theirs in zip(read_sidecars(tmp_path / "c"), origin, strict=True):
        assert (ours.fingerprint, ours.versions, ours.seconds) == (theirs.fingerprint, theirs.versions, theirs.seconds)
    job = json.loads((tmp_path / "c" / "job.json").read_bytes())
    assert [part["job"] for part in job["parts"]] == [
        json.loads((folder / "job.json").read_bytes()) for folder in (finished, other)
    ]
    assert job["config"]["size"] == 48
    assert "seed" not in job["config"]  # they differ


def test_the_tars_of_the_others_are_what_a_job_with_these_numbers_writes(finished, other, tmp_path):
    merge([finished, other], tmp_path / "c")
    with tarfile.open(tmp_path / "c" / "000003.tar") as tar:
        members = tar.getmembers()
        assert members[0].name == "00000010-alter-baum-bezier.webp"
        assert {(m.mtime, m.uid, m.mode, m.uname) for m in members} == {(0, 0, 0o644, "")}
        record = tar.extractfile("00000010-alter-baum-bezier.json").read()
    with tarfile.open(other / "000000.tar") as tar:
        before = tar.extractfile("00000000-alter-baum-bezier.json").read()
    assert record == before.replace(b"00000000-alter", b"00000010-alter")


def test_merging_what_was_merged_and_in_one_go_gives_the_same(finished, other, configure, tmp_path):
    third = tmp_path / "third"
    quietly(configure(third, seed=7, store_target=True, shard_size=3))
    merge([finished, other], tmp_path / "ab")
    merge([tmp_path / "ab", third], tmp_path / "abc")
    merge([finished, other, third], tmp_path / "at-once")
    assert tar_bytes(tmp_path / "abc") == tar_bytes(tmp_path / "at-once")
    assert (tmp_path / "abc" / "job.json").read_bytes() == (tmp_path / "at-once" / "job.json").read_bytes()
    assert verify(tmp_path / "abc") == []


def test_an_interrupted_merge_continues(finished, other, tmp_path):
    merge([finished, other], tmp_path / "c")
    before = {path.name: path.read_bytes() for path in (tmp_path / "c").glob("0*")}
    kept = (tmp_path / "c" / "000001.tar").stat().st_mtime_ns
    (tmp_path / "c" / "000004.json").unlink()
    (tmp_path / "c" / "000005.tar").unlink()
    merge([finished, other], tmp_path / "c")
    assert {path.name: path.read_bytes() for path in (tmp_path / "c").glob("0*")} == before
    assert (tmp_path / "c" / "000001.tar").stat().st_mtime_ns == kept
    with pytest.raises(ValueError, match="holds another corpus"):
        merge([other, finished], tmp_path / "c")


def test_failures_are_renumbered_too(finished, configure, pictures, tmp_path):
    folder = Path(shutil.copytree(pictures, tmp_path / "pictures"))
    (folder / "p3.png").write_bytes(b"no picture")
    quietly(configure(tmp_path / "b", source=str(folder), store_target=True, seed=1))
    merge([finished, tmp_path / "b"], tmp_path / "c")
    assert verify(tmp_path / "c") == []
    (failure,) = [failure for sidecar in read_sidecars(tmp_path / "c") for failure in sidecar.failures]
    assert (failure.index, failure.source) == (14, "p3.png")


# --- what is refused -------------------------------------------------------------------------------


def test_the_same_paintings_in_two(finished, corpus, tmp_path):
    with pytest.raises(ValueError, match=r"10 paintings are in both .* such as 0000"):
        merge([finished, corpus], tmp_path / "c")
    with pytest.raises(ValueError, match="different corpora"):
        merge([finished, finished], tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_other_shapes(finished, configure, tmp_path):
    quietly(configure(tmp_path / "b", frames=4, store_target=True, seed=2))
    with pytest.raises(ValueError, match=r"frames is 5 in .* and 4 in .* --mixed"):
        merge([finished, tmp_path / "b"], tmp_path / "c")
    merge([finished, tmp_path / "b"], tmp_path / "c", mixed=True)
    assert verify(tmp_path / "c") == []


def test_an_incomplete_or_damaged_corpus(corpus, other, tmp_path):
    sidecar = (corpus / "000001.json").read_bytes()
    (corpus / "000001.json").unlink()
    with pytest.raises(ValueError, match=r"not complete, 1 of 3 shards are missing \(000001"):
        merge([other, corpus], tmp_path / "c")
    (corpus / "000001.json").write_bytes(sidecar)
    tar = bytearray((corpus / "000001.tar").read_bytes())
    tar[700] ^= 1
    (corpus / "000001.tar").write_bytes(tar)
    with pytest.raises(ValueError, match=r"000001.tar doesn't have the SHA-256"):
        merge([other, corpus], tmp_path / "c")
    (corpus / "000001.tar").write_bytes(tar[:2000])
    with pytest.raises(ValueError, match=r"000001.tar has no sample"):
        merge([other, corpus], tmp_path / "c")
    (corpus / "000001.json").write_bytes(sidecar.replace(b"p3.png", b"p4.png"))
    with pytest.raises(ValueError, match="checksum"):
        merge([other, corpus], tmp_path / "c")


def test_a_job_in_a_merged_corpus_is_refused(finished, other, configure, tmp_path):
    merge([finished, other], tmp_path / "c")
    with pytest.raises(ValueError, match="another configuration"):
        quietly(configure(tmp_path / "c", store_target=True))


def test_verify_knows_which_part_a_shard_belongs_to(finished, other, tmp_path):
    merge([finished, other], tmp_path / "c")
    job = json.loads((tmp_path / "c" / "job.json").read_bytes())
    assert job["parts"][1]["first_shard"] == 3
    sidecar = json.loads((tmp_path / "c" / "000004.json").read_bytes())
    first = job["parts"][0]["job"]["fingerprint"]
    (tmp_path / "c" / "000004.json").write_bytes(sealed_bytes(sidecar | {"fingerprint": first}))
    assert ("000004", "", "fingerprint") in kinds(tmp_path / "c")
    job["parts"][1]["first_picture"] = 11
    (tmp_path / "c" / "job.json").write_text(json.dumps(job))
    assert ("", "", "job") in kinds(tmp_path / "c")
