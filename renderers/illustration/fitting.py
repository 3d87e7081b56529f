"""From a picture to a digital illustration: sketch, clean line, flats, shading, highlights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from underpaint.renderers.illustration.flats import flat_strokes
from underpaint.renderers.illustration.habits import DrawingHabits
from underpaint.renderers.illustration.layers import LAYERED_COLUMNS
from underpaint.renderers.illustration.lines import line_strokes, over_sketch, sketch_strokes
from underpaint.renderers.illustration.shading import IllustrationEffort, ShadedPicture
from underpaint.renderers.illustration.study import LEAST_SIDE, WORKING_SIDE, Study, at_working_size, make_study
from underpaint.renderers.ink.scaled import working_picture
from underpaint.renderers.order.overlaps import strokes_under
from underpaint.renderers.order.places import cut_into_places, stroke_regions
from underpaint.renderers.order.scene import look
from underpaint.renderers.order.schedule import schedule
from underpaint.renderers.seeds import illustration_seed
from underpaint.renderers.strokes.columns import CX, CY, scale_strokes
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]


# Shares of the strokes; the rest is shading. Below 8 % of lines a face has no eyes.
_SKETCH, _LINE, _FLATS, _LIGHTS = 0.07, 0.16, 0.07, 0.08
# Strokes that a region takes on average, with which its number is held down where there are few strokes.
_PER_REGION = 2
# The direction, in radians, in which a right hand moves most easily.
_HAND = -0.8


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class FittedIllustration:
    """Strokes in drawing order, and where each belongs.

    Attributes:
        strokes: float32 (N, 17), in pixels of the picture.
        phase: uint8 (N,), which of PHASES.
        region: int16 (N,), the region in which it lies, in the order in which regions are filled.
        place: int16 (N,), rising numbers of places; those of different phases differ.
        labels: uint8 (h, w), the regions.
    """

    strokes: Float32
    phase: UInt8
    region: npt.NDArray[np.int16]
    place: npt.NDArray[np.int16]
    labels: UInt8


def fit_illustration(
    image: UInt8,
    strokes: int,
    effort: IllustrationEffort,
    habits: DrawingHabits,
    seed: int,
    guides: Mapping[str, Float32],
) -> FittedIllustration:
    """Fit up to `strokes` strokes to a picture.

    Args:
        image: uint8 (H, W, 3).
        strokes: the budget, at least 1.
        effort: how hard to work.
        habits: of the illustrator.
        seed: the same seed gives the same bytes.
        guides: `saliency` and `depth`, see `order.scene.look`, where they are known.
    """
    picture = working_picture(image, strokes, WORKING_SIDE, LEAST_SIDE)
    known = {name: at_working_size(guide, picture) for name, guide in guides.items()}
    scene = look(
        picture, saliency=known.get("saliency"), depth=known.get("depth"), detail=habits.detail, cut_faces=False
    )
    study = make_study(picture, scene, habits, max(int(strokes * _FLATS) // _PER_REGION, 1))
    random = np.random.default_rng(illustration_seed(seed, "hand"))
    sketch = sketch_strokes(study.outline, int(strokes * _SKETCH), habits, random)
    line = line_strokes(study.outline, study.dark, int(strokes * _LINE), habits, random)
    if len(sketch):
        line = over_sketch(line, *study.labels.shape)[: strokes - len(sketch)]
    flats = flat_strokes(study.labels, study.flat, max(int(strokes * _FLATS), 1), _HAND, random)
    shaded = ShadedPicture(study, flats, line, effort, seed)
    lights = int(strokes * _LIGHTS)
    shading = shaded.shade(strokes - len(sketch) - len(line) - len(flats) - lights, habits.softness)
    shading, highlights = shaded.light(shading, lights)
    parts = [sketch, line, flats, *(_in_place(part, study.labels, habits.place) for part in (shading, highlights))]
    return _joined(parts, study, habits.place, max(image.shape[:2]) / max(picture.shape[:2]))


def _in_place(strokes: Float32, labels: Int32, size: float) -> Float32:
    """Return clipped strokes region by region, in it place by place; the canvas stays as it is."""
    places = _places(strokes, labels, size)
    height, width = labels.shape
    return strokes[schedule(_centres(strokes, labels), places, strokes_under(strokes, height, width))]


def _centres(strokes: Float32, labels: Int32) -> Float32:
    return np.asarray(strokes[:, [CX, CY]] / np.float32(max(labels.shape)), np.float32)


def _places(strokes: Float32, labels: Int32, size: float) -> Int32:
    return cut_into_places(_centres(strokes, labels), stroke_regions(strokes, labels), size)


def _joined(parts: list[Float32], study: Study, size: float, scale: float) -> FittedIllustration:
    places, first = [], 0
    for part in parts:
        place = _places(part, study.labels, size) + first
        first = int(place.max(initial=first - 1)) + 1
        places.append(place)
    strokes = np.concatenate([np.zeros((0, len(LAYERED_COLUMNS)), np.float32), *parts])
    return FittedIllustration(
        strokes=scale_strokes(strokes, scale),
        phase=np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.uint8),
        region=stroke_regions(strokes, study.labels).astype(np.int16),
        place=np.concatenate(places).astype(np.int16),
        labels=study.labels.astype(np.uint8),
    )
