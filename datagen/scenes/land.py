"""What is behind and below things: sky, hills, ground, water, weather."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from underpaint.datagen.scenes.layer import Field, Layer, Rgb
from underpaint.datagen.scenes.light import Light, mixed, times
from underpaint.datagen.scenes.shapes import oval, smooth
from underpaint.datagen.scenes.words import Ground, Season, Sky

GRASS: dict[Season, Rgb] = {
    "spring": (0.47, 0.72, 0.25),
    "summer": (0.33, 0.57, 0.20),
    "autumn": (0.58, 0.56, 0.22),
    "winter": (0.90, 0.93, 0.97),
}
HILLS: dict[Season, Rgb] = {
    "spring": (0.42, 0.62, 0.34),
    "summer": (0.30, 0.48, 0.26),
    "autumn": (0.66, 0.44, 0.22),
    "winter": (0.80, 0.85, 0.92),
}
EARTH: Rgb = (0.52, 0.35, 0.22)
SAND: Rgb = (0.91, 0.79, 0.54)
SNOW: Rgb = (0.93, 0.95, 0.98)
SEA: Rgb = (0.13, 0.40, 0.58)
_LEAVES: tuple[Rgb, ...] = ((0.80, 0.35, 0.10), (0.88, 0.60, 0.15), (0.62, 0.22, 0.12))
_BLOSSOMS: tuple[Rgb, ...] = ((0.98, 0.96, 0.90), (0.98, 0.85, 0.35), (0.93, 0.60, 0.72))
SHORE = 0.42  # where water ends and the shore begins, as a share of the way from the horizon down


@dataclass(frozen=True, kw_only=True)
class Land:
    """Where a scene takes place.

    Attributes:
        horizon: its height, in shares of the side from above.
        shore: where the shore begins, in the same; below the picture where there is water only.
        light: of the sky.
        side: -1 if the light comes from the left, 1 from the right.
        sun: x of sun or moon.
    """

    ground: Ground
    season: Season
    sky: Sky
    horizon: float
    shore: float
    light: Light
    side: float
    sun: float
    draws: random.Random

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return low + (high - low) * self.draws.random()


def draw_sky(layer: Layer, land: Land) -> None:
    """Draw the sky with its sun or moon and its clouds."""
    light, side = land.light, layer.side
    rows = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side * land.horizon)
    top, middle, low = (np.asarray(each, np.float32) for each in (light.top, light.middle, light.low))
    upper, lower = np.clip(rows * 2, 0, 1)[:, None], np.clip(rows * 2 - 1, 0, 1)[:, None]
    layer.wash(((top + (middle - top) * upper) * (1 - lower) + low * lower)[:, None], 1.0)
    high = land.between(0.10, 0.22)
    if land.sky == "day":
        layer.fill(oval(land.sun, high, 0.075, 0.075), colour=(1.0, 0.97, 0.75), soft=0.035, opacity=0.7)
        layer.fill(oval(land.sun, high, 0.045, 0.045), colour=(1.0, 0.95, 0.62), grain=0)
    elif land.sky == "sunset":
        low_sun = land.horizon - land.between(0.03, 0.12)
        layer.fill(oval(land.sun, low_sun, 0.26, 0.16), colour=(1.0, 0.86, 0.48), soft=0.07, opacity=0.7)
        layer.fill(oval(land.sun, low_sun, 0.062, 0.062), colour=(1.0, 0.93, 0.66), grain=0)
    elif land.sky == "night":
        _stars(layer, land)
        layer.fill(oval(land.sun, high, 0.10, 0.10), colour=(0.55, 0.62, 0.80), soft=0.045, opacity=0.5)
        layer.fill(oval(land.sun, high, 0.05, 0.05), colour=(0.97, 0.95, 0.84), grain=0.12)
    _clouds(layer, land)


def _stars(layer: Layer, land: Land) -> None:
    for size, count in ((0.0035, 34), (0.0055, 9)):
        spots = [(land.between(0, 1), land.between(0, land.horizon * 0.85)) for _ in range(count)]
        layer.fill(*(oval(x, y, size, size) for x, y in spots), colour=(0.93, 0.93, 0.85), opacity=0.9, grain=0)


def _clouds(layer: Layer, land: Land) -> None:
    """Draw heaps of puffs: flat below, lit from above; long streaks where the sun is low."""
    light = land.light
    if not light.clouds:
        return
    is_cover, is_low = light.clouds >= 1, land.sky == "sunset"
    for n in range(9 if is_cover else 2 + int(land.between(0, 3) * light.clouds * 2)):
        y = land.horizon * ((n + land.between(0, 1)) / 9 if is_cover else land.between(0.15, 0.75))
        x, size = land.between(-0.05, 1.05), land.between(0.10, 0.2) * (0.5 + 0.8 * (1 - y / land.horizon))
        flat = 0.22 if is_low else 0.5
        puffs, tops = [], []
        for _ in range(7):
            out = land.between(-1, 1)
            bulge = size * (1.05 - 0.75 * abs(out)) * flat
            puffs.append(oval(x + out * size * 1.3, y - bulge * 0.5, size * 0.52, bulge * 0.85))
            tops.append(
                oval(x + out * size * 1.25 + land.side * size * 0.08, y - bulge * 0.75, size * 0.4, bulge * 0.55)
            )
        lift = 0.5 if is_cover else 0.85
        layer.fill(*puffs, colour=mixed(light.cloud, light.middle, 0.35), soft=0.009, opacity=lift, grain=0.1)
        lit = mixed(
            light.cloud, (1.0, 0.86, 0.6) if is_low else (1.0, 1.0, 1.0), 0.06 if land.sky in ("night", "rain") else 0.5
        )
        layer.fill(*tops, colour=lit, soft=0.008, opacity=lift * 0.85, grain=0.1)


def draw_hills(layer: Layer, land: Land) -> list[Field]:
    """Draw far hills, or islands in a sea, the farthest first; return how each of them covers the sheet."""
    covers = []
    count = 1 + int(land.between(0, 3)) if land.ground != "sea" else int(land.between(0, 2))
    base: Rgb = SAND if land.ground == "sand" else HILLS[land.season]
    if land.ground == "sea":
        base = HILLS["summer"]
    for n in range(count):
        near = (n + 1) / count
        height = land.between(0.05, 0.14) * (1.5 - 0.75 * near)
        haze = land.light.haze + (1 - land.light.haze) * (0.55 - 0.40 * near)
        colour = mixed(times(base, land.light.ground), mixed(land.light.middle, land.light.low, 0.5), haze)
        if land.ground == "sea":
            middle, wide = land.between(0.1, 0.9), land.between(0.15, 0.3)
            ridge = [
                (
                    middle + wide * (k / 3 - 1),
                    land.horizon - height * (0, 0.4, 0.8, 1, 0.7, 0.5, 0)[k] * land.between(0.6, 0.9),
                )
                for k in range(7)
            ]
        else:
            ridge = [(-0.1 + 0.15 * k, land.horizon - height * land.between(0.25, 1.0)) for k in range(9)]
        before = layer.cover.copy()
        outline = smooth(ridge, closed=False)
        own = Layer(layer.side, layer.grain)
        own.fill(
            [*outline, (outline[-1][0], land.horizon + 0.01), (outline[0][0], land.horizon + 0.01)],
            colour=colour,
            shade="fall",
            depth=0.08,
            grain=0.12,
        )
        if near > 0.6 and land.ground not in ("sea", "sand"):
            _wood(own, land, colour)
        layer.lay(own)
        covers.append(own.cover)
        del before
    return covers


def _wood(layer: Layer, land: Land, hill: Rgb) -> None:
    """Draw a far row of trees along the horizon, too small to be things."""
    start, end = sorted((land.between(-0.1, 1.1), land.between(-0.1, 1.1)))
    dark = mixed(times(hill, (0.72, 0.76, 0.76)), land.light.low, 0.1 * land.light.haze)
    crowns = []
    x = start
    while x < end:
        size = land.between(0.010, 0.022)
        crowns.append(oval(x, land.horizon - size * 0.8, size, size * 1.3))
        x += size * land.between(0.8, 1.8)
    if crowns:
        layer.fill(*crowns, colour=dark, grain=0.25)


def draw_ground(layer: Layer, land: Land) -> None:
    """Draw what things stand on, from the horizon down."""
    if land.ground == "sea":
        _water(layer, land)
        if land.shore < 1:
            _shore(layer, land)
        return
    colour = {"meadow": GRASS[land.season], "field": EARTH, "sand": SAND, "snow": SNOW}[land.ground]
    strength = {"meadow": 0.28, "field": 0.22, "sand": 0.12, "snow": 0.08}[land.ground]
    _plain(layer, land, land.horizon, colour, strength)
    if land.ground == "field":
        _furrows(layer, land)
    if land.ground == "meadow":
        _blades(layer, land)
        _dots(layer, land)
    if land.ground in ("sand", "snow"):
        _drifts(layer, land, colour)


def _plain(layer: Layer, land: Land, start: float, colour: Rgb, strength: float) -> None:
    """Draw level ground whose texture is coarse near and fine far, darker at the front, hazy behind."""
    side = layer.side
    first = max(0, int(start * side))
    rows = (np.arange(first, side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    near = np.clip((rows - np.float32(start)) / np.float32(1 - start), 0, 1)
    step = np.float32(1) / (near + np.float32(0.12))
    down = ((step * np.float32(0.22 * side)).astype(np.int64)) % side
    across = (np.arange(side, dtype=np.float32) / np.float32(side) - np.float32(0.5))[None] * step[:, None]
    columns = ((across * np.float32(0.3 * side) + np.float32(side)).astype(np.int64)) % side
    texture = layer.grain[down[:, None], columns] * np.clip(near * 3, 0.15, 1)[:, None]
    own = np.asarray(times(colour, land.light.ground), np.float32)
    tone = (1 + np.float32(strength) * texture) * (np.float32(1.08) - np.float32(0.26) * near[:, None])
    drawn = np.clip(own * tone[..., None], 0, 1)
    haze = np.float32(land.light.near_haze) + np.float32(0.55 * land.light.haze) * (1 - near) * (1 - near)
    low = np.asarray(land.light.low, np.float32)
    edge = np.clip((rows - np.float32(start)) * side + np.float32(0.5), 0, 1)[:, None, None]
    drawn += (low - drawn) * haze[:, None, None]
    layer.colour[first:] += (drawn - layer.colour[first:]) * edge
    layer.cover[first:] = 1


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


def _drifts(layer: Layer, land: Land, colour: Rgb) -> None:
    """Draw low dunes, or drifts of snow, each with its side in shadow."""
    for n in range(4):
        near = (n + land.between(0.2, 0.8)) / 4
        y, height = land.horizon + (1 - land.horizon) * near, 0.015 + 0.05 * near
        middle = land.between(0.0, 1.0)
        crest = smooth(
            [
                (middle - 0.6, y + height),
                (middle - 0.25, y + height * 0.3),
                (middle, y),
                (middle + 0.3, y + height * 0.5),
                (middle + 0.6, y + height),
            ],
            closed=False,
        )
        cool = (0.80, 0.86, 0.97) if land.ground == "snow" else (0.86, 0.80, 0.76)
        layer.fill(
            [*crest, (middle, y + height * 1.9)],
            colour=times(times(colour, cool), land.light.ground),
            soft=0.006,
            opacity=0.5 * (1 - 2 * land.light.near_haze),
        )
        layer.fill(
            [(x, v - 0.002) for x, v in crest] + [(x, v + height * 0.16) for x, v in crest[::-1]],
            colour=times(colour, land.light.tint),
            soft=0.003,
            opacity=0.6 * (1 - 2 * land.light.near_haze),
        )


def _water(layer: Layer, land: Land) -> None:
    deep = mixed(SEA, land.light.middle, 0.25)
    _plain(layer, land, land.horizon, deep, 0.10)
    pale, dark = mixed(land.light.low, (1, 1, 1), 0.2), times(times(deep, land.light.ground), (0.7, 0.75, 0.8))
    clear = 1 - 2 * land.light.near_haze
    for colour, opacity, count in ((dark, 0.45, 60), (pale, 0.38, 60)):
        waves = []
        for _ in range(count):
            x, near = land.between(0, 1), land.between(0.02, 1)
            y, long, thick = land.horizon + (1 - land.horizon) * near, 0.015 + 0.07 * near, 0.0018 + 0.006 * near
            waves.append(smooth([(x - long, y), (x, y - thick), (x + long, y), (x, y + thick * 0.6)], 3))
        layer.fill(*waves, colour=times(colour, land.light.tint), opacity=opacity * clear)
    if land.sky in ("sunset", "night", "day"):
        glints = []
        for n in range(34):
            near = (n / 34) ** 1.4
            wide = 0.012 + 0.06 * near
            x, y = (
                land.sun + land.between(-1, 1) * (0.02 + 0.07 * near),
                land.horizon + 0.008 + (1 - land.horizon) * near,
            )
            glints.append(oval(x, y, wide * land.between(0.4, 0.9), 0.0022 + 0.004 * near))
        shine: Rgb = {"sunset": (1.0, 0.84, 0.52), "night": (0.80, 0.84, 0.92)}.get(land.sky, (1.0, 1.0, 0.95))
        layer.fill(*glints, colour=shine, opacity=0.7, grain=0)


def _shore(layer: Layer, land: Land) -> None:
    """Draw a beach in front of the water, with foam along its edge."""
    edge = smooth([(-0.1 + 0.2 * k, land.shore + land.between(-0.012, 0.012)) for k in range(7)], closed=False)
    beach = Layer(layer.side, layer.grain)
    _plain(beach, land, land.shore - 0.03, SAND, 0.14)
    mask = Layer(layer.side, layer.grain)
    mask.fill([*edge, (1.2, 1.1), (-0.2, 1.1)], colour=(1, 1, 1), grain=0)
    foam = times((0.97, 0.98, 0.98), land.light.tint)
    layer.fill([(x, y - 0.014) for x, y in edge] + edge[::-1], colour=foam, opacity=0.8)
    layer.wash(beach.colour, mask.cover)
    layer.fill(
        [(x, y + 0.001) for x, y in edge] + [(x, y + 0.02) for x, y in edge[::-1]],
        colour=times((0.70, 0.57, 0.38), land.light.ground),
        opacity=0.5,
        soft=0.004,
    )


def draw_weather(layer: Layer, land: Land) -> None:
    """Draw the rain that falls before everything."""
    if land.sky != "rain":
        return
    for width, opacity, count, long in ((0.0028, 0.30, 80, 0.06), (0.0048, 0.34, 34, 0.10)):
        slant = 0.25 * land.side
        drops = []
        for _ in range(count):
            x, y = land.between(-0.05, 1.05), land.between(-0.1, 1)
            drops.append((x, y, x - slant * long, y + long))
        layer.lines(drops, width, colour=(0.86, 0.90, 0.95), opacity=opacity)
