"""Habits of an ink painter: what varies from sheet to sheet."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

import numpy as np

from underpaint.renderers.limits import check_choice, check_habits
from underpaint.renderers.seeds import manner_seed

InkManner = Literal["painter", "layers"]
WashedWith = Literal["place", "region"]

# The least and the most that each may be, and those between which it is drawn: one fixed recipe is a signature that a
# model would learn. With any of them most sheets go the way of people's.
_BOUNDS: dict[str, tuple[float, float]] = {
    "place": (0.05, 1.0),
    "detail": (0.1, 10.0),
    "drawing": (0.0, 1.0),
    "glaze": (0.0, 1.0),
}
_DRAWN: dict[str, tuple[float, float]] = {"place": (0.16, 0.34), "drawing": (0.1, 0.5), "glaze": (0.15, 0.35)}
_DETAILS = (0.5, 1.0, 1.5)
_HABITS = (*_BOUNDS, "washing")


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkMannerOptions:
    """In which order the marks of a finished sheet are laid. Habits that aren't given are drawn from the seed.

    Attributes:
        manner: `painter` finishes one place after the other, near to far, each with lines, texture and washes, and lays
            the colours over all; `layers` lays all lines, then all texture, all washes, all colours.
        place: Habit of `painter`: the size of a place that is finished before the next, in sides of the picture.
        detail: Habit of `painter`: how finely the picture is cut into regions; 1 is objects and their parts.
        drawing: Habit of `painter`: the share of the lines that are drawn before anything else.
        washing: Habit of `painter`: whether each `place` is washed once it is drawn, or each `region`.
        glaze: Habit of `painter`: of the washes the share, the broadest, that wait for the end where they reach over
            what lies beside their region.
    """

    manner: InkManner = "painter"
    place: float | None = None
    detail: float | None = None
    drawing: float | None = None
    washing: WashedWith | None = None
    glaze: float | None = None

    def __post_init__(self) -> None:
        check_choice("manner", self.manner, get_args(InkManner))
        given = [name for name in _HABITS if getattr(self, name) is not None]
        if self.manner == "layers" and given:
            what = f"{given[0]}={getattr(self, given[0])}"
            raise ValueError(f"{what} is a habit of the manner painter, not of layers: leave one of the two out")
        if self.washing is not None:
            check_choice("washing", self.washing, get_args(WashedWith))
        check_habits(self, _BOUNDS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkHabits:
    """The habits that a sheet is painted with; see `InkMannerOptions`."""

    place: float
    detail: float
    drawing: float
    washing: WashedWith
    glaze: float

    @classmethod
    def of(cls, options: InkMannerOptions, seed: int) -> InkHabits:
        """Return the habits that are given, and those drawn from the painting's seed where none is."""
        random = np.random.default_rng(manner_seed(seed, "habits"))
        # All are drawn, so that fixing one leaves the others as they are; rounded, to be read by people.
        drawn: dict[str, float | str] = {name: round(random.uniform(*ends), 3) for name, ends in _DRAWN.items()}
        drawn["detail"] = _DETAILS[random.integers(len(_DETAILS))]
        drawn["washing"] = get_args(WashedWith)[random.integers(len(get_args(WashedWith)))]
        given = {name: getattr(options, name) for name in _HABITS}
        return cls(**drawn | {name: value for name, value in given.items() if value is not None})
