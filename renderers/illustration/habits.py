"""What an illustrator does differently from picture to picture: drawn from the seed, each can be fixed."""

from __future__ import annotations

import dataclasses
import numbers
from typing import Literal, get_args

import numpy as np

from underpaint.renderers.limits import check_choice, check_habits
from underpaint.renderers.seeds import illustration_seed

Pencil = Literal["blue", "red", "grey"]
LineColour = Literal["black", "sepia", "local"]
Flats = Literal["back-first", "subject-first"]

# The least and the most that each may be, and between which it is drawn: one fixed way of working is a signature that
# a model would learn.
_BOUNDS: dict[str, tuple[float, float]] = {
    "roughness": (0.0, 1.0),
    "line_weight": (0.3, 3.0),
    "softness": (0.0, 1.0),
    "detail": (0.1, 10.0),
    "place": (0.05, 1.0),
}
_DRAWN: dict[str, tuple[float, float]] = {
    "roughness": (0.15, 1.0),
    "line_weight": (0.75, 1.35),
    "softness": (0.0, 0.7),
    "detail": (1.4, 2.2),
    "place": (0.15, 0.3),
}
_CHOSEN: dict[str, tuple[str, ...]] = {
    "pencil": get_args(Pencil),
    "line_colour": get_args(LineColour),
    # Most work from the back to the front.
    "flats": ("back-first", "back-first", "subject-first"),
}
_TONES = (2, 3, 4)
MOST_TONES = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class IllustrationOptions:
    """Options of the `illustration` renderer. Habits that aren't given are drawn for each picture from its seed.

    Attributes:
        paper: Colour of the blank canvas: a colour name or `#rrggbb`.
        roughness: Habit: how roughly one sketches, 0 (each line once, in place) to 1 (searching lines, drawn twice).
        pencil: Habit: colour of the sketch, `blue`, `red` or `grey`.
        line_weight: Habit: factor on the width of the clean line.
        line_colour: Habit: `black`, `sepia`, or `local` (a dark shade of what a line outlines).
        flats: Habit: which regions get their flat colour first, `back-first` or `subject-first`.
        detail: Habit: how finely the picture is cut into regions of one flat colour; 1 is objects and their parts.
        tones: Habit: how many tones of each region the shadows are cut to, at least 2.
        softness: Habit: how soft the edges of the shading are, 0 (cel shading) to 1 (airbrush).
        place: Habit: the size of a place that is shaded before the next, in sides of the picture.
    """

    paper: str = "white"
    roughness: float | None = None
    pencil: Pencil | None = None
    line_weight: float | None = None
    line_colour: LineColour | None = None
    flats: Flats | None = None
    detail: float | None = None
    tones: int | None = None
    softness: float | None = None
    place: float | None = None

    def __post_init__(self) -> None:
        for name, choices in _CHOSEN.items():
            if getattr(self, name) is not None:
                check_choice(name, getattr(self, name), tuple(dict.fromkeys(choices)))
        tones = self.tones
        if tones is not None and not (isinstance(tones, numbers.Integral) and 2 <= tones <= MOST_TONES):
            raise ValueError(f"tones={tones} must be a whole number from 2 to {MOST_TONES}, or left out to be drawn")
        check_habits(self, _BOUNDS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DrawingHabits:
    """The habits that a picture is drawn with; see `IllustrationOptions`."""

    roughness: float
    pencil: Pencil
    line_weight: float
    line_colour: LineColour
    flats: Flats
    detail: float
    tones: int
    softness: float
    place: float

    @classmethod
    def of(cls, options: IllustrationOptions, seed: int) -> DrawingHabits:
        """Return the habits that are given, and those drawn from the painting's seed where none is."""
        random = np.random.default_rng(illustration_seed(seed, "habits"))
        # All are drawn, so that fixing one leaves the others as they are; rounded, to be read by people.
        drawn: dict[str, float | int | str] = {
            name: round(low + (high - low) * random.random(), 2) for name, (low, high) in _DRAWN.items()
        }
        drawn |= {name: choices[int(random.integers(len(choices)))] for name, choices in _CHOSEN.items()}
        drawn["tones"] = _TONES[int(random.integers(len(_TONES)))]
        given = {field.name: getattr(options, field.name) for field in dataclasses.fields(cls)}
        found: dict[str, object] = {**drawn, **{name: value for name, value in given.items() if value is not None}}
        return cls(**found)  # type: ignore[arg-type]
