"""Limits on what a painting may be asked for. They hold for every picture, so a job can refuse a value at its start."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping

QUALITIES = ("draft", "standard", "high")
# Below this there is no room for strokes, and coarse canvases would be empty.
MIN_SIDE = 16
# Far beyond what anyone can tell apart, and 52 MB of program.
MAX_STROKES = 1_000_000
MAX_SEED = 2**63 - 1
# The blank ground and the finished picture.
MIN_FRAMES = 2


def check_strokes(strokes: int) -> None:
    """Raise ValueError unless `strokes`, the most marks of a painting, is a whole number in 1..MAX_STROKES."""
    if not isinstance(strokes, numbers.Integral) or not 1 <= strokes <= MAX_STROKES:
        raise ValueError(f"strokes={strokes} must be a whole number from 1 to {MAX_STROKES}")


def check_quality(quality: str) -> None:
    """Raise ValueError unless `quality` is one of QUALITIES."""
    if quality not in QUALITIES:
        raise ValueError(f"unknown quality {quality!r}; use one of {', '.join(QUALITIES)}")


def check_seed(seed: int) -> None:
    """Raise ValueError unless `seed` lies in 0..MAX_SEED."""
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed={seed} must lie in 0..2**63-1")


def check_frames(frames: int) -> None:
    """Raise ValueError unless `frames`, the moments of a process, is at least MIN_FRAMES.

    There is no upper limit: with more frames than strokes, moments repeat.
    """
    if frames < MIN_FRAMES:
        raise ValueError(
            f"frames={frames}: a process needs at least {MIN_FRAMES}, the blank ground and the finished picture"
        )


def check_canvas(height: int, width: int, longest: int | None = None) -> None:
    """Raise ValueError unless a picture of this size can be painted.

    Args:
        height: of the picture, in pixels; at least MIN_SIDE, as the width.
        width: of the picture, in pixels.
        longest: the longest side that the medium paints with its options, in pixels (`Medium.longest_side`); None is
            any.
    """
    if min(height, width) < MIN_SIDE:
        raise ValueError(f"the picture is {width}x{height} px; both sides must have at least {MIN_SIDE}")
    if longest is not None and max(height, width) > longest:
        raise ValueError(
            f"the picture is {width}x{height} px; with these options both sides may have at most {longest}"
        )


def check_share(name: str, value: float) -> None:
    """Raise ValueError unless the option called `name` lies in 0..1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name}={value} must lie in 0..1")


def check_habits(options: object, bounds: Mapping[str, tuple[float, float]]) -> None:
    """Raise ValueError unless each of these habits is None in the options, or from the least to the most it may be."""
    for name, (least, most) in bounds.items():
        value = getattr(options, name)
        if value is not None and not (math.isfinite(value) and least <= value <= most):
            raise ValueError(f"{name}={value} must be from {least:g} to {most:g}, or left out to be drawn")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise ValueError unless the option called `name` is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(choices)}")
