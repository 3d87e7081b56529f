import tarfile

import numpy as np
import pytest

from datagen.corpus import Corpus, read_sidecar


def test_members_are_read_from_their_place(finished):
    corpus = Corpus(finished)
    assert len(corpus) == len(list(corpus)) == 10
    for sample in corpus:
        with tarfile.open(sample.tar) as tar:
            for extension in sample.entry.members:
                assert sample.member(extension) == tar.extractfile(f"{sample.entry.key}.{extension}").read()
        assert sample.record()["caption"].startswith("picture ")
        np.testing.assert_array_equal(sample.frames()[-1], sample.program().replay())


def test_samples_are_found_by_key_or_any_part_that_fits_one(finished):
    corpus = Corpus(finished)
    first = corpus.keys()[0]
    assert first == "00000000-alter-baum-bezier"
    for key in (first, "00000000", "alter"):
        assert corpus.find(key).entry.key == first
    with pytest.raises(ValueError, match=r"fits 10: 00000000-alter-baum-bezier, .*…"):
        corpus.find("bezier")
    with pytest.raises(ValueError, match="no sample has the key 'zz'"):
        corpus.find("zz")


def test_a_member_that_isn_t_there(corpus):
    sample = next(iter(Corpus(corpus)))
    with pytest.raises(ValueError, match=r"has no jpg, only json, strokes\.npz"):
        sample.member("jpg")
    sample.tar.write_bytes(b"short")
    with pytest.raises(ValueError, match=r"000000.tar ends within 00000000-alter-baum-bezier.webp"):
        sample.member("webp")


def test_not_a_corpus(tmp_path):
    with pytest.raises(FileNotFoundError, match="not a folder"):
        Corpus(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="no finished shard"):
        Corpus(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b'{"format": 1, "samples": 3}'])
def test_a_damaged_sidecar_is_named(tmp_path, content):
    (tmp_path / "000000.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"000000.json is not a sidecar"):
        read_sidecar(tmp_path / "000000.json")


def test_a_newer_format_is_refused(tmp_path):
    (tmp_path / "000000.json").write_bytes(b'{"format": 2}')
    with pytest.raises(ValueError, match="has format 2, this program reads 1: update it"):
        read_sidecar(tmp_path / "000000.json")
