"""PainterHabits: what a painter varies from picture to picture within one manner."""

from __future__ import annotations

import dataclasses
import numbers
from typing import Literal

import numpy as np

from underpaint.renderers.limits import check_choice, check_habits
from underpaint.renderers.seeds import manner_seed

Manner = Literal["painter", "error"]
MANNERS: tuple[Manner, ...] = ("painter", "error")

# The least and the most that each may be, and those between which it is drawn: one fixed recipe is a signature that a
# model would learn. Each was tried alone on photographs and costs no fidelity within its bounds.
_BOUNDS: dict[str, tuple[float, float]] = {
    "margin": (0.0, 0.3),
    "place": (0.05, 1.0),
    "wander": (0.0, 1.0),
    "detail": (0.1, 10.0),
    "accents": (0.0, 0.2),
    "drawing": (0.0, 0.5),
}
_DRAWN: dict[str, tuple[float, float]] = {
    "margin": (0.03, 0.10),
    "place": (0.12, 0.35),
    "wander": (0.0, 1.0),
    "accents": (0.0, 0.08),
    "drawing": (0.08, 0.22),
}
_HABITS = (*_BOUNDS, "planes")
_DETAILS = (0.5, 1.0, 1.5)
# Each region in turn (0), or all that lies at one depth together. To block in the whole picture before anything is
# modelled is rare: more is painted twice then than people do.
_PLANES = (1, 2, 2, 3, 3, 4, 0, 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MannerOptions:
    """In which order a medium paints. Habits that aren't given are drawn for each picture from its seed.

    Attributes:
        manner: `painter` draws, blocks in flat colours back to front, models one place after the other and sets accents
            last; `error` paints whatever helps most, everywhere at once, coarse to fine.
        planes: Habit of `painter`: how many planes, one behind the other, are blocked in and then modelled; 0 for each
            region in turn.
        margin: Habit of `painter`: how far a flat colour runs under what is painted after it, in sides of the picture.
        place: Habit of `painter`: the size of a place that is finished before the next, in sides of the picture.
        wander: Habit of `painter`: how often the hand goes on in any place of what it is at, and not in the nearest.
        detail: Habit of `painter`: how finely the picture is cut into regions; 1 is objects and their parts.
        accents: Habit of `painter`: the share of the strokes that wait for the end, where one looks first.
        drawing: Habit of `painter`: the share of the time that the drawing takes, with `--schedule time`.
    """

    manner: Manner = "painter"
    planes: int | None = None
    margin: float | None = None
    place: float | None = None
    wander: float | None = None
    detail: float | None = None
    accents: float | None = None
    drawing: float | None = None

    def __post_init__(self) -> None:
        check_choice("manner", self.manner, MANNERS)
        given = [name for name in _HABITS if getattr(self, name) is not None]
        if self.manner == "error" and given:
            what = f"{given[0]}={getattr(self, given[0])}"
            raise ValueError(f"{what} is a habit of the manner painter, not of error: leave one of the two out")
        if self.planes is not None and not (isinstance(self.planes, numbers.Integral) and self.planes >= 0):
            raise ValueError(f"planes={self.planes} must be a whole number from 0, which takes each region in turn")
        check_habits(self, _BOUNDS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PainterHabits:
    """The habits that a picture is painted with; see `MannerOptions`."""

    planes: int
    margin: float
    place: float
    wander: float
    detail: float
    accents: float
    drawing: float

    @classmethod
    def of(cls, options: MannerOptions, seed: int) -> PainterHabits:
        """Return the habits that are given, and those drawn from the painting's seed where none is."""
        random = np.random.default_rng(manner_seed(seed, "habits"))
        # All are drawn, so that fixing one leaves the others as they are; rounded, to be read by people.
        drawn: dict[str, float] = {name: round(random.uniform(*ends), 3) for name, ends in _DRAWN.items()}
        drawn["detail"] = _DETAILS[random.integers(len(_DETAILS))]
        drawn["planes"] = _PLANES[random.integers(len(_PLANES))]
        given = {field.name: getattr(options, field.name) for field in dataclasses.fields(cls)}
        return cls(**drawn | {name: value for name, value in given.items() if value is not None})
