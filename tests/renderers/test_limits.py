from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from underpaint import renderers
from underpaint.renderers.limits import (
    check_canvas,
    check_choice,
    check_frames,
    check_quality,
    check_seed,
    check_share,
    check_strokes,
)


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (check_strokes, (1, 1000, 1_000_000, np.int64(7))),
        (check_quality, ("draft", "standard", "high")),
        (check_seed, (0, 2**63 - 1)),
        (check_frames, (2, 10**6)),
    ],
)
def test_what_can_be_painted_passes(check: Callable[[Any], None], values: tuple[Any, ...]) -> None:
    for value in values:
        check(value)


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (check_strokes, 0, "strokes=0 must be a whole number from 1 to 1000000"),
        (check_strokes, 1_000_001, "strokes=1000001 must be a whole number from 1 to 1000000"),
        (check_strokes, 2.5, "strokes=2.5"),
        (check_quality, "best", "unknown quality 'best'; use one of draft, standard, high"),
        (check_seed, -1, "seed=-1 must lie in 0"),
        (check_seed, 2**63, "seed=9223372036854775808"),
        (check_frames, 1, "frames=1: a process needs at least 2"),
    ],
)
def test_what_can_not_is_refused_by_name_and_value(check: Callable[[Any], None], value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(value)


def test_a_canvas_has_at_least_16_px_and_no_more_than_the_medium_takes() -> None:
    check_canvas(16, 16)
    check_canvas(16, 10**6)
    check_canvas(100, 100, longest=100)
    with pytest.raises(ValueError, match="15x20 px; both sides must have at least 16"):
        check_canvas(20, 15)
    with pytest.raises(ValueError, match=r"101x20 px; .* at most 100"):
        check_canvas(20, 101, longest=100)


def test_only_a_picture_that_is_kept_as_webp_has_a_longest_side() -> None:
    for name in renderers.names():
        medium = renderers.get_medium(name)
        assert medium.longest_side(medium.options()) == (16383 if name == "region" else None)
    region = renderers.get_medium("region")
    assert region.longest_side(region.options(fill="oil")) is None


def test_too_long_a_picture_is_refused_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers.get_medium("region"), "fit", lambda *_, **__: pytest.fail("it was fitted"))
    with pytest.raises(ValueError, match=r"16384x16 px.*at most 16383"):
        renderers.paint(np.zeros((16, 16384, 3), np.uint8), renderer="region")


def test_options_are_refused_by_name_and_value() -> None:
    check_share("impasto", 0.0)
    check_share("impasto", 1.0)
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=f"impasto={value} must lie in 0..1"):
            check_share("impasto", value)
    check_choice("order", "depth", ("depth", "saliency"))
    with pytest.raises(ValueError, match="order='random' must be one of depth, saliency"):
        check_choice("order", "random", ("depth", "saliency"))
