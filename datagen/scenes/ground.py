"""What things stand on: meadow, field, sand or snow, level to the horizon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.scenes.land import Land
from underpaint.datagen.scenes.layer import Layer, Rgb
from underpaint.datagen.scenes.light import mixed, times
from underpaint.datagen.scenes.shapes import oval, smooth
from underpaint.datagen.scenes.words import Season

GRASS: dict[Season, Rgb] = {
    "spring": (0.47, 0.72, 0.25),
    "summer": (0.33, 0.57, 0.20),
    "autumn": (0.58, 0.56, 0.22),
    "winter": (0.90, 0.93, 0.97),
}
EARTH: Rgb = (0.52, 0.35, 0.22)
SAND: Rgb = (0.91, 0.79, 0.54)
SNOW: Rgb = (0.93, 0.95, 0.98)
_LEAVES: tuple[Rgb, ...] = ((0.80, 0.35, 0.10), (0.88, 0.60, 0.15), (0.62, 0.22, 0.12))
_BLOSSOMS: tuple[Rgb, ...] = ((0.98, 0.96, 0.90), (0.98, 0.85, 0.35), (0.93, 0.60, 0.72))


def draw_ground(layer: Layer, land: Land) -> None:
    """Draw ground without water, from the horizon down."""
    colour = {"meadow": GRASS[land.season], "field": EARTH, "sand": SAND, "snow": SNOW}[land.ground]
    strength = {"meadow": 0.28, "field": 0.22, "sand": 0.12, "snow": 0.08}[land.ground]
    lit = times(colour, land.light.snow if land.ground == "snow" else land.light.ground)
    draw_plain(layer, land, land.horizon, lit, strength)
    if land.ground == "field":
        _furrows(layer, land)
    if land.ground == "meadow":
        _blades(layer, land)
        _dots(layer, land)
    if land.ground in ("sand", "snow"):
        _drifts(layer, land, lit)


def draw_plain(layer: Layer, land: Land, start: float, colour: Rgb, strength: float) -> None:
    """Draw level ground in its lit colour: its texture coarse near and fine far, darker in front, hazy behind."""
    side = layer.side
    first = max(0, int(start * side))
    rows = (np.arange(first, side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    near = np.clip((rows - np.float32(start)) / np.float32(1 - start), 0, 1)
    step = np.float32(1) / (near + np.float32(0.12))
    down = _there_and_back((step * np.float32(0.22 * side)).astype(np.int64), side)
    across = (np.arange(side, dtype=np.float32) / np.float32(side) - np.float32(0.5))[None] * step[:, None]
    columns = _there_and_back((across * np.float32(0.3 * side) + np.float32(side / 2)).astype(np.int64), side)
    texture = layer.grain[down[:, None], columns] * np.clip(near * 3, 0.15, 1)[:, None]
    own = np.asarray(colour, np.float32)
    tone = (1 + np.float32(strength) * texture) * (np.float32(1.08) - np.float32(0.26) * near[:, None])
    drawn = np.clip(own * tone[..., None], 0, 1)
    haze = np.float32(land.light.near_haze) + np.float32(0.55 * land.light.haze) * (1 - near) * (1 - near)
    low = np.asarray(land.light.low, np.float32)
    edge = np.clip((rows - np.float32(start)) * side + np.float32(0.5), 0, 1)[:, None, None]
    drawn += (low - drawn) * haze[:, None, None]
    layer.colour[first:] += (drawn - layer.colour[first:]) * edge
    layer.cover[first:] = 1


def _there_and_back(places: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Return indices below `side` that turn round at either end, so that no seam is seen."""
    turned: NDArray[np.int64] = np.minimum(places % (2 * side), 2 * side - 1 - places % (2 * side))
    return turned


def _furrows(layer: Layer, land: Land) -> None:
    """Draw furrows that meet at a point of the horizon."""
    meet, dark, pale = land.between(0.2, 0.8), times(EARTH, (0.55, 0.55, 0.58)), times(EARTH, (1.3, 1.25, 1.15))
    for n in range(-13, 14):
        x = meet + (n + land.between(-0.12, 0.12)) * 0.17
        for colour, shift in ((dark, 0.0), (pale, 0.045)):
            end = (x + shift, 1.02), (x + shift + 0.05, 1.02)
            layer.fill(
                [(meet + n * 0.008, land.horizon + 0.004), *end],
                colour=times(colour, land.light.ground),
                opacity=0.5 * (1 - land.light.near_haze),
            )


def _blades(layer: Layer, land: Land) -> None:
    grass = times(GRASS[land.season], land.light.ground)
    for tone, count in ((0.62, 90), (1.3, 80)):
        for width, (start, end) in ((0.004, (0.12, 0.5)), (0.007, (0.5, 1.05))):
            blades = []
            for _ in range(count // 2):
                x, near = land.between(0, 1), land.between(start, end)
                y, tall = land.horizon + (1 - land.horizon) * near, 0.012 + 0.05 * near * land.between(0.5, 1)
                blades.append((x, y, x + land.between(-0.4, 0.4) * tall, y - tall))
            colour = mixed(grass, (1, 1, 0.8), 0.2) if tone > 1 else times(grass, (tone, tone, tone))
            layer.lines(blades, width, colour=colour, opacity=0.5 * (1 - 2 * land.light.near_haze))


def _dots(layer: Layer, land: Land) -> None:
    """Draw blossoms in spring and fallen leaves in autumn."""
    colours = {"spring": _BLOSSOMS, "autumn": _LEAVES}.get(land.season, ())
    for colour in colours:
        spots = []
        for _ in range(22):
            x, near = land.between(0, 1), land.between(0.1, 1)
            size = 0.003 + 0.008 * near
            spots.append(oval(x, land.horizon + (1 - land.horizon) * near, size, size * 0.7))
        layer.fill(*spots, colour=times(colour, land.light.tint), opacity=0.85)


def _drifts(layer: Layer, land: Land, lit: Rgb) -> None:
    """Draw low dunes, or drifts of snow, each with its side in shadow."""
    clear = 1 - 2 * land.light.near_haze
    cool = (0.80, 0.86, 0.97) if land.ground == "snow" else (0.86, 0.80, 0.76)
    for n in range(4):
        near = (n + land.between(0.2, 0.8)) / 4
        y, height = land.horizon + (1 - land.horizon) * near, 0.015 + 0.05 * near
        middle = land.between(0.0, 1.0)
        rise = ((-0.6, 1.0), (-0.25, 0.3), (0.0, 0.0), (0.3, 0.5), (0.6, 1.0))
        crest = smooth([(middle + x, y + height * low) for x, low in rise], closed=False)
        below = [(x, v + height * 0.16) for x, v in crest[::-1]]
        layer.fill([*crest, (middle, y + height * 1.9)], colour=times(lit, cool), soft=0.006, opacity=0.5 * clear)
        layer.fill(crest + below, colour=mixed(lit, (1.0, 1.0, 1.0), 0.22), soft=0.004, opacity=0.5 * clear)
