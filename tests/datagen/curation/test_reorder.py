import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.datagen.helpers import answer, kinds, quietly, rewrite_one, second_medium, tar_bytes
from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.curation.reorder import reorder
from underpaint.datagen.curation.split import split
from underpaint.datagen.storage.store import Store
from underpaint.datagen.trust.recipe import command_of, maker_of
from underpaint.datagen.trust.repair import repair
from underpaint.datagen.trust.verify import verify
from underpaint.renderers.order.hops import hop_ratio


@pytest.fixture(scope="module")
def by_error(configure, tmp_path_factory):
    """A corpus of ten pictures, each in bezier by error and in charcoal, with targets; not to be changed."""
    out = tmp_path_factory.mktemp("by-error") / "corpus"
    options = {"bezier": renderers.options_class("bezier")(manner="error")}
    with second_medium():
        assert quietly(
            configure(out, renderer="bezier,charcoal", options=options, store_target=True, strokes=60, schedule="error")
        ).complete
    return out


@pytest.fixture(scope="module")
def in_order(by_error, tmp_path_factory):
    """The same, reordered; not to be changed."""
    out = tmp_path_factory.mktemp("in-order") / "corpus"
    with second_medium():
        done = reorder(by_error, out)
    assert (done.sums.total.samples, done.unchanged) == (20, 10)
    return out


def pairs(before: Path, after: Path, renderer: str = "bezier"):
    whole = {sample.entry.key: sample for sample in Corpus(before)}
    return [(whole[s.entry.key], s) for s in Corpus(after) if s.entry.renderer == renderer]


def test_finished_pictures_stay_and_the_hand_goes_less_far(by_error, in_order):
    ratios = []
    for old, new in pairs(by_error, in_order):
        np.testing.assert_array_equal(new.frames()[-1], old.frames()[-1])
        ratios.append((hop_ratio(old.program().strokes), hop_ratio(new.program().strokes)))
    assert len(ratios) == 10
    assert np.mean(ratios, axis=0)[1] < 0.8 * np.mean(ratios, axis=0)[0]


def test_all_else_that_is_said_of_a_picture_stays(by_error, in_order):
    changed = {"schedule", "frames", "about"}
    for old, new in pairs(by_error, in_order):
        before, after = old.record(), new.record()
        assert {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)} == changed
        assert old.member("target.webp") == new.member("target.webp")
        assert list(new.entry.members) == list(old.entry.members)
        assert (after["schedule"], len(after["frames"])) == ("change", len(before["frames"]))
        assert after["frames"][2]["place"] >= 0
        fingerprint = json.loads((by_error / "job.json").read_bytes())["fingerprint"]
        assert after["about"]["reordered"] == {"from": fingerprint, "version": renderers.PAINTING_VERSION}


def test_it_is_a_corpus_to_be_verified_split_and_merged(in_order, charcoal, tmp_path):
    assert verify(in_order) == []
    split(in_order, tmp_path, validation=0.3)
    merge([tmp_path / "train", tmp_path / "validation"], tmp_path / "merged")
    for name in ("train", "validation", "merged"):
        assert verify(tmp_path / name) == [], name


def test_media_without_another_order_are_copied(by_error, in_order):
    for old, new in pairs(by_error, in_order, "charcoal"):
        for extension in old.entry.members:
            assert new.member(extension) == old.member(extension)


def test_merged_and_divided_corpora_are_reordered_too(by_error, charcoal, tmp_path):
    split(by_error, tmp_path, validation=0.3)
    merge([tmp_path / "train", tmp_path / "validation"], tmp_path / "merged")
    done = reorder(tmp_path / "merged", tmp_path / "new")
    assert verify(tmp_path / "new") == []
    # Both sides have all pictures' numbers, but only their own samples.
    assert (done.sums.total.samples, done.unchanged) == (20, 10)


def test_the_same_command_continues_and_gives_the_same_bytes(by_error, in_order, charcoal, tmp_path):
    shutil.copytree(in_order, tmp_path / "copy")
    for name in ("000001.json", "000001.tar", "000002.json", "manifest.json"):
        (tmp_path / "copy" / name).unlink()
    written: list[str] = []
    done = reorder(by_error, tmp_path / "copy", on_shard=written.append)
    assert written == ["000001", "000002"]
    assert done.unchanged == 10
    assert tar_bytes(tmp_path / "copy") == tar_bytes(in_order)
    with pytest.raises(ValueError, match="holds another corpus: use another --out"):
        reorder(by_error, tmp_path / "copy", place=0.3)


def test_without_targets_only_the_psnr_of_the_last_frame_is_known(by_error, configure, tmp_path):
    options = {"bezier": renderers.options_class("bezier")(manner="error")}
    quietly(configure(tmp_path / "old", options=options))
    reorder(tmp_path / "old", tmp_path / "new", schedule="time")
    for old, new in pairs(tmp_path / "old", tmp_path / "new"):
        psnrs = [frame["psnr"] for frame in new.record()["frames"]]
        assert psnrs == [None] * 4 + [old.entry.psnr]
        assert new.entry.psnr == old.entry.psnr
    assert verify(tmp_path / "new") == []


def test_it_cannot_be_painted_again_but_says_how_it_was_made(in_order, charcoal, tmp_path):
    job = json.loads((in_order / "job.json").read_bytes())
    with pytest.raises(ValueError, match=r"was reordered from .*corpus: repair that one, and run"):
        maker_of(job, Store(str(tmp_path)))
    copy = Path(shutil.copytree(in_order, tmp_path / "copy"))
    with pytest.raises(ValueError, match="was reordered from"):
        repair(copy, ["000000"])
    command = command_of(job)
    assert command is not None
    assert command.endswith("&& underpaint-data reorder corpus --out reordered --place 0.2")


def test_a_sample_with_another_schedule_than_the_job_says_is_a_fault(by_error, charcoal, tmp_path):
    out = tmp_path / "new"
    reorder(by_error, out, schedule="time")
    assert verify(out) == []
    key = next(sample.entry.key for sample in Corpus(out) if sample.entry.renderer == "bezier")
    rewrite_one(out, key, json=lambda data: data.replace(b'"schedule": "time"', b'"schedule": "error"'))
    assert kinds(out) == {("000000", key, "json")}


def test_what_holds_no_strokes_to_reorder_is_refused_in_a_line(recorded, in_order, charcoal, configure, tmp_path):
    with pytest.raises(
        ValueError, match=r"holds recorded, but only bezier, .*oil.* have strokes that can be reordered"
    ):
        reorder(recorded, tmp_path / "new")
    quietly(configure(tmp_path / "painter", renderer="bezier", strokes=20))
    with pytest.raises(ValueError, match=r"holds bezier, but only .*, and not those in the manner painter"):
        reorder(tmp_path / "painter", tmp_path / "new")
    with pytest.raises(ValueError, match="was reordered already: reorder the corpus that it comes from"):
        reorder(in_order, tmp_path / "new")
    for place in (0, 1.5, float("nan")):
        with pytest.raises(ValueError, match=rf"place is {place}: give a share"):
            reorder(in_order, tmp_path / "new", place=place)
    assert not (tmp_path / "new").exists()


def test_damaged_strokes_are_named_with_their_sample(by_error, charcoal, tmp_path):
    copy = Path(shutil.copytree(by_error, tmp_path / "copy"))
    key = next(sample.entry.key for sample in Corpus(copy) if sample.entry.renderer == "bezier")
    rewrite_one(copy, key, strokes_npz=lambda data: data[:-100])
    with pytest.raises(ValueError, match=f"the strokes of {key} are damaged .*: verify the corpus"):
        reorder(copy, tmp_path / "new")


def test_the_command_says_what_it_did(by_error, charcoal, tmp_path, capsys):
    said = answer(capsys, "reorder", by_error, "--out", tmp_path / "new", "--place", 0.3, "--workers", 0)
    assert "10 of 20 samples reordered; 10 have no other order, and are as they were" in said
