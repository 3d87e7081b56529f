import hashlib
import json
import shutil
import tarfile

import pytest

from underpaint.datagen.format.index import read_index


def everything(source, renderer):
    return True


@pytest.fixture
def corpus(finished, tmp_path):
    """A copy, for damaging."""
    return shutil.copytree(finished, tmp_path / "corpus")


def test_every_member_is_read_from_its_place(finished):
    (index,) = read_index(finished, everything)
    assert len(index) == 10
    found = {index.key(number): index.read(number) for number in range(10)}
    for shard in sorted(finished.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for key in {name.split(".")[0] for name in tar.getnames()}:
                wanted = tuple(tar.extractfile(f"{key}.{extension}").read() for extension in ("webp", "json"))
                assert found.pop(key) == wanted
    assert not found


def test_only_what_is_wanted(finished):
    chosen, none, others = read_index(
        finished,
        lambda source, renderer: source in {"p2.png", "p8.png"} and renderer == "bezier",
        lambda source, renderer: False,
        lambda source, renderer: source not in {"p2.png", "p8.png"},
    )
    assert [chosen.key(number) for number in range(len(chosen))] == ["00000003-p2-bezier", "00000009-p8-bezier"]
    assert chosen.tar_of(1) == finished / "000002.tar"
    assert (len(none), len(others)) == (0, 8)


def test_samples_by_their_shard(finished):
    (index,) = read_index(finished, lambda source, renderer: source != "p2.png")
    assert [index.samples_of(shard) for shard in range(3)] == [range(3), range(3, 7), range(7, 9)]
    assert index.sha256[1] == hashlib.sha256((finished / "000001.tar").read_bytes()).hexdigest()


def test_a_shard_without_its_sidecar_does_not_exist(corpus):
    (corpus / "000000.json").unlink()
    assert len(read_index(corpus, everything)[0]) == 6


def test_unknown_keys_and_older_sidecars(corpus):
    path = corpus / "000000.json"
    record = json.loads(path.read_bytes()) | {"new": 1}
    for entry in record["samples"]:
        del entry["renderer"]
    path.write_text(json.dumps(record))
    assert len(read_index(corpus, lambda source, renderer: renderer == "bezier")[0]) == 10


def test_not_a_corpus(tmp_path):
    with pytest.raises(ValueError, match="is not a folder; make one with `underpaint-data generate"):
        read_index(tmp_path / "missing", everything)
    with pytest.raises(ValueError, match="holds no finished shard"):
        read_index(tmp_path, everything)


def test_damaged_sidecars(corpus):
    path = corpus / "000001.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"format": 2}))
    with pytest.raises(ValueError, match="has format 2, this program reads 1: update it"):
        read_index(corpus, everything)
    del record["samples"][0]["members"]["webp"]
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=r"000001\.json is not a sidecar: of sample \S+: it has no frames"):
        read_index(corpus, everything)
    path.write_text("{")
    with pytest.raises(ValueError, match="is not a sidecar"):
        read_index(corpus, everything)


def test_shards_that_were_not_copied_whole(corpus):
    tar = corpus / "000001.tar"
    tar.write_bytes(tar.read_bytes()[:-512])
    with pytest.raises(ValueError, match=r"000001\.tar has \d+ bytes, its sidecar says \d+ bytes: copy it again"):
        read_index(corpus, everything)
    tar.unlink()
    with pytest.raises(ValueError, match=r"000001\.tar is missing"):
        read_index(corpus, everything)


def test_a_corpus_that_moved(finished, tmp_path):
    (here,) = read_index(finished, everything)
    (there,) = read_index(shutil.copytree(finished, tmp_path / "there"), everything)
    assert there.read(5) == here.read(5)
