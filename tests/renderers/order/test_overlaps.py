"""What lies right under a stroke is found, and all that an order must keep is that."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.order.conftest import SIZE
from underpaint.renderers import Program
from underpaint.renderers.order.overlaps import Under, strokes_under

MakeStroke = Callable[..., np.ndarray]
MakeProgram = Callable[[str, int, int], Program]


def lists(under: Under) -> list[list[int]]:
    return [
        sorted(under.stroke[first:last].tolist()) for first, last in zip(under.start, under.start[1:], strict=False)
    ]


def any_order(under: Under, seed: int) -> np.ndarray:
    """An order that `under` allows and that is random otherwise."""
    random, left, order = np.random.default_rng(seed), lists(under), []
    waiting = set(range(len(left)))
    while waiting:
        ready = [n for n in sorted(waiting) if not waiting.intersection(left[n])]
        order.append(int(random.choice(ready)))
        waiting.remove(order[-1])
    return np.array(order)


def test_only_what_lies_right_under_is_named(make_stroke: MakeStroke) -> None:
    apart, deep, middle, top = (make_stroke(cx=x, cy=20, length=6, r0=3, r1=3, theta=0) for x in (50, 20, 20, 20))
    beside = make_stroke(cx=29, cy=20, length=6, r0=3, r1=3, theta=0)
    found = strokes_under(np.stack([apart, deep, middle, top, beside]), *SIZE)
    # `middle` hides `deep` from `top`; `beside` meets the three where only `top` is seen.
    assert lists(found) == [[], [], [1], [2], [3]]


@pytest.mark.parametrize("medium", ["bezier", "oil"])
def test_the_canvas_is_equal_to_the_byte_in_any_order_that_keeps_it(make_program: MakeProgram, medium: str) -> None:
    for seed in range(3):
        program = make_program(medium, 70, seed)
        order = any_order(strokes_under(program.strokes, *SIZE), seed)
        assert (np.diff(order) < 0).sum() > 20
        other = Program(**{**vars(program), "strokes": program.strokes[order], "phase": None})
        np.testing.assert_array_equal(other.replay(), program.replay())


def test_some_stroke_follows_each_that_it_covers(make_program: MakeProgram) -> None:
    """Were a pair missing, the test above would need luck to see it: here each pair is tried."""
    program = make_program("bezier", 14, 7)
    under = lists(strokes_under(program.strokes, *SIZE))
    for n, below in enumerate(under):
        for m in below:
            pair = program.strokes[[m, n]]
            one, other = (Program(**{**vars(program), "strokes": both, "phase": None}) for both in (pair, pair[::-1]))
            assert (one.replay() != other.replay()).any(), (m, n)


def test_no_strokes_and_strokes_beside_the_canvas(make_stroke: MakeStroke) -> None:
    assert lists(strokes_under(np.zeros((0, 13), np.float32), *SIZE)) == []
    away = make_stroke(cx=-300, cy=-300)
    assert lists(strokes_under(np.stack([away, away]), *SIZE)) == [[], []]
