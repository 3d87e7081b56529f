"""Captions of scenes, read: what they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from underpaint.datagen.scenes.scene import ScenePlan, Thing
from underpaint.datagen.scenes.words import (
    COLOURS,
    GROUND_WORDS,
    KINDS,
    ON_THE_SEA,
    PLACE_WORDS,
    SEASON_WORDS,
    SKY_WORDS,
    Ground,
    Place,
    Season,
)

_Word = TypeVar("_Word")
_THING = re.compile(rf"\b({'|'.join(COLOURS)}) ({'|'.join(KINDS)})\b(?: ({'|'.join(PLACE_WORDS.values())})\b)?")
_PLACES: dict[str, Place] = {words: place for place, words in PLACE_WORDS.items()}


def plan_said(caption: str) -> ScenePlan:
    """Return what a caption in the words of the small world asks for; other words in it don't matter.

    Where it doesn't say places, those of the things mean nothing.

    Raises:
        ValueError: it names no thing in a colour, no ground or no sky of the small world.
    """
    things = tuple(
        Thing(kind=kind, colour=colour, place=_PLACES.get(place, "middle"))
        for colour, kind, place in _THING.findall(caption)
    )
    grounds: dict[str, Ground] = {words: ground for ground, words in GROUND_WORDS.items()} | {ON_THE_SEA: "sea"}
    ground = _said(caption, grounds)
    sky = _said(caption, {words: sky for sky, words in SKY_WORDS.items()})
    seasons: dict[str, Season] = {words: season for season, words in SEASON_WORDS.items()}
    season = _said(caption, seasons)
    if not things or ground is None or sky is None:
        raise ValueError(
            f"caption {caption!r} is none of a scene: it looks like 'a red house on the left, by the sea, at sunset'"
        )
    return ScenePlan(
        things=things,
        ground=ground,
        sky=sky,
        season=season or ("winter" if ground == "snow" else "summer"),
        says_places=all(place for _, _, place in _THING.findall(caption)),
        says_season=season is not None,
    )


def _said(caption: str, words: Mapping[str, _Word]) -> _Word | None:
    return next((meaning for said, meaning in words.items() if re.search(rf"\b{said}\b", caption)), None)
