"""What is far: hills with woods along their feet, or islands in a sea."""

from __future__ import annotations

from underpaint.datagen.scenes.ground import SAND
from underpaint.datagen.scenes.land import Land
from underpaint.datagen.scenes.layer import Field, Layer, Rgb
from underpaint.datagen.scenes.light import mixed, times
from underpaint.datagen.scenes.shapes import oval, smooth
from underpaint.datagen.scenes.words import Season

HILLS: dict[Season, Rgb] = {
    "spring": (0.42, 0.62, 0.34),
    "summer": (0.30, 0.48, 0.26),
    "autumn": (0.66, 0.44, 0.22),
    "winter": (0.80, 0.85, 0.92),
}


def draw_hills(layer: Layer, land: Land) -> list[Field]:
    """Draw far hills, or islands in a sea, the farthest first; return how each of them covers the sheet."""
    covers = []
    count = 1 + int(land.between(0, 3)) if land.ground != "sea" else int(land.between(0, 2))
    base = {"sand": SAND, "sea": HILLS["summer"]}.get(land.ground, HILLS[land.season])
    for n in range(count):
        near = (n + 1) / count
        height = land.between(0.05, 0.14) * (1.5 - 0.75 * near)
        haze = land.light.haze + (1 - land.light.haze) * (0.55 - 0.40 * near)
        colour = mixed(times(base, land.light.ground), mixed(land.light.middle, land.light.low, 0.5), haze)
        if land.ground == "sea":
            middle, wide = land.between(0.1, 0.9), land.between(0.15, 0.3)
            heights = [height * share * land.between(0.6, 0.9) for share in (0.0, 0.4, 0.8, 1.0, 0.7, 0.5, 0.0)]
            ridge = [(middle + wide * (k / 3 - 1), land.horizon - each) for k, each in enumerate(heights)]
        else:
            ridge = [(-0.1 + 0.15 * k, land.horizon - height * land.between(0.25, 1.0)) for k in range(9)]
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
