"""The hand goes block by block, place by place, stage by stage, and the canvas stays what it is."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.order.conftest import SIZE
from underpaint.renderers import Program
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.order.overlaps import Under, strokes_under
from underpaint.renderers.order.places import in_turn
from underpaint.renderers.order.tour import Tour, tour, with_all_above

MakeProgram = Callable[[str, int, int], Program]
SIDE = max(SIZE)


def under_of(below: list[list[int]]) -> Under:
    start = np.cumsum([0, *map(len, below)], dtype=np.int64)
    return Under(start, np.array([n for each in below for n in each], np.int32))


def free(count: int) -> Under:
    return under_of([[]] * count)


def dots(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strokes anywhere, in three blocks and two stages."""
    random = np.random.default_rng(seed)
    strokes = np.zeros((count, 13), np.float32)
    strokes[:, :2] = random.random((count, 2)) * (SIDE, SIDE)
    block, stage = (random.integers(0, top, count).astype(np.int32) for top in (3, 2))
    return strokes, block, stage


def runs(values: np.ndarray) -> int:
    return 1 + int((np.diff(values) != 0).sum())


def toured(count: int, seed: int, whole: bool = False) -> tuple[Tour, np.ndarray, np.ndarray, np.ndarray]:
    strokes, block, stage = dots(count, seed)
    found = tour(strokes, free(count), SIDE, block, stage, np.full(count, whole), 0.3)
    assert sorted(found.order.tolist()) == list(range(count))
    return found, strokes, block, stage


def test_blocks_places_and_stages_come_in_turn_and_each_once() -> None:
    found, strokes, block, stage = toured(200, 1)
    order, place = found.order, found.place[found.order]
    assert (np.diff(block[order]) >= 0).all()
    assert (np.diff(place) >= 0).all()
    assert runs(place) == len(set(place.tolist())) > 20
    for number in range(place.max() + 1):
        here = order[place == number]
        assert (np.diff(stage[here]) >= 0).all()
        assert (np.ptp(strokes[here, :2], axis=0) <= 0.3 * SIDE).all()
        assert len(set(block[here].tolist())) == 1
    assert hop_ratio(strokes[order]) < 0.35 < 0.9 < hop_ratio(strokes)


def test_the_next_place_is_the_nearest() -> None:
    found, strokes, block, _ = toured(200, 2)
    middles = np.array([strokes[found.place == n, :2].mean(axis=0) for n in range(found.place.max() + 1)])
    of_block = np.array([block[found.place == n][0] for n in range(len(middles))])
    for n in range(1, len(middles)):
        others = [m for m in range(n, len(middles)) if of_block[m] == of_block[n]]
        ways = np.abs(middles[others] - middles[n - 1]).sum(axis=1)
        assert ways[0] <= ways.min() + 1e-3


def test_a_hand_that_wanders_goes_on_in_any_place_of_the_block() -> None:
    strokes, block, stage = dots(200, 2)
    whole = np.zeros(200, np.bool_)
    found = {
        (wander, seed): tour(strokes, free(200), SIDE, block, stage, whole, 0.3, wander=wander, seed=seed).order
        for wander in (0.0, 0.5, 1.0)
        for seed in (0, 1)
    }
    for order in found.values():
        assert sorted(order.tolist()) == list(range(200))
        assert (np.diff(block[order]) >= 0).all()
    np.testing.assert_array_equal(found[0.0, 0], found[0.0, 1])
    assert not np.array_equal(found[1.0, 0], found[1.0, 1])
    none, some, always = (hop_ratio(strokes[found[wander, 0]]) for wander in (0.0, 0.5, 1.0))
    assert none < some < always < 0.6


def test_a_whole_block_is_one_place() -> None:
    found, _, block, _ = toured(60, 3, whole=True)
    np.testing.assert_array_equal(found.place, block)


def test_only_the_blocks_that_are_named_stay_whole() -> None:
    strokes, block, stage = dots(120, 4)
    place = tour(strokes, free(120), SIDE, block, stage, block == 1, 0.3).place
    assert len(set(place[block == 1].tolist())) == 1
    assert all(len(set(place[block == number].tolist())) > 5 for number in (0, 2))


def test_what_lies_under_comes_first_whatever_its_block() -> None:
    strokes, block, stage = np.zeros((4, 13), np.float32), np.array([2, 1, 0, 0], np.int32), np.zeros(4, np.int32)
    strokes[:, 0] = [50, 40, 30, 5]
    # 2 lies on 1, which lies on 0; 3 is free, and next to where the hand begins.
    found = tour(strokes, under_of([[], [0], [1], []]), SIDE, block, stage, np.ones(4, np.bool_), 0.2)
    assert found.order.tolist() == [3, 0, 1, 2]
    assert found.place.tolist() == [2, 1, 0, 0]


@pytest.mark.parametrize("medium", ["bezier", "oil"])
def test_the_canvas_is_equal_to_the_byte_and_only_what_lies_under_is_out_of_turn(
    make_program: MakeProgram, medium: str
) -> None:
    program = make_program(medium, 60, 5)
    _, block, stage = dots(60, 6)
    under = strokes_under(program.strokes, *SIZE)
    order = tour(program.strokes, under, SIDE, block, stage, np.zeros(60, np.bool_), 0.3).order
    assert sorted(order.tolist()) == list(range(60))
    assert order.tolist() != list(range(60))
    other = Program(**{**vars(program), "strokes": program.strokes[order], "phase": None})
    np.testing.assert_array_equal(other.replay(), program.replay())
    for at, stroke in enumerate(order):
        if (block[order[at:]] < block[stroke]).any():
            above = with_all_above(under, np.arange(60) == stroke)
            assert block[above].min() < block[stroke]


def test_all_that_lies_on_a_stroke_waits_with_it() -> None:
    under = under_of([[], [0], [], [1, 2], [2]])
    picked = np.array([False, True, False, False, False])
    assert with_all_above(under, picked).tolist() == [False, True, False, True, False]
    assert picked.tolist() == [False, True, False, False, False]
    assert not with_all_above(under, np.zeros(5, np.bool_)).any()


def test_what_waits_can_be_painted_last(make_program: MakeProgram) -> None:
    program = make_program("bezier", 60, 7)
    waiting = with_all_above(strokes_under(program.strokes, *SIZE), np.arange(60) % 13 == 5)
    assert 5 <= waiting.sum() < 60
    order = np.argsort(waiting, kind="stable")
    other = Program(**{**vars(program), "strokes": program.strokes[order], "phase": None})
    np.testing.assert_array_equal(other.replay(), program.replay())


def test_places_are_numbered_as_they_come() -> None:
    assert in_turn(np.array([7, 7, 2, 7, 9, 2], np.int32)).tolist() == [0, 0, 1, 0, 2, 1]
    assert in_turn(np.zeros(0, np.int32)).shape == (0,)


def test_no_strokes_have_no_tour() -> None:
    found, *_ = toured(0, 0)
    assert found.place.shape == (0,)
