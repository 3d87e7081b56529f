"""A scene drawn: its pixels, and exact maps of depth and of the things in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from underpaint.datagen.scenes.built import BUILT
from underpaint.datagen.scenes.grown import GROWN
from underpaint.datagen.scenes.land import SHORE, Land, draw_ground, draw_hills, draw_sky, draw_weather
from underpaint.datagen.scenes.layer import BANK, Field, Layer, noise
from underpaint.datagen.scenes.light import LIGHTS
from underpaint.datagen.scenes.pen import RGB, Pen
from underpaint.datagen.scenes.scene import Scene, Thing
from underpaint.datagen.scenes.words import Kind, Place

_DRAWN: dict[Kind, Callable[[Pen], None]] = {**BUILT, **GROWN}  # type: ignore[dict-item]
_MIDDLES: dict[Place, float] = {"left": 0.235, "middle": 0.5, "right": 0.765}
# Heights of things, so that all of them take about as much of the picture.
_HEIGHTS: dict[Kind, float] = {"car": 0.68, "house": 0.86, "cat": 1.0, "apple": 0.84, "mushroom": 0.92, "balloon": 1.12}
_HEIGHTS |= {"tree": 1.16, "flower": 1.14, "windmill": 1.16, "umbrella": 0.98, "boat": 0.98, "bird": 0.92}
SMOOTHED = 0.02  # things that are this far in front, in inverse depth, hide what is behind them


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
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

    @property
    def floats(self) -> bool:
        return self.thing.kind == "balloon"


def draw(scene: Scene, side: int = 256) -> Drawing:
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
    draw_ground(sheet, land)
    rows = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    level = np.clip((rows - np.float32(land.horizon)) / np.float32(1 - land.horizon), 0, 1)
    depth[level > 0] = level[level > 0, None]
    saliency = np.zeros((side, side), np.float32)
    for stand in _stands(scene, land):
        own = _drawn(stand, scene, land, sheet)
        _cast(sheet, own, stand, land)
        sheet.lay(own)
        depth += (np.float32(stand.near) - depth) * own.cover
        saliency = saliency * (1 - own.cover) + own.cover
    draw_weather(sheet, land)
    return Drawing(
        pixels=(np.clip(sheet.colour, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8),
        depth=depth,
        saliency=saliency,
    )


def _land(scene: Scene, draws: random.Random) -> Land:
    horizon = 0.46 + 0.12 * draws.random()
    afloat = all(thing.kind == "boat" for thing in scene.things)
    side = -1.0 if draws.random() < 0.5 else 1.0
    sun = 0.5 + side * (0.14 + 0.26 * draws.random())
    shore = horizon + (1 - horizon) * SHORE
    if afloat:
        shore = 1.2 if draws.random() < 0.5 else horizon + (1 - horizon) * 0.85
    return Land(
        ground=scene.ground,
        season=scene.season,
        sky=scene.sky,
        horizon=horizon,
        shore=shore,
        light=LIGHTS[scene.sky],
        side=side,
        sun=sun,
        draws=draws,
    )


def _stands(scene: Scene, land: Land) -> list[_Stand]:
    """Return where things stand, the farthest first."""
    stands = []
    alone = len(scene.things) == 1
    for n, thing in enumerate(scene.things):
        near = land.between(0.45, 0.72) if n == 0 else land.between(0.26, 0.4)
        afloat = thing.kind == "boat" and scene.ground == "sea"
        if scene.ground == "sea":
            near = land.between(0.30, 0.36) if afloat and land.shore < 1 else max(near, SHORE + 0.1)
            near = near + 0.16 * (afloat and (alone or land.shore > horizon_shore(land)))
        size = land.between(0.37, 0.45) if alone else land.between(0.34, 0.40) if n == 0 else land.between(0.27, 0.32)
        x = _MIDDLES[thing.place] + land.between(-0.035, 0.035)
        base = land.horizon + (1 - land.horizon) * near
        stands.append(_Stand(thing=thing, x=x, base=base, size=size * _HEIGHTS[thing.kind], near=near))
    stands = [
        replace(stand, base=land.horizon - land.between(-0.02, 0.06)) if stand.floats else stand for stand in stands
    ]
    return sorted(stands, key=lambda stand: stand.near)


def horizon_shore(land: Land) -> float:
    """Return where the shore begins if things stand on it."""
    return land.horizon + (1 - land.horizon) * (SHORE + 0.01)


def _drawn(stand: _Stand, scene: Scene, land: Land, sheet: Layer) -> Layer:
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
    side, light = sheet.side, land.light
    afloat = stand.thing.kind == "boat" and land.ground == "sea"
    foot = stand.base * side
    if afloat:
        # What lies y above the water line is seen 0.6 y below it.
        upside = (1, 0, 0, 0, -1 / 0.6, foot * (1 + 1 / 0.6))
        colour = _moved(own.colour, upside)
        cover = _moved(own.cover[..., None], upside)[..., 0] * np.float32(0.45)
        cover[: int(foot)] = 0
        below = np.clip(colour * np.float32(0.8), 0, 1)
        sheet.colour += (below - sheet.colour * (cover > 0)[..., None]) * cover[..., None]
        return
    if stand.floats:
        near = land.horizon + (1 - land.horizon) * stand.near
        dark = [oval_shadow(stand.x - land.side * 0.06 * light.length, near, stand.size * 0.28)]
        sheet.fill(*dark, colour=(0.06, 0.07, 0.16), soft=0.02, opacity=light.shadow * 0.6, grain=0)
        return
    flat, slant = 0.34, land.side * light.length
    # A point h above the foot throws its shadow `flat` h up the picture, and `slant` h away from the light.
    affine = (1, -slant / flat, slant / flat * foot, 0, 1 / flat, foot * (1 - 1 / flat))
    thrown = _moved(own.cover[..., None], affine)[..., 0]
    shape = Image.fromarray((thrown * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(side * 0.006))
    cover = np.asarray(shape, np.float32) * np.float32(light.shadow / 255)
    cover[: int(land.horizon * side) + 1] = 0
    shade = np.asarray((0.10, 0.11, 0.26) if land.ground == "snow" else (0.06, 0.06, 0.14), np.float32)
    sheet.colour += (shade - sheet.colour) * cover[..., None]
    sheet.fill(
        oval_shadow(stand.x, stand.base, stand.size * 0.36), colour=(0.05, 0.05, 0.1), soft=0.008, opacity=0.3, grain=0
    )


def oval_shadow(x: float, y: float, wide: float) -> list[tuple[float, float]]:
    """Return the outline of the dark below a thing."""
    from underpaint.datagen.scenes.shapes import oval

    return oval(x, y, wide, wide * 0.16)


def _moved(values: Field, affine: tuple[float, ...]) -> Field:
    """Return channels moved by Pillow's affine map from where they go to where they come from."""
    bands = [Image.fromarray((np.clip(values[..., n], 0, 1) * 255).astype(np.uint8)) for n in range(values.shape[-1])]
    moved = [each.transform(each.size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR) for each in bands]
    return np.stack([np.asarray(each, np.float32) for each in moved], axis=-1) / np.float32(255)
