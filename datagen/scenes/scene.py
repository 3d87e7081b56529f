"""One scene of the small world by its number: what is in it, and its caption."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from underpaint.datagen.scenes.words import (
    GROUND_WORDS,
    GROUNDS,
    HELD_OUT,
    KINDS,
    ON_THE_SEA,
    PLACE_WORDS,
    PLACES,
    SEASON_WORDS,
    SEASONS,
    SKIES,
    SKY_WORDS,
    Colour,
    Ground,
    Kind,
    Place,
    Season,
    Sky,
    colours_of,
)

_Word = TypeVar("_Word")

SECOND = 0.4  # share of scenes with two things: enough to see overlap, and one thing is still the rule
PLACES_SAID = 0.6  # share of captions that say where things are: people leave it out, too
SHORES: tuple[Ground, ...] = ("sea", "sand")  # where boats lie
SEASON_SAID = 0.5  # share of those captions of one thing to which the season is added, if the ground shows it


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing in a scene."""

    kind: Kind
    colour: Colour
    place: Place


@dataclass(frozen=True, kw_only=True)
class ScenePlan:
    """A picture of the small world, as it is known before it is drawn.

    Attributes:
        things: one or two; the first is the larger and the nearer one.
        says_places: whether the caption says where they are.
        says_season: whether the caption says the season.
        draw: seed of all that no word is said of: sizes, hills, clouds, waves.
    """

    things: tuple[Thing, ...]
    ground: Ground
    sky: Sky
    season: Season
    says_places: bool = True
    says_season: bool = False
    draw: int = 0

    @property
    def caption(self) -> str:
        """The caption, such as `a red house on the left, by the sea, at sunset`; at most 20 words."""
        things = " and ".join(_said(thing, self.says_places) for thing in self.things)
        parts = [things, ON_THE_SEA if self.is_afloat else GROUND_WORDS[self.ground], SKY_WORDS[self.sky]]
        return ", ".join(parts + [SEASON_WORDS[self.season]] * self.says_season)

    @property
    def is_afloat(self) -> bool:
        """Whether there is nothing but boats, at sea."""
        return self.ground == "sea" and all(thing.kind == "boat" for thing in self.things)

    def record(self) -> dict[str, Any]:
        """Return what is in the picture as JSON values, for KEY.json: things, ground, sky, season."""
        return {
            "things": [asdict(thing) for thing in self.things],
            "ground": self.ground,
            "sky": self.sky,
            "season": self.season,
        }


def scene_of(number: int, seed: int = 0, *, held_out: bool = False) -> ScenePlan:
    """Return scene `number` of a seed; the same on every machine, as only `random()` of Mersenne's twister is asked.

    Args:
        held_out: whether the first thing is one of the combinations of colour and kind that `scenes` never has.
    """
    # Of all that Python's generator offers, `random()` after a seed alone is promised to stay as it is.
    draws = random.Random(f"{'held-out' if held_out else 'scenes'} {seed} {number}")
    sky, places, kinds = _one(draws, SKIES), _two(draws, PLACES), _two(draws, KINDS)
    things = tuple(
        Thing(kind=kind, place=place, colour=HELD_OUT[kind] if held_out and n == 0 else _one(draws, colours_of(kind)))
        for n, (kind, place) in enumerate(zip(kinds, places, strict=True))
    )
    things = things[: 1 + (draws.random() < SECOND)]
    ground = _one(draws, SHORES if any(thing.kind == "boat" for thing in things) else GROUNDS)
    season: Season = "winter" if ground == "snow" else _one(draws, SEASONS[:3])
    says_places, says_season = draws.random() < PLACES_SAID, draws.random() < SEASON_SAID
    return ScenePlan(
        things=things,
        ground=ground,
        sky=sky,
        season=season,
        says_places=says_places,
        says_season=says_season and len(things) == 1 and ground in ("meadow", "field"),
        draw=int(draws.random() * 2**32),
    )


def _one(draws: random.Random, words: Sequence[_Word]) -> _Word:
    return words[int(draws.random() * len(words))]


def _two(draws: random.Random, words: Sequence[_Word]) -> tuple[_Word, _Word]:
    first = int(draws.random() * len(words))
    second = (first + 1 + int(draws.random() * (len(words) - 1))) % len(words)
    return words[first], words[second]


def _said(thing: Thing, with_place: bool) -> str:
    article = "an" if thing.colour[0] in "aeiou" else "a"
    return f"{article} {thing.colour} {thing.kind}" + f" {PLACE_WORDS[thing.place]}" * with_place
