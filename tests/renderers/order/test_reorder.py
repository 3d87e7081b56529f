"""Finished programs in the order in which people paint."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.pictures import load_picture
from tests.renderers.order.conftest import SIZE
from underpaint.renderers import Program, paint
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.order.reorder import can_be_reordered, reordered
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.strokes.columns import CX

MakeProgram = Callable[[str, int, int], Program]


def halves(front_is_left: bool) -> Scene:
    """A left and a right half; one of them is the subject."""
    labels = np.zeros(SIZE, np.int32)
    labels[:, SIZE[1] // 2 :] = 1
    order = np.array([1, 0] if front_is_left else [0, 1], np.int32)
    return Scene(labels=labels, order=order, subject=order == order[1], saliency=np.zeros(SIZE, np.float32))


def in_phases(program: Program) -> Program:
    phase = (np.arange(len(program)) * 3 // len(program)).astype(np.uint8)
    return Program(**{**vars(program), "phases": ("layout", "shapes", "details"), "phase": phase})


@pytest.mark.parametrize("medium", ["bezier", "oil"])
def test_the_canvas_is_equal_and_every_stroke_is_there_once(make_program: MakeProgram, medium: str) -> None:
    program = in_phases(make_program(medium, 80, 3))
    other = Program.of(reordered(program, halves(front_is_left=True)))
    np.testing.assert_array_equal(other.replay(), program.replay())
    rows = sorted((*stroke, phase) for stroke, phase in zip(program.strokes.tolist(), program.phase, strict=True))
    assert rows == sorted((*stroke, phase) for stroke, phase in zip(other.strokes.tolist(), other.phase, strict=True))
    assert hop_ratio(other.strokes) < 0.8 * hop_ratio(program.strokes)


def small(program: Program) -> Program:
    """Hardly any stroke lies on another, so that nothing keeps them from their order."""
    strokes = program.strokes.copy()
    strokes[:, 3:7] *= np.float32(0.1)
    strokes[:, 12] = 0
    return in_phases(Program(**{**vars(program), "strokes": strokes}))


@pytest.mark.parametrize("front_is_left", [True, False])
def test_regions_are_painted_from_the_back_to_the_front_and_blocked_in_first(
    make_program: MakeProgram, front_is_left: bool
) -> None:
    found = reordered(small(make_program("bezier", 60, 1)), halves(front_is_left))
    left = found.strokes[:, CX] < SIZE[1] / 2
    assert np.mean(np.flatnonzero(left)) > np.mean(np.flatnonzero(~left)) or not front_is_left
    region = found.arrays["region"]
    assert (np.diff(region) < 0).mean() < 0.05
    assert (left == (region == front_is_left)).mean() > 0.9
    first = found.phase[region == 0]
    assert (first[: np.sum(first == 0)] == 0).mean() > 0.9


def test_places_are_told_in_turn_and_are_as_small_as_asked(make_program: MakeProgram) -> None:
    program = small(make_program("bezier", 90, 2))
    counts = []
    for size in (0.2, 0.5, 1.0):
        place = reordered(program, halves(front_is_left=True), size).arrays["place"]
        _, first = np.unique(place, return_index=True)
        assert (np.diff(first) > 0).all()
        counts.append(len(first))
    assert counts[0] > counts[1] > counts[2] == 4  # two regions, each blocked in and then painted over


def test_media_of_phases_keep_them_and_go_from_the_front_to_the_back(
    make_program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = small(make_program("bezier", 60, 1))
    medium = type("Phased", (), {"reorder": "phases"})
    monkeypatch.setattr("underpaint.renderers.order.reorder.get_medium", lambda name: medium)
    found = reordered(program, halves(front_is_left=True))
    assert (np.diff(found.phase.astype(int)) >= 0).all()
    for phase in range(3):
        left = found.strokes[found.phase == phase, CX] < SIZE[1] / 2
        assert np.mean(np.flatnonzero(left)) < np.mean(np.flatnonzero(~left))


def test_ink_ends_in_the_same_sheet_to_rounding() -> None:
    """A line leaves ink at its corners, beyond what its stroke covers; there it may mix in another order."""
    picture = load_picture("flower", (48, 60))
    program = paint(picture, renderer="ink", strokes=80, quality="draft", manner="layers").program
    scene = Scene(
        labels=(np.arange(60) > 30).astype(np.int32)[None].repeat(48, axis=0),
        order=np.array([0, 1], np.int32),
        subject=np.array([False, True]),
        saliency=np.zeros((48, 60), np.float32),
    )
    found = Program.of(reordered(program, scene))
    assert np.abs(found.replay().astype(int) - program.replay()).max() <= 1
    assert (np.diff(found.phase.astype(int)) >= 0).all()
    assert hop_ratio(found.strokes) < hop_ratio(program.strokes)


def test_what_has_an_order_of_its_own_keeps_it(make_program: MakeProgram) -> None:
    program = make_program("bezier", 30, 0)
    assert can_be_reordered(program)
    assert not can_be_reordered(Program.of(reordered(program, halves(front_is_left=True))))
    assert not can_be_reordered(Program(**{**vars(program), "medium": "region"}))


def test_a_program_without_strokes_stays_one(make_program: MakeProgram) -> None:
    assert len(reordered(make_program("bezier", 0, 0), halves(front_is_left=True))) == 0
