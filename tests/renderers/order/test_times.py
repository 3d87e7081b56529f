"""How long strokes take."""

from collections.abc import Callable

import numpy as np
import pytest

from underpaint.renderers import Program
from underpaint.renderers.order.times import stroke_times

MakeStroke = Callable[..., np.ndarray]

SIDE = 100


@pytest.fixture
def program(make_stroke: MakeStroke) -> Program:
    """A dot, a line and a broad stroke, 50 px and then none apart."""
    dot = make_stroke(cx=10, cy=10, length=0, r0=1, r1=1)
    line = make_stroke(cx=60, cy=10, length=38, r0=1, r1=1)
    broad = make_stroke(cx=60, cy=10, length=20, r0=10, r1=10)
    return Program(
        medium="bezier", size=(80, SIDE), ground=np.ones(3, np.float32), strokes=np.stack([dot, line, broad])
    )


def of_phases(program: Program, shares: list[float], phase: list[int]) -> Program:
    names = tuple("abc"[: len(shares)])
    changes = {"phases": names, "phase": np.array(phase, np.uint8), "arrays": {"time": np.array(shares, np.float32)}}
    return Program(**{**vars(program), **changes})


def test_times_are_the_formula(program: Program) -> None:
    dot, line, broad = stroke_times(program)
    assert dot == pytest.approx(0.02 + 0.25 * 0.02 + 4 * 0.02 * 0.02)
    assert line == pytest.approx(0.02 + 0.25 * 0.4 + 4 * 0.4 * 0.02 + 0.1 * 0.5)
    assert broad == pytest.approx(0.02 + 0.25 * 0.4 + 4 * 0.4 * 0.2)


def test_there_is_a_pause_where_the_place_changes(program: Program) -> None:
    plain = stroke_times(program)
    np.testing.assert_allclose(stroke_times(program, np.array([4, 4, 1])) - plain, [0, 0, 0.08])
    told = Program(**{**vars(program), "arrays": {"place": np.array([0, 1, 1])}})
    np.testing.assert_allclose(stroke_times(told) - plain, [0, 0.08, 0])


def test_the_size_of_the_canvas_makes_no_difference(program: Program) -> None:
    larger = Program(**{**vars(program), "size": (160, 2 * SIDE), "strokes": program.strokes_on(160, 2 * SIDE)})
    np.testing.assert_allclose(stroke_times(larger), stroke_times(program), rtol=1e-6)


def test_phases_take_the_share_of_the_time_that_they_are_given(program: Program) -> None:
    plain, times = stroke_times(program), stroke_times(of_phases(program, [0.5, 0, 0], [0, 1, 2]))
    assert times[0] / times.sum() == pytest.approx(0.5)
    # What has no share keeps its own times.
    np.testing.assert_allclose(times[1:], plain[1:])


def test_strokes_of_a_phase_share_its_time_as_before(program: Program) -> None:
    plain, times = stroke_times(program), stroke_times(of_phases(program, [0.75, 0.25], [0, 0, 1]))
    assert times[:2].sum() / times.sum() == pytest.approx(0.75)
    assert times[1] / times[0] == pytest.approx(plain[1] / plain[0])


def test_a_phase_without_strokes_takes_no_time(program: Program) -> None:
    times = stroke_times(of_phases(program, [0.6, 0.4, 0], [2, 2, 2]))
    np.testing.assert_allclose(times, stroke_times(program))


@pytest.mark.filterwarnings("error")
def test_nothing_takes_no_time(program: Program) -> None:
    nothing = Program(**{**vars(program), "strokes": program.strokes[:0], "phase": None})
    # A white picture on white paper, in the painter's manner, takes no stroke.
    for blank in (nothing, of_phases(nothing, [0.5, 0.3], [])):
        assert stroke_times(blank).shape == (0,)
