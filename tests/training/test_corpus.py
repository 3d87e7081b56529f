import json
import shutil
import tarfile

import pytest

from underpaint.training.corpus import read_corpus


def everything(source, renderer):
    return True


def test_every_member_is_read_from_its_place(finished):
    corpus = read_corpus(finished, everything)
    assert len(corpus) == 24
    found = {corpus.key(number): corpus.read(number) for number in range(24)}
    for shard in sorted(finished.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for key in {name.split(".")[0] for name in tar.getnames()}:
                wanted = tuple(tar.extractfile(f"{key}.{extension}").read() for extension in ("webp", "json"))
                assert found.pop(key) == wanted
    assert not found


def test_only_what_is_wanted(finished):
    corpus = read_corpus(finished, lambda source, renderer: source in {"p03.png", "p21.png"} and renderer == "bezier")
    assert [corpus.key(number) for number in range(len(corpus))] == ["00000003-p03-bezier", "00000021-p21-bezier"]
    assert corpus.tar_of(1) == finished / "000002.tar"
    assert len(read_corpus(finished, lambda source, renderer: False)) == 0


def test_a_shard_without_its_sidecar_does_not_exist(corpus):
    (corpus / "000000.json").unlink()
    assert len(read_corpus(corpus, everything)) == 14


def test_unknown_keys_and_older_sidecars(corpus):
    path = corpus / "000000.json"
    record = json.loads(path.read_bytes()) | {"new": 1}
    for entry in record["samples"]:
        del entry["renderer"]
    path.write_text(json.dumps(record))
    assert len(read_corpus(corpus, lambda source, renderer: renderer == "bezier")) == 24


def test_not_a_corpus(tmp_path):
    with pytest.raises(ValueError, match="is not a folder; make one with `underpaint-data generate"):
        read_corpus(tmp_path / "missing", everything)
    with pytest.raises(ValueError, match="holds no finished shard"):
        read_corpus(tmp_path, everything)


def test_damaged_sidecars(corpus):
    path = corpus / "000001.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"format": 2}))
    with pytest.raises(ValueError, match="has format 2, this program reads 1: update it"):
        read_corpus(corpus, everything)
    del record["samples"][0]["members"]["webp"]
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=r"000001\.json is not a sidecar: KeyError: 'webp'"):
        read_corpus(corpus, everything)
    path.write_text("{")
    with pytest.raises(ValueError, match="is not a sidecar"):
        read_corpus(corpus, everything)


def test_shards_that_were_not_copied_whole(corpus):
    tar = corpus / "000001.tar"
    tar.write_bytes(tar.read_bytes()[:-512])
    with pytest.raises(ValueError, match=r"000001\.tar has \d+ bytes, its sidecar says \d+ bytes: copy it again"):
        read_corpus(corpus, everything)
    tar.unlink()
    with pytest.raises(ValueError, match=r"000001\.tar is missing"):
        read_corpus(corpus, everything)


def test_a_corpus_that_moved(finished, tmp_path):
    there = shutil.copytree(finished, tmp_path / "there")
    assert read_corpus(there, everything).read(5) == read_corpus(finished, everything).read(5)
