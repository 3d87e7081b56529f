"""The hand goes group by group and to the nearest next, as far as what lies under what allows."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.order.conftest import SIZE
from underpaint.renderers import Program
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.order.overlaps import Under, strokes_under
from underpaint.renderers.order.places import cut_into_places
from underpaint.renderers.order.schedule import schedule

MakeProgram = Callable[[str, int, int], Program]


def under_of(below: list[list[int]]) -> Under:
    start = np.cumsum([0, *map(len, below)], dtype=np.int64)
    return Under(start, np.array([n for each in below for n in each], np.int32))


def free(count: int) -> Under:
    return under_of([[]] * count)


def on_a_line(*places: float) -> np.ndarray:
    return np.array([[x, 0] for x in places], np.float32)


def test_groups_come_in_turn_and_the_nearest_next() -> None:
    centres = on_a_line(0.1, 0.9, 0.5, 0.3, 0.7, 0.2)
    group = np.array([0, 0, 0, 1, 1, 1], np.int32)
    assert schedule(centres, group, free(6)).tolist() == [0, 2, 1, 4, 3, 5]


def test_what_lies_under_a_stroke_is_painted_before_it_whatever_its_group() -> None:
    centres, group = on_a_line(0.1, 0.9, 0.5), np.array([1, 1, 0], np.int32)
    # 2 lies on 1, which lies on 0.
    assert schedule(centres, group, under_of([[], [0], [1]])).tolist() == [0, 1, 2]


def test_a_stroke_that_waits_for_none_goes_before_a_nearer_one_that_does() -> None:
    centres, group = on_a_line(0.9, 0.0, 0.1), np.array([1, 0, 0], np.int32)
    assert schedule(centres, group, under_of([[], [0], []])).tolist() == [2, 0, 1]
    assert schedule(centres, group, free(3)).tolist() == [1, 2, 0]


def test_a_stroke_waits_no_longer_once_what_lies_under_it_is_painted() -> None:
    centres, group = on_a_line(0.0, 0.05, 0.1), np.zeros(3, np.int32)
    assert schedule(centres, group, under_of([[], [0], []])).tolist() == [0, 1, 2]


@pytest.mark.parametrize("medium", ["bezier", "oil"])
def test_a_program_in_order_is_a_permutation_with_the_same_canvas(make_program: MakeProgram, medium: str) -> None:
    for seed in range(3):
        program = make_program(medium, 90, seed)
        strokes = program.strokes
        centres = strokes[:, :2] / np.float32(max(SIZE))
        group = cut_into_places(centres, (strokes[:, 0] > 30).astype(np.int32), 0.4)
        order = schedule(centres, group, strokes_under(strokes, *SIZE))
        assert sorted(order.tolist()) == list(range(90))
        assert order.tolist() != list(range(90))
        other = Program(**{**vars(program), "strokes": strokes[order], "phase": None})
        np.testing.assert_array_equal(other.replay(), program.replay())


def test_ten_thousand_strokes_take_no_time(random_strokes: Callable[..., np.ndarray]) -> None:
    strokes = random_strokes(10_000, 1024, 1024, 1)
    strokes[:, 3:7] *= np.float32(0.1)
    strokes[:, 12] = 0
    centres = strokes[:, :2] / np.float32(1024)
    under, group = strokes_under(strokes, 1024, 1024), cut_into_places(centres, np.zeros(len(centres), np.int32), 0.2)
    schedule(centres, group, under)
    start = time.process_time()
    order = schedule(centres, group, under)
    assert time.process_time() - start < 2  # 0.02 s; were all strokes looked at for each, 0.2 s
    assert sorted(order.tolist()) == list(range(len(strokes)))
    assert hop_ratio(strokes[order]) < 0.2 < 0.9 < hop_ratio(strokes)


def test_no_strokes_have_no_order() -> None:
    assert schedule(np.zeros((0, 2), np.float32), np.zeros(0, np.int32), free(0)).shape == (0,)
