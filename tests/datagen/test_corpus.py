import runpy
import sys
import tarfile

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import ROOT, quietly
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.storage.store import Store


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
    (corpus / "000000.tar").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"000000.tar ends within 00000000-alter-baum-bezier.webp"):
        sample.member("webp")


def test_a_corpus_is_read_from_any_store(finished):
    there = Store("memory://read")
    for path in finished.glob("0*"):
        there.write(path.name, path.read_bytes())
    local = list(Corpus(finished))
    for one, other in zip(Corpus("memory://read"), local, strict=True):
        assert one.entry == other.entry
        assert [one.member(name) for name in one.entry.members] == [other.member(name) for name in one.entry.members]


def test_not_a_corpus(tmp_path):
    with pytest.raises(FileNotFoundError, match="not a folder"):
        Corpus(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="no finished shard"):
        Corpus(tmp_path)


def test_samples_are_counted_like_those_of_a_list(finished):
    corpus = Corpus(finished)
    keys = [sample.entry.key for sample in corpus]
    assert [corpus[number].entry.key for number in range(10)] == keys
    assert [corpus[number].entry.key for number in range(-10, 0)] == keys
    assert corpus[np.int64(3)].entry.key == keys[3]
    for part in (slice(None), slice(2, 9, 3), slice(-3, None), slice(None, None, -1), slice(20, 30)):
        assert [sample.entry.key for sample in corpus[part]] == keys[part]
    for number in (10, -11):
        with pytest.raises(IndexError, match=rf"sample {number} of a corpus of 10"):
            corpus[number]
    with pytest.raises(TypeError):
        corpus["alter"]


def test_shards_without_samples_are_passed_over(configure, pictures, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for name in "abcde":
        (source / f"{name}.jpg").write_text("no picture")
    (source / "f.png").write_bytes((pictures / "p1.png").read_bytes())
    quietly(configure(tmp_path / "out", source=str(source), shard_size=2))
    corpus = Corpus(tmp_path / "out")
    assert [len(sidecar.samples) for sidecar in corpus.sidecars] == [0, 0, 1]
    assert corpus[0].entry.key == corpus[-1].entry.key == "00000005-f-bezier"


def test_rows(finished):
    corpus = Corpus(finished)
    rows = list(corpus.rows())
    assert [row["key"] for row in rows] == list(corpus.keys())
    assert {row["shard"] for row in rows} == {"000000", "000001", "000002"}
    assert rows[0].keys() == {"key", "source", "renderer", "strokes", "psnr", "seed", "bytes", "shard"}
    detailed = next(corpus.rows(details=True))
    assert detailed["caption"] == "picture 9"
    assert detailed["frames"] == corpus[0].record()["frames"]
    assert detailed.items() >= rows[0].items()


def test_a_table_of_pandas(finished):
    pandas = pytest.importorskip("pandas")
    table = Corpus(finished).to_pandas(details=True)
    assert isinstance(table, pandas.DataFrame)
    assert table.groupby("renderer").psnr.count().to_dict() == {"bezier": 10}
    assert table.caption[0] == "picture 9"


def test_without_pandas(finished, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"to_pandas needs pandas: pip install 'underpaint\[pandas\]'"):
        Corpus(finished).to_pandas()


def test_a_process_is_painted_again_at_any_size(finished):
    sample = Corpus(finished).find("p3")
    np.testing.assert_array_equal(sample.process(), sample.frames())
    large = sample.process(96)
    assert large.shape == (5, 96, 96, 3)
    np.testing.assert_array_equal(large[-1], sample.program().replay(96))
    assert (large[0] == sample.frames()[0, 0, 0]).all()
    small = large.reshape(5, 48, 2, 48, 2, 3).mean((2, 4))
    assert np.abs(small - sample.frames()).mean() < 6
    with pytest.raises(ValueError, match="aspect ratio"):
        sample.process((96, 48))


def test_a_process_in_another_medium(charcoal_corpus):
    sample = Corpus(charcoal_corpus).find("p3-charcoal")
    np.testing.assert_array_equal(sample.process(), sample.frames())


def test_a_recorded_process_has_no_strokes(recorded):
    sample = Corpus(recorded)[0]
    with pytest.raises(ValueError, match="was recorded, and has no strokes"):
        sample.process()
    assert sample.frames().shape[1:] == (48, 48, 3)


def test_it_opens_by_the_package_s_own_name(finished):
    from underpaint import datagen

    assert datagen.Corpus is Corpus
    assert isinstance(datagen.Corpus(finished)[0], datagen.CorpusSample)
    with pytest.raises(AttributeError, match="no attribute 'Korpus'"):
        datagen.Korpus  # noqa: B018


@pytest.mark.parametrize(("fixture", "count"), [("finished", 5), ("recorded", 0)])
def test_the_example_looks_into_a_corpus(fixture, count, request, tmp_path, capsys):
    example = runpy.run_path(str(ROOT / "examples" / "inspect_corpus.py"))
    example["main"](str(request.getfixturevalue(fixture)), tmp_path / "weakest")
    assert "samples in" in capsys.readouterr().out
    written = list(tmp_path.glob("weakest/*.png"))
    assert len(written) == count
    assert all(Image.open(path).size == (192, 192) for path in written)


def test_damaged_bytes_are_named_whatever_they_raise(corpus):
    tar = corpus / "000000.tar"
    tar.write_bytes(bytes(tar.stat().st_size))
    sample = Corpus(corpus)[0]
    for read, what in ((sample.record, "JSON"), (sample.program, "strokes")):
        with pytest.raises(ValueError, match=f"000000.tar: the {what} of {sample.entry.key} (is|are) damaged"):
            read()
    record = {"frames": [{}] * 5}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(sample), "record", lambda self: record)
        with pytest.raises(ValueError, match=f"the frames of {sample.entry.key} are damaged"):
            sample.frames()
