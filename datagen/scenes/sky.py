"""What is above: sky, sun and moon, stars, clouds, and the rain that falls."""

from __future__ import annotations

import numpy as np

from underpaint.datagen.scenes.land import Land
from underpaint.datagen.scenes.layer import Layer
from underpaint.datagen.scenes.light import mixed
from underpaint.datagen.scenes.shapes import oval


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
        layer.fill(*puffs, colour=mixed(light.cloud, light.middle, 0.35), soft=0.009, opacity=lift, grain=0.03)
        lit = mixed(
            light.cloud, (1.0, 0.86, 0.6) if is_low else (1.0, 1.0, 1.0), 0.06 if land.sky in ("night", "rain") else 0.5
        )
        layer.fill(*tops, colour=lit, soft=0.008, opacity=lift * 0.85, grain=0.03)


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
