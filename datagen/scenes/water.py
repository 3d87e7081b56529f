"""The sea, with its waves and what glints on it, and the shore before it."""

from __future__ import annotations

from underpaint.datagen.scenes.ground import SAND, draw_plain
from underpaint.datagen.scenes.land import Land
from underpaint.datagen.scenes.layer import Layer, Rgb
from underpaint.datagen.scenes.light import mixed, times
from underpaint.datagen.scenes.shapes import oval, smooth
from underpaint.datagen.scenes.words import Sky

SEA: Rgb = (0.13, 0.40, 0.58)
_GLINTS: dict[Sky, Rgb] = {"day": (1.0, 1.0, 0.95), "sunset": (1.0, 0.84, 0.52), "night": (0.80, 0.84, 0.92)}


def draw_water(layer: Layer, land: Land) -> None:
    """Draw the sea from the horizon down, and a shore before it, if the land has one."""
    light, clear = land.light, 1 - 2 * land.light.near_haze
    deep = mixed(times(SEA, light.ground), light.top, 0.3)  # water shows the sky that is high above it
    draw_plain(layer, land, land.horizon, deep, 0.10)
    for colour, opacity in ((times(deep, (0.7, 0.75, 0.8)), 0.45), (mixed(deep, light.low, 0.6), 0.45)):
        waves = []
        for _ in range(60):
            x, near = land.between(0, 1), land.between(0.02, 1)
            y, long, thick = land.down(near), 0.015 + 0.07 * near, 0.0018 + 0.006 * near
            waves.append(smooth([(x - long, y), (x, y - thick), (x + long, y), (x, y + thick * 0.6)], 3))
        layer.fill(*waves, colour=colour, opacity=opacity * clear)
    if land.sky in _GLINTS:
        glints = []
        for n in range(34):
            near = n / 34 * (0.5 + 0.5 * n / 34)
            x = land.sun + land.between(-1, 1) * (0.02 + 0.07 * near)
            wide = (0.012 + 0.06 * near) * land.between(0.4, 0.9) * (1.7 if land.sky == "sunset" else 1)
            glints.append(oval(x, land.down(near) + 0.008, wide, 0.0022 + 0.004 * near))
        layer.fill(*glints, colour=_GLINTS[land.sky], opacity=0.7, grain=0)
    if land.shore < 1:
        _shore(layer, land)


def _shore(layer: Layer, land: Land) -> None:
    """Draw a beach in front of the water, with foam along its edge."""
    edge = smooth([(-0.1 + 0.2 * k, land.shore + land.between(-0.012, 0.012)) for k in range(7)], closed=False)
    beach, mask = Layer(layer.side, layer.grain), Layer(layer.side, layer.grain)
    draw_plain(beach, land, land.shore - 0.03, times(SAND, land.light.ground), 0.14)
    mask.fill([*edge, (1.2, 1.1), (-0.2, 1.1)], colour=(1.0, 1.0, 1.0), grain=0)
    foam = times((0.97, 0.98, 0.98), land.light.tint)
    layer.fill([(x, y - 0.014) for x, y in edge] + edge[::-1], colour=foam, opacity=0.8)
    layer.wash(beach.colour, mask.cover)
    wet = [(x, y + 0.001) for x, y in edge] + [(x, y + 0.02) for x, y in edge[::-1]]
    layer.fill(wet, colour=times((0.70, 0.57, 0.38), land.light.ground), opacity=0.5, soft=0.004)
