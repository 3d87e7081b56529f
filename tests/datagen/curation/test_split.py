import json

import pytest

from tests.datagen.helpers import kinds, rewrite
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.curation.split import split
from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.trust.verify import verify


def sources(folder):
    return {sample.entry.source for sample in Corpus(folder)}


def test_no_picture_is_on_both_sides(in_two_media, charcoal, tmp_path):
    sums = split(in_two_media, tmp_path, validation=0.3)
    train, validation = sources(tmp_path / "train"), sources(tmp_path / "validation")
    assert not train & validation
    assert train | validation == sources(in_two_media)
    assert sums["train"].total.samples + sums["validation"].total.samples == 20
    for side in ("train", "validation"):
        assert verify(tmp_path / side) == []
    whole = {sample.entry.key: sample for sample in Corpus(in_two_media)}
    for side in ("train", "validation"):
        for sample in Corpus(tmp_path / side):
            assert sample.entry.members.keys() == whole[sample.entry.key].entry.members.keys()
            assert sample.member("webp") == whole[sample.entry.key].member("webp")
            assert sample.member("json") == whole[sample.entry.key].member("json")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_the_sides_are_those_of_training(share):
    held_out = pytest.importorskip("underpaint.training.split").held_out
    names = [f"größe/{index}.jpg" for index in range(300)] + ["\udcff.jpg"]
    assert [held_out(name, share) for name in names] == [validation_draw(name) < share for name in names]


def test_the_share_is_about_what_was_asked_for():
    draws = [validation_draw(f"{index}.jpg") for index in range(4000)]
    assert sum(draw < 0.05 for draw in draws) == pytest.approx(200, abs=50)
    assert all(0 <= draw < 1 for draw in draws)


def test_the_same_pictures_are_held_out_of_every_corpus(finished, in_two_media, tmp_path):
    split(finished, tmp_path / "a", validation=0.3)
    split(in_two_media, tmp_path / "b", validation=0.3)
    assert sources(tmp_path / "a" / "validation") == sources(tmp_path / "b" / "validation")


def test_splitting_again_and_merging_again(finished, tmp_path):
    split(finished, tmp_path / "a", validation=0.3)
    split(tmp_path / "a" / "train", tmp_path / "b", validation=0.6)
    assert verify(tmp_path / "b" / "validation") == []
    thirds = [tmp_path / "a" / "validation", tmp_path / "b" / "validation", tmp_path / "b" / "train"]
    for name, (low, high) in zip(thirds, [(0, 0.3), (0.3, 0.6), (0.6, 1)], strict=True):
        assert all(low <= validation_draw(source) < high for source in sources(name))
    merge(thirds, tmp_path / "c")
    assert verify(tmp_path / "c") == []
    assert sources(tmp_path / "c") == sources(finished)


def test_the_same_split_again_continues(finished, tmp_path):
    split(finished, tmp_path, validation=0.3)
    before = {path: path.read_bytes() for path in tmp_path.glob("*/0*")}
    (tmp_path / "validation" / "000001.json").unlink()
    split(finished, tmp_path, validation=0.3)
    assert {path: path.read_bytes() for path in tmp_path.glob("*/0*")} == before
    with pytest.raises(ValueError, match="another corpus"):
        split(finished, tmp_path, validation=0.5)


@pytest.mark.parametrize("share", [0, 1, -0.1, 5, 1e-6])
def test_a_share_that_leaves_a_side_empty(finished, tmp_path, share):
    with pytest.raises(ValueError, match="validation"):
        split(finished, tmp_path / "out", validation=share)
    assert not (tmp_path / "out").exists()


def test_a_picture_on_the_wrong_side_is_found(finished, tmp_path):
    split(finished, tmp_path, validation=0.3)
    side = tmp_path / "validation"
    rewrite(side, lambda key, members: members)
    assert kinds(side) == set()
    (there,) = [s for s in read_sidecars(side) if s.samples][:1]
    path = side / f"{there.shard}.json"
    train = (tmp_path / "train" / f"{there.shard}.json").read_bytes()
    wrong = json.loads(path.read_bytes())
    wrong["samples"].append(json.loads(train)["samples"][0])
    wrong["count"] += 1
    path.write_bytes(sealed_bytes(wrong))
    assert (there.shard, "", "side") in kinds(side)
