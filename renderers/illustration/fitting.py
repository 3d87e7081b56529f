"""From a picture to a digital illustration: sketch, clean line, flats, shading, highlights."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import minimum_filter, uniform_filter

from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.flats import flat_strokes
from underpaint.renderers.illustration.habits import Habits
from underpaint.renderers.illustration.layers import LAYERED_COLUMNS, REGION, Layers
from underpaint.renderers.illustration.lines import FADE, eraser, line_strokes, sketch_strokes
from underpaint.renderers.illustration.refinement import refine_layered
from underpaint.renderers.illustration.shading import lights, paint_over, shadows
from underpaint.renderers.order.overlaps import strokes_under
from underpaint.renderers.order.places import cut_into_places
from underpaint.renderers.order.scene import Scene, look
from underpaint.renderers.region.order import region_means
from underpaint.renderers.order.schedule import schedule
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import CX, CY, scale_strokes
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32, from_tiles, make_grid, to_tiles

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]

PHASES = ("sketch", "line", "flats", "shading", "highlights")
SKETCHING, LINING, FILLING, SHADING, LIGHTING = range(len(PHASES))

# Shares of the strokes; the rest is shading.
_SKETCH, _LINE, _FLATS, _LIGHTS = 0.07, 0.16, 0.07, 0.08
# Of the shading, the share that multiplies.
_SHADOWS = 0.2
# A thousand strokes say no more than a canvas with this long side, in px, holds.
_WORKING_SIDE, _WORKING_STROKES = 320, 1000
_DETAIL = 2.0
_PLACE = 0.2
_MOST_REGIONS = 250


@dataclasses.dataclass(frozen=True, kw_only=True)
class IllustrationEffort:
    """How hard a fit works."""

    search: Search
    steps: int
    scales: tuple[float, ...] = (0.25, 0.5, 1.0)


def resized(image: UInt8, side: float) -> UInt8:
    """Return a picture whose long side has at most `side` pixels."""
    scale = min(side / max(image.shape[:2]), 1.0)
    height, width = (max(round(edge * scale), 8) for edge in image.shape[:2])
    if (height, width) == image.shape[:2]:
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX))


def smooth(values: Float32, side: float) -> Float32:
    """Return the mean over about `side` pixels, twice, of float32 (H, W) or (H, W, 3)."""
    size = max(round(side), 1)
    box = (size, size, 1)[: values.ndim]
    return np.asarray(uniform_filter(uniform_filter(values, box, mode="nearest"), box, mode="nearest"), np.float32)


def fit_illustration(
    image: UInt8, strokes: int, effort: IllustrationEffort, habits: Habits, scene_of: Callable[[UInt8], Scene], seed: int
):
    random = np.random.default_rng(seed)
    picture = resized(image, _WORKING_SIDE * math.sqrt(max(strokes / _WORKING_STROKES, 1.0)))
    values = picture.astype(np.float32) / np.float32(255)
    scene = scene_of(picture)
    budget = [int(strokes * share) for share in (_SKETCH, _LINE, _FLATS, _LIGHTS)]
    labels = _ranked(scene, habits, max(budget[2] // 2, 1))
    count = int(labels.max()) + 1
    toned, flat = _tones(values, labels, habits.tones)
    outline = _outline(values, flat[labels], region_means(scene.labels, scene.saliency).astype(np.float32)[scene.labels])
    shade = np.asarray(minimum_filter(values, (5, 5, 1), mode="nearest"), np.float32) * np.float32(0.5)
    sketch = sketch_strokes(outline, budget[0], habits, random)
    line = line_strokes(outline, shade, budget[1], habits, random)
    flats = flat_strokes(labels, flat, budget[2], -0.8, random)
    left = strokes - len(sketch) - len(line) - len(flats) - 2
    bright = min(budget[3], left)
    h, w = picture.shape[:2]
    line = np.concatenate([eraser(FADE, h, w), line, eraser(1, h, w)])
    # Shading
    ceiling = np.minimum(values, smooth(values, 0.03 * max(h, w)) + np.float32(0.1))
    shading = _shade(ceiling, toned, labels, line, flats, left - bright, effort, habits, seed)
    shading = _in_place(shading, labels)
    canvas = Layers.blank(make_grid(h, w), make_clip(labels.astype(np.uint8), make_grid(h, w)), np.ones(3, np.float32))
    canvas.lay(np.concatenate([flats, shading]))
    high = lights(to_tiles(values), canvas, labels, structure_tensor(values), bright, Brush(radius_min=0.9, radius_max=4, opacity_min=0.0), effort.search, seed * 8 + 7)
    high = _in_place(high, labels)
    parts = [sketch, line, flats, shading, high]
    phase = np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.uint8)
    return scale_strokes(np.concatenate(parts), max(image.shape[:2]) / max(h, w)), phase, labels.astype(np.uint8)


def _ranked(scene: Scene, habits: Habits, most: int) -> Int32:
    order = scene.order
    if habits.flats == "subject-first":
        order = np.concatenate([order[scene.subject[order]], order[~scene.subject[order]]])
    rank = np.empty(len(order), np.int32)
    group = np.arange(len(order))
    most = min(most, _MOST_REGIONS)
    if most < len(order):
        group = group * most // len(order)
    rank[order] = group
    return rank[scene.labels]


_LUMA = (0.299, 0.587, 0.114)


def luma(values: Float32) -> Float32:
    return sum(values[:, :, c] * np.float32(_LUMA[c]) for c in range(3))


def _tones(values: Float32, labels: Int32, tones: int):
    """Each region in a few tones -> float32 (H, W, 3), and the lightest of each, float32 (R, 3)."""
    brightness = smooth(luma(values), 0.012 * max(labels.shape))
    order = np.lexsort((brightness.ravel(), labels.ravel()))
    areas = np.bincount(labels.ravel())
    first = np.cumsum(areas) - areas
    sorted_labels = labels.ravel()[order]
    place = np.arange(labels.size) - first[sorted_labels]
    tone = np.empty(labels.size, np.int64)
    tone[order] = place * tones // areas[sorted_labels]
    key = labels.ravel() * tones + tone
    n = np.maximum(np.bincount(key, minlength=len(areas) * tones), 1)
    means = np.stack([np.bincount(key, weights=values[:, :, c].ravel(), minlength=len(n)) / n for c in range(3)], axis=1)
    means = means.astype(np.float32)
    return means[key].reshape(values.shape), means.reshape(len(areas), tones, 3)[:, -1]


def _outline(values: Float32, flat: Float32, salient: Float32) -> Float32:
    mixed = np.float32(0.2) * flat + np.float32(0.8) * values
    plane = np.float32(0.7) * luma(mixed) + np.float32(0.3) * mixed.min(axis=2)
    away = salient - salient.mean()
    sign = 1 if (plane * away).sum() > 0 else -1
    return plane + np.float32(0.16 * sign) * salient


def _box(values: Float32, height: int, width: int) -> Float32:
    if values.shape[:2] == (height, width):
        return values
    planes = [np.asarray(Image.fromarray(np.ascontiguousarray(values[:, :, c])).resize((width, height), Image.Resampling.BOX)) for c in range(3)]
    return np.stack(planes, axis=2)


def _shade(values, toned, labels, line, flats, budget, effort, habits, seed):
    h, w = labels.shape
    shading = np.zeros((0, len(LAYERED_COLUMNS)), np.float32)
    dark = round(budget * _SHADOWS)
    rest = budget - dark
    late = round(rest * LATE)
    rest -= late
    soft = habits.softness
    plan = [
        (0.25, round(dark * .5), "shadow", Brush(radius_min=1.6, radius_max=5, stretch=3, softness=soft, opacity_min=0.0)),
        (0.5, dark - round(dark * .5), "shadow", Brush(radius_min=1.6, radius_max=5, stretch=3, softness=soft * .8, opacity_min=0.0)),
        (0.5, round(rest * .35), "over", Brush(radius_min=1.6, radius_max=5, softness=soft * .5)),
        (1.0, rest - round(rest * .35), "over", Brush(radius_min=1.0, radius_max=5, softness=0)),
        (1.0, 0, "refine", STEPS1),
        (1.0, late, "over", Brush(radius_min=1.0, radius_max=5, softness=0)),
        (1.0, 0, "refine", STEPS2),
    ]
    for number, (scale, count, kind, brush) in enumerate(plan):
        height, width = max(round(h * scale), 8), max(round(w * scale), 8)
        grid = make_grid(height, width)
        target = _box(toned if kind == "shadow" else values, height, width)
        small = np.asarray(Image.fromarray(labels.astype(np.int32)).resize((width, height), Image.Resampling.NEAREST))
        base = Layers.blank(grid, make_clip(small.astype(np.uint8), grid), np.ones(3, np.float32))
        base.lay(scale_strokes(flats, width / w))
        if kind == "refine":
            top = Layers.blank(grid, base.clip, np.ones(3, np.float32))
            top.lay(line)
            weight = (1 - top.sheets[1][:, :, 3]) ** 2
            weight *= (grid.x_TP[None] < 1e5) & (grid.y_TP[:, None] < 1e5)
            shading = refine_layered(to_tiles(values), weight.astype(np.float32), base, shading, Refinement(steps=brush, rate_end=0.2 if number == 4 else .05, radius_min=0.8, opacity_min=0.2))
            continue
        base.lay(scale_strokes(shading, width / w))
        place = shadows if kind == "shadow" else paint_over
        found = place(to_tiles(target), base, small, structure_tensor(target), count, brush, effort.search, seed * 8 + number)
        shading = np.concatenate([shading, scale_strokes(found, w / width)])
    return shading


LATE, STEPS1, STEPS2 = .25, 40, 60


def _in_place(strokes, labels):
    """Region by region, place by place."""
    if not len(strokes):
        return strokes
    h, w = labels.shape
    region = strokes[:, REGION].astype(np.int32)
    centres = strokes[:, [CX, CY]] / np.float32(max(h, w))
    places = cut_into_places(centres, region, _PLACE)
    return strokes[schedule(centres, places, strokes_under(strokes, h, w))]
