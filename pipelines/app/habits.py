"""What of each medium can be chosen on the page, in few words: its manner and its habits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Habit:
    """One option of a medium as the page asks for it.

    Attributes:
        name: of the option, a field of `renderers.options_class(medium)`.
        label: on the page.
        choices: words -> values; the first holds unless another is chosen. Empty for a number on a slider.
        span: least, most and default of the slider.
        info: what it means, in a few words.
    """

    name: str
    label: str
    choices: dict[str, Any] | None = None
    span: tuple[float, float, float] | None = None
    info: str = ""

    def value(self, answer: Any) -> Any:
        """Return the option's value for what stands on the page; None leaves it to the seed."""
        return self.choices[answer] if self.choices else answer


_CHANCE = {"chance": None}  # drawn from the seed, as for any option that isn't given

_PAINTER = (
    Habit("manner", "Manner", {"as a painter": "painter", "coarse to fine": "error"}),
    Habit(
        "planes",
        "Planes",
        {**_CHANCE, "one": 1, "two": 2, "three": 3, "four": 4, "each region in turn": 0},
        info="blocked in back to front",
    ),
    Habit("place", "Place", {**_CHANCE, "small": 0.12, "medium": 0.22, "large": 0.35}, info="finished before the next"),
    Habit("detail", "Regions", {**_CHANCE, "few": 0.5, "some": 1.0, "many": 1.5}),
    Habit("wander", "Wandering", {**_CHANCE, "none": 0.0, "some": 0.5, "much": 1.0}, info="from place to place"),
    Habit("accents", "Accents", {**_CHANCE, "none": 0.0, "few": 0.04, "many": 0.08}, info="left for the end"),
)

HABITS: dict[str, tuple[Habit, ...]] = {
    "oil": (
        *_PAINTER,
        Habit("ground", "Canvas", {"warm": "#b59a78", "mean of the picture": "mean", "white": "white"}),
        Habit("impasto", "Impasto", span=(0, 1, 0.4), info="light on thick paint"),
    ),
    "bezier": (
        *_PAINTER,
        Habit("ground", "Canvas", {"white": "white", "mean of the picture": "mean", "black": "black"}),
    ),
    "ink": (
        Habit("manner", "Manner", {"place by place": "painter", "layer by layer": "layers"}),
        Habit("place", "Place", {**_CHANCE, "small": 0.16, "medium": 0.25, "large": 0.34}),
        Habit("washing", "Washes", {**_CHANCE, "place by place": "place", "region by region": "region"}),
        Habit("colour", "Colour", span=(0, 1, 0.35), info="0 is ink alone"),
        Habit("mist", "Mist", span=(0, 1, 0.0), info="hides a dark background"),
        Habit("texture", "Paper", span=(0, 1, 0.5), info="how much its fibres show"),
    ),
    "region": (
        Habit(
            "fill",
            "Filled with",
            {"the picture itself": "reveal", "oil": "oil", "bezier": "bezier", "ink": "ink"},
        ),
        Habit(
            "order",
            "Order",
            {"back to front": "back-to-front", "subject first": "saliency", "background first": "background-first"},
        ),
        Habit("detail", "Regions", {"some": 1.0, "few": 0.5, "many": 2.0}),
    ),
    "pencil": (
        Habit("lead", "Lead", {"graphite": "graphite", "sepia": "sepia", "charcoal": "charcoal"}),
        Habit("slant", "Slant", {**_CHANCE, "rising": -45.0, "flat": 0.0, "falling": 45.0}, info="of the hatching"),
        Habit("place", "Place", {**_CHANCE, "small": 0.16, "medium": 0.25, "large": 0.34}),
        Habit("construction", "Construction", {**_CHANCE, "little": 0.04, "much": 0.12}, info="drawn first"),
        Habit("smudging", "Smudging", {**_CHANCE, "none": 0.0, "some": 0.05, "much": 0.12}, info="by a finger"),
    ),
    "illustration": (
        Habit("pencil", "Sketch", {**_CHANCE, "blue": "blue", "red": "red", "grey": "grey"}),
        Habit("roughness", "Roughness", {**_CHANCE, "sure": 0.15, "loose": 0.55, "searching": 1.0}),
        Habit("line_colour", "Line", {**_CHANCE, "black": "black", "sepia": "sepia", "local": "local"}),
        Habit("line_weight", "Line weight", {**_CHANCE, "fine": 0.75, "medium": 1.0, "bold": 1.35}),
        Habit("flats", "Flats", {**_CHANCE, "back first": "back-first", "subject first": "subject-first"}),
        Habit("softness", "Shading", {**_CHANCE, "cel": 0.0, "soft": 0.35, "airbrush": 0.7}),
    ),
}
