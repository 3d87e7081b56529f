"""What there is in the small world, and how it is said: kinds, colours, places, grounds, skies, seasons."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal[
    "house", "tree", "boat", "car", "apple", "flower", "balloon", "umbrella", "mushroom", "windmill", "bird", "cat"
]
Colour = Literal["red", "orange", "yellow", "green", "blue", "purple", "white", "black"]
Place = Literal["left", "middle", "right"]
Ground = Literal["meadow", "field", "sand", "snow", "sea"]
Sky = Literal["day", "clouds", "sunset", "night", "rain", "fog"]
Season = Literal["spring", "summer", "autumn", "winter"]

KINDS: tuple[Kind, ...] = get_args(Kind)
COLOURS: tuple[Colour, ...] = get_args(Colour)
PLACES: tuple[Place, ...] = get_args(Place)
GROUNDS: tuple[Ground, ...] = get_args(Ground)
SKIES: tuple[Sky, ...] = get_args(Sky)
SEASONS: tuple[Season, ...] = get_args(Season)

# Never drawn in `scenes`, only in `scenes-held-out`: one colour of every kind, so that composition can be measured on
# words that are all known. Each colour but two stands here once or twice.
HELD_OUT: dict[Kind, Colour] = {
    "house": "green",
    "tree": "purple",
    "boat": "black",
    "car": "yellow",
    "apple": "blue",
    "flower": "orange",
    "balloon": "white",
    "umbrella": "red",
    "mushroom": "purple",
    "windmill": "blue",
    "bird": "green",
    "cat": "orange",
}

PLACE_WORDS: dict[Place, str] = {"left": "on the left", "middle": "in the middle", "right": "on the right"}
GROUND_WORDS: dict[Ground, str] = {
    "meadow": "on a meadow",
    "field": "in a field",
    "sand": "on the sand",
    "snow": "in the snow",
    "sea": "by the sea",
}
ON_THE_SEA = "on the sea"  # said of boats that are alone
SKY_WORDS: dict[Sky, str] = {
    "day": "by day",
    "clouds": "under clouds",
    "sunset": "at sunset",
    "night": "at night",
    "rain": "in the rain",
    "fog": "in the fog",
}
SEASON_WORDS: dict[Season, str] = {each: f"in {each}" for each in SEASONS}


def colours_of(kind: Kind) -> tuple[Colour, ...]:
    """Return the colours in which a kind of thing is drawn in `scenes`: all but the one that is held out."""
    return tuple(colour for colour in COLOURS if colour != HELD_OUT[kind])
