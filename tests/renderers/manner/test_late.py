"""Late strokes go to where their region is painted, unless they lie on something that comes after it."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.manner.conftest import laid
from underpaint.renderers.manner.late import order_with_late
from underpaint.renderers.strokes.columns import A0, A1, BOW, CX, CY, EDGE, LENGTH, R0, R1
from underpaint.renderers.strokes.tiles import make_grid

MakeStroke = Callable[..., np.ndarray]
SIZE = (48, 96)


def order_of(strokes: list[np.ndarray], first: int, ends: list[int]) -> list[int]:
    return order_with_late(make_grid(*SIZE), np.stack(strokes), first, np.array(ends, np.int32)).tolist()


@pytest.fixture
def dabs(make_stroke: MakeStroke) -> list[np.ndarray]:
    """Four dabs from left to right, none on another."""
    return [make_stroke(cx=x, cy=24, length=6, r0=3, r1=3, theta=0) for x in (10, 34, 58, 82)]


def test_late_strokes_come_right_after_their_end_in_the_order_they_were_laid(
    dabs: list[np.ndarray], make_stroke: MakeStroke
) -> None:
    late = [make_stroke(cx=x, cy=6, length=4, r0=2, r1=2) for x in (10, 40, 70)]
    assert order_of(dabs + late, 4, [2, 0, 2]) == [0, 5, 1, 2, 4, 6, 3]


def test_a_late_stroke_stays_above_what_it_lies_on(dabs: list[np.ndarray]) -> None:
    assert order_of([*dabs, dabs[2]], 4, [0]) == [0, 1, 2, 4, 3]
    assert order_of([*dabs, dabs[0]], 4, [2]) == [0, 1, 2, 4, 3]


def test_late_strokes_stay_above_each_other(dabs: list[np.ndarray], make_stroke: MakeStroke) -> None:
    wide = make_stroke(cx=46, cy=24, length=20, r0=3, r1=3, theta=0)  # over the second and third
    assert order_of([*dabs, wide, dabs[1]], 4, [0, 0]) == [0, 1, 2, 4, 5, 3]


@pytest.mark.parametrize(("opacity", "stays"), [(0.02, False), (0.3, True)])
def test_what_shares_next_to_no_paint_may_change_places(
    dabs: list[np.ndarray], make_stroke: MakeStroke, opacity: float, stays: bool
) -> None:
    """Two marks of .02 on 50 px share .02 px of paint."""
    faint = make_stroke(cx=58, cy=24, length=6, r0=3, r1=3, theta=0, a0=opacity, a1=opacity)
    dabs[2] = faint
    assert order_of([*dabs, faint], 4, [0]) == ([0, 1, 2, 4, 3] if stays else [0, 4, 1, 2, 3])


def test_without_late_strokes_nothing_moves(dabs: list[np.ndarray]) -> None:
    assert order_of(dabs, 4, []) == [0, 1, 2, 3]


def test_all_may_be_late(dabs: list[np.ndarray]) -> None:
    assert order_of(dabs, 0, [0, 0, 0, 0]) == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(3))
def test_any_strokes_keep_their_order_and_nearly_their_canvas(
    random_strokes: Callable[..., np.ndarray], seed: int
) -> None:
    strokes = random_strokes(70, *SIZE, seed)
    strokes[:, [LENGTH, BOW, R0, R1, EDGE]] *= np.float32(0.5)
    ends = np.random.default_rng(seed).integers(0, 40, 30).astype(np.int32)
    order = order_with_late(make_grid(*SIZE), strokes, 40, ends)
    assert sorted(order.tolist()) == list(range(70))
    assert (np.diff(order[order < 40]) > 0).all()
    position = np.argsort(order)
    assert (position[40:] > position[ends]).all()
    assert position[40:].mean() < 50  # at the end they would be at 54.5
    off = np.abs(laid(strokes, *SIZE) - laid(strokes[order], *SIZE))
    assert off.mean() < 2e-4
    # Were they not kept above what they lie on, it would be another picture.
    after = np.arange(70)
    after[40:] = ends
    spoilt = laid(strokes[np.argsort(after, kind="stable")], *SIZE)
    assert np.abs(laid(strokes, *SIZE) - spoilt).mean() > 100 * off.mean()


def test_opacity_counts_and_not_the_outline_alone(dabs: list[np.ndarray], make_stroke: MakeStroke) -> None:
    """A stroke whose paint has run out at one end lies on nothing there."""
    fading = make_stroke(cx=46, cy=24, length=24, r0=3, r1=3, theta=0, a0=1, a1=0)
    dabs[2] = make_stroke(cx=60.5, cy=24, length=1, r0=1.5, r1=1.5, theta=0, a0=0.2, a1=0.2)
    assert fading[A0] > fading[A1]
    assert fading[CX] + fading[LENGTH] / 2 + fading[R1] > dabs[2][CX] - dabs[2][R0]
    assert dabs[2][CY] == fading[CY]
    assert order_of([*dabs, fading], 4, [0]) == [0, 1, 4, 2, 3]
