from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.evaluation.canvases import columns, save_frames, sheets
from underpaint.pipelines.evaluation.matching import Targets, fit, match
from underpaint.pipelines.evaluation.sequences import ProcessSource, View, find_processes

VIEW = View(size=32, aspect="keep", frames=64, threshold=0.06)


def named(name: str, source: str | None = None) -> ProcessSource:
    return ProcessSource(name=name, source=source or name, renderer=None, shots=lambda: iter(()), rests=False)


def test_a_single_reference_belongs_to_all() -> None:
    only = named("real")
    assert match(named("a"), [only]) is only


def test_references_match_by_key_then_source_then_file_name() -> None:
    ours = named("00000003-barn-oil", "red/barn.jpg")
    by_key, by_source, by_stem = (
        named("00000003-barn-oil", "x"),
        named("7-barn-oil", "red/barn.jpg"),
        named("barn.webp"),
    )
    other = named("cat.webp")
    assert match(ours, [by_stem, other, by_source, by_key]) is by_key
    assert match(ours, [by_stem, other, by_source]) is by_source
    assert match(ours, [by_stem, other]) is by_stem
    assert match(ours, [other, named("dog")]) is None


def test_two_references_of_one_picture_are_refused() -> None:
    with pytest.raises(ValueError, match=r"barn\.webp has 2 references: 1-barn-oil, 1-barn-ink"):
        match(named("barn.webp"), [named("1-barn-oil", "barn.jpg"), named("1-barn-ink", "barn.jpg")])


def test_corpora_of_the_same_pictures_match(corpus: Path, with_targets: Path) -> None:
    references = find_processes(with_targets)
    found = [match(process, references) for process in find_processes(corpus)]
    assert [other.source if other else None for other in found] == ["p0.png"] * 2 + ["p1.png"] * 2 + [None] * 2


def test_targets_by_name_or_one_for_all(with_targets: Path) -> None:
    processes = find_processes(with_targets)
    pictures = with_targets.parent / "pictures"
    folder, one, none = Targets(pictures), Targets(pictures / "p1.png"), Targets(None)
    own = [folder.of(process, View(size=32, aspect="square", frames=9, threshold=0), 32) for process in processes]
    assert all(picture is not None for picture in own)
    assert not np.array_equal(own[0], own[1])
    same = [one.of(process, VIEW, 32) for process in processes]
    assert np.array_equal(same[0], same[1])
    assert none.of(processes[0], VIEW, 32) is not None, "what the corpus stores"
    assert (folder.has(processes[0]), none.has(processes[0])) == (True, False)
    assert folder.of(named("other"), VIEW, 32) is None


def test_targets_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        Targets(tmp_path / "no.png")
    with pytest.raises(ValueError, match="holds no picture"):
        Targets(tmp_path)


def test_fit_only_rounds(tmp_path: Path) -> None:
    frames = columns(2, size=(32, 48))
    assert fit(frames, frames, "it") is frames
    assert fit(columns(2, size=(32, 47)), frames, "it").shape == frames.shape
    with pytest.raises(ValueError, match="it has other proportions, 40 x 32 against 48 x 32"):
        fit(columns(2, size=(32, 40)), frames, "it")


def test_references_are_read_at_the_size_of_the_process(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "large", columns(2, size=(96, 144)))
    reference = find_processes(folder)[0].read(View(size=32, aspect="keep", frames=9, threshold=0))
    assert fit(reference, sheets(0, 1, size=(32, 48)), "it") is reference
    assert Image.fromarray(reference[1]).size == (48, 32)
