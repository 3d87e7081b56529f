import re
from typing import Literal

import pytest

from underpaint.commandline.checks import above, at_least, one_of, within, within_below


def test_values_that_will_do():
    at_least(1, steps=1, batch=7, workers=None)
    above(0, clip=1e-9, rate=None)
    within(0, 1, flip=0, share=1, other=None)
    within_below(0, 1, ema=0, beta=0.999, other=None)
    one_of(Literal["a", "b"], kind="b", other=None)
    one_of(("a",), kind="a")


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: at_least(1, batch=2, steps=0), "steps is 0: use 1 or more"),
        (lambda: at_least(1, steps=float("nan")), "steps is nan: use 1 or more"),
        (lambda: at_least(1, guidance=float("inf")), "guidance is inf: use 1 or more"),
        (lambda: above(0, clip=float("inf")), "clip is inf: use more than 0"),
        (lambda: above(0, clip=0), "clip is 0: use more than 0"),
        (lambda: above(0, clip=float("nan")), "clip is nan: use more than 0"),
        (lambda: within(0.1, 100, fps=0.0), "fps is 0.0: use 0.1 to 100"),
        (lambda: within(0, 1, share=1.1), "share is 1.1: use 0 to 1"),
        (lambda: within_below(0, 1, ema=1), "ema is 1: use 0 to less than 1"),
        (lambda: within_below(0, 1, ema=-0.1), "ema is -0.1: use 0 to less than 1"),
        (lambda: one_of(Literal["a", "b", "c"], kind="d"), "kind is 'd': use a, b or c"),
        (lambda: one_of(("a", "b"), kind="d"), "kind is 'd': use a or b"),
        (lambda: one_of(["large"], kind="Larg"), "kind is 'Larg': use large; did you mean large?"),
        (lambda: within(0, float("inf"), share=float("inf")), "share is inf: use 0 to inf"),
    ],
)
def test_others_are_refused_with_value_and_fix(check, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check()
