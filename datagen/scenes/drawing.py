"""A scene drawn: its pixels, and exact maps of depth and of the things in it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from underpaint.datagen.scenes.built import BUILT
from underpaint.datagen.scenes.ground import draw_ground
from underpaint.datagen.scenes.grown import GROWN
from underpaint.datagen.scenes.hills import draw_hills
from underpaint.datagen.scenes.land import SHORE, Land
from underpaint.datagen.scenes.layer import BANK, Field, Layer, Rgb, noise
from underpaint.datagen.scenes.light import LIGHTS
from underpaint.datagen.scenes.pen import RGB, Pen
from underpaint.datagen.scenes.scene import ScenePlan, Thing
from underpaint.datagen.scenes.shapes import oval
from underpaint.datagen.scenes.sky import draw_sky, draw_weather
from underpaint.datagen.scenes.water import draw_water
from underpaint.datagen.scenes.words import Kind, Place

_DRAWN = {**BUILT, **GROWN}
_MIDDLES: dict[Place, float] = {"left": 0.235, "middle": 0.5, "right": 0.765}
# Heights of things, so that all of them take about as much of the picture.
_HEIGHTS: dict[Kind, float] = {"car": 0.68, "house": 0.86, "cat": 1.0, "apple": 0.84, "mushroom": 0.92, "balloon": 1.12}
_HEIGHTS |= {"tree": 1.16, "flower": 1.14, "windmill": 1.16, "umbrella": 0.98, "boat": 0.98, "bird": 0.92}
# How far they reach to either side, in their heights.
_REACHES: dict[Kind, float] = {
    "car": 0.86,
    "house": 0.80,
    "cat": 0.64,
    "apple": 0.48,
    "mushroom": 0.56,
    "balloon": 0.44,
}
_REACHES |= {"tree": 0.52, "flower": 0.38, "windmill": 0.48, "umbrella": 0.62, "boat": 0.64, "bird": 0.84}
_DARK: Rgb = (0.06, 0.06, 0.14)  # of shadows
NO_SHORE = 2.0
FLAT, MIRRORED = 0.34, 0.6


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnScene:
    """A drawn scene.

    Attributes:
        pixels: uint8 (side, side, 3), sRGB.
        depth: float32 (side, side), 0..1: inverse depth, 1 at the lower edge of level ground, 0 at the horizon.
        saliency: float32 (side, side), 0..1: how much of each pixel things cover.
    """

    pixels: NDArray[np.uint8]
    depth: Field
    saliency: Field


@dataclass(frozen=True, kw_only=True)
class _Stand:
    """Where a thing stands: its foot, its height, and how near it is."""

    thing: Thing
    x: float
    base: float
    size: float
    near: float


def draw(scene: ScenePlan, side: int = 256) -> DrawnScene:
    """Draw a scene as a square picture.

    The same scene gives the same bytes on every machine: numbers are added, multiplied and rooted, which IEEE 754
    defines to the last bit, and the few sines are rounded to a fraction of a pixel.
    """
    draws = random.Random(scene.draw)
    land = _land(scene, draws)
    bank, start = noise(side), [int(draws.random() * (BANK - 1) * side) for _ in range(2)]
    sheet = Layer(side, bank[start[0] : start[0] + side, start[1] : start[1] + side])
    draw_sky(sheet, land)
    depth = np.zeros((side, side), np.float32)
    for n, cover in enumerate(draw_hills(sheet, land)):
        depth += (np.float32(0.012 * (n + 1)) - depth) * cover
    (draw_water if scene.ground == "sea" else draw_ground)(sheet, land)
    rows = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    level = np.clip((rows - np.float32(land.horizon)) / np.float32(1 - land.horizon), 0, 1)
    depth[level > 0] = level[level > 0, None]
    saliency = np.zeros((side, side), np.float32)
    for stand in _stands(scene, land):
        own = _drawn(stand, land, sheet)
        _cast(sheet, own, stand, land)
        sheet.lay(own)
        depth += (np.float32(stand.near) - depth) * own.cover
        saliency = saliency * (1 - own.cover) + own.cover
    draw_weather(sheet, land)
    return DrawnScene(
        pixels=(np.clip(sheet.colour, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8),
        depth=depth,
        saliency=saliency,
    )


def _land(scene: ScenePlan, draws: random.Random) -> Land:
    horizon = 0.46 + 0.12 * draws.random()
    side = -1.0 if draws.random() < 0.5 else 1.0
    sun = 0.5 + side * (0.14 + 0.26 * draws.random())
    # Boats that are alone are seen from the water, or from a beach at the very front.
    start = (NO_SHORE if draws.random() < 0.5 else 0.85) if scene.is_afloat else SHORE
    return Land(
        ground=scene.ground,
        season=scene.season,
        sky=scene.sky,
        horizon=horizon,
        shore=horizon + (1 - horizon) * start,
        light=LIGHTS[scene.sky],
        side=side,
        sun=sun,
        draws=draws,
    )


def _stands(scene: ScenePlan, land: Land) -> list[_Stand]:
    """Return where things stand, the farthest first; none of them is cut off by an edge."""
    stands = []
    for n, thing in enumerate(scene.things):
        low, high = (0.37, 0.45) if len(scene.things) == 1 else ((0.34, 0.40), (0.27, 0.32))[n]
        size = land.between(low, high) * _HEIGHTS[thing.kind]
        near = land.between(0.45, 0.72) if n == 0 else land.between(0.26, 0.4)
        if scene.ground == "sea" and not scene.is_afloat:
            near = land.between(0.29, 0.35) if thing.kind == "boat" else max(near, SHORE + 0.12 - 0.04 * n)
        margin = _REACHES[thing.kind] * size + 0.015
        x = _MIDDLES[thing.place] + land.between(-0.035, 0.035)
        base = land.down(near)
        if thing.kind == "balloon":
            base = max(land.horizon - land.between(-0.02, 0.06), 1.05 * size + 0.02)
        stands.append(_Stand(thing=thing, x=min(max(x, margin), 1 - margin), base=base, size=size, near=near))
    return sorted(stands, key=lambda stand: stand.near)


def _drawn(stand: _Stand, land: Land, sheet: Layer) -> Layer:
    own = Layer(sheet.side, sheet.grain)
    pen = Pen(
        layer=own,
        x=stand.x,
        base=stand.base,
        size=stand.size,
        facing=1 if land.draws.random() < 0.5 else -1,
        light=land.side,
        tint=land.light.tint,
        lamps=land.light.lamps,
        colour=RGB[stand.thing.colour],
        draws=land.draws,
    )
    _DRAWN[stand.thing.kind](pen)
    if land.light.near_haze:
        haze = np.float32(land.light.near_haze * (1.5 - stand.near))
        own.colour += (np.asarray(land.light.low, np.float32) * own.cover[..., None] - own.colour) * haze
    return own


def _cast(sheet: Layer, own: Layer, stand: _Stand, land: Land) -> None:
    """Lay down the shadow that a thing casts on the ground, or its image in the water."""
    light = land.light
    if stand.thing.kind == "boat" and land.ground == "sea":
        _mirror(sheet, own, stand, land)
    elif stand.thing.kind == "balloon":
        below = oval(
            stand.x - land.side * 0.06 * light.length, land.down(stand.near), stand.size * 0.28, stand.size * 0.05
        )
        sheet.fill(below, colour=_DARK, soft=0.02, opacity=light.shadow * 0.6, grain=0)
    else:
        _throw(sheet, own, stand, land)
        below = oval(stand.x, stand.base, stand.size * 0.36, stand.size * 0.06)
        sheet.fill(below, colour=_DARK, soft=0.008, opacity=0.3, grain=0)


def _throw(sheet: Layer, own: Layer, stand: _Stand, land: Land) -> None:
    """Lay down a cast shadow: what is h above the foot is thrown `FLAT` h up the picture, and away from the light."""
    foot, slant = stand.base * sheet.side, land.side * land.light.length
    affine = (1, -slant / FLAT, slant / FLAT * foot, 0, 1 / FLAT, foot * (1 - 1 / FLAT))
    thrown = _moved(own.cover[..., None], affine)[..., 0]
    shape = Image.fromarray((thrown * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(sheet.side * 0.006))
    cover = np.asarray(shape, np.float32) * np.float32(land.light.shadow / 255)
    cover[: int(land.horizon * sheet.side) + 1] = 0
    shade = np.asarray((0.10, 0.11, 0.26) if land.ground == "snow" else _DARK, np.float32)
    sheet.colour += (shade - sheet.colour) * cover[..., None]


def _mirror(sheet: Layer, own: Layer, stand: _Stand, land: Land) -> None:
    """Lay down an image in the water: what is h above the water line is seen `MIRRORED` h below it."""
    foot = stand.base * sheet.side
    upside = (1, 0, 0, 0, -1 / MIRRORED, foot * (1 + 1 / MIRRORED))
    seen = np.ones((sheet.side, 1), np.float32) * np.float32(0.5)
    seen[: int(foot)] = 0
    seen[max(0, int((land.shore - 0.015) * sheet.side)) :] = 0
    colour, cover = _moved(own.colour, upside), _moved(own.cover[..., None], upside)
    sheet.colour += (colour * np.float32(0.8) - sheet.colour * cover) * seen[..., None]


def _moved(values: Field, affine: tuple[float, ...]) -> Field:
    """Return channels moved by Pillow's affine map from where they go to where they come from."""
    bands = [Image.fromarray((np.clip(values[..., n], 0, 1) * 255).astype(np.uint8)) for n in range(values.shape[-1])]
    moved = [each.transform(each.size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR) for each in bands]
    stacked: Field = np.stack([np.asarray(each, np.float32) for each in moved], axis=-1) / np.float32(255)
    return stacked
