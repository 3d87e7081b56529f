"""From a picture to ink marks.

In this model the finished picture is a product, and a product doesn't mind its order. So marks are fitted in the order
that serves the fit, coarse to fine and by error, and painted in the order of an ink painting: contours, texture, washes
from pale to dark, colour.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.contours import Lines, contour_strokes
from underpaint.renderers.ink.dressing import (
    COLOUR,
    CONTOURS,
    DENSEST_MARK,
    TEXTURE,
    WASHES,
    dress,
    grind_ink,
    set_strengths,
)
from underpaint.renderers.ink.mist import in_mist
from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.refinement import InkRefinement, refine_ink
from underpaint.renderers.ink.scaled import ScaledTones, working_picture
from underpaint.renderers.ink.tints import fit_tints
from underpaint.renderers.ink.tones import ink_tones, outlines
from underpaint.renderers.seeds import ink_seed
from underpaint.renderers.strokes.columns import A0, A1, COLUMNS, LENGTH, R0, R1, scale_strokes
from underpaint.renderers.strokes.importance import removal_change
from underpaint.renderers.strokes.search import Search, place_marks
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]

# Shares of the marks. Fewer contours gain 0.008 SSIM per 5 %, and the first frames no longer show what it will be.
_CONTOUR_SHARE, _COLOUR_SHARE = 0.26, 0.1
# These are placed last, where the real surfaces of the others have left the paper too light: worth 0.006 SSIM.
_TOUCH_SHARE = 0.12
# Scale of the canvas, share of the other marks, and the brush, coarse to fine. Large washes are thin: tone is built
# from layers of them.
_LEVELS = (
    (1 / 16, 4, InkBrush(radius_min=1.6, radius_max=4.0, stretch=2.0, softness=0.9, opacity_max=0.25)),
    (1 / 8, 6, InkBrush(radius_min=1.6, radius_max=5.0, softness=0.8, opacity_max=0.35)),
    (1 / 4, 10, InkBrush(radius_min=1.6, radius_max=5.0, softness=0.6, opacity_max=0.5)),
    (1 / 2, 16, InkBrush(radius_min=1.4, radius_max=5.0, softness=0.4, opacity_max=0.7)),
    (1, 30, InkBrush(radius_min=1.0, radius_max=4.0, stretch=5.0, shortest=2.0, softness=0.0, opacity_max=0.85)),
)
_LATER = InkBrush(radius_min=1.0, radius_max=6.0, stretch=4.0, shortest=1.5, softness=0.2, opacity_max=0.8)
# Thinner strokes (radius in px of the working canvas) read as hairs.
_THINNEST = 0.9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """Replace the share of least useful marks, then refine all together, on the canvas scaled to `scale`."""

    scale: float
    refine: int
    replace: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """How much effort each part of the fit gets."""

    search: Search
    steps: tuple[Step, ...]
    # How often every mark's strength is set anew at the end.
    sweeps: int = 3


def fit_ink(
    image: UInt8, strokes: int, recipe: Recipe, colour: float, seed: int, mist: Float32 | None = None
) -> tuple[Float32, UInt8]:
    """Fit up to `strokes` ink marks to a picture.

    Args:
        image: uint8 (H, W, 3).
        strokes: the budget, at least 1.
        recipe: the effort.
        colour: 0..1, see `tones.ink_tones`.
        seed: the same seed gives the same bytes.
        mist: float32 (H, W), 0..1, how much of each pixel is left out.

    Returns:
        float32 (N, 17) in painting order and in pixels of `image`, see `surface`; and uint8 (N,), never falling, the
        phase of each, see `dressing`.
    """
    random = np.random.default_rng(seed)
    picture = working_picture(image, strokes)
    tones, outline = ink_tones(picture, colour), outlines(picture)
    if mist is not None:
        tones, outline = in_mist(tones, outline, mist)
    full = ScaledTones(tones, 1.0)
    paper = paper_heights(full.grid)
    tints = round(strokes * _COLOUR_SHARE) if colour > 0 else 0
    touches = round(strokes * _TOUCH_SHARE)
    contours = contour_strokes(outline, tones.max(axis=2), round(strokes * _CONTOUR_SHARE), Lines(), random)
    shapes = _fit_shapes(tones, contours[:, : len(COLUMNS)], strokes - tints - touches, recipe, seed)
    dressed, phase = dress(shapes[len(contours) :], full, random)
    marks = np.concatenate([contours, dressed])
    phase = np.concatenate([np.full(len(contours), CONTOURS, np.uint8), phase])
    marks, inked = set_strengths(marks, phase, full, paper, recipe.sweeps)
    if touches:
        # On a copy: the strengths of all are solved for anew.
        canvas = inked[:, :, None].copy()
        placed, _ = place_marks(
            full.tone, canvas, full.grid, full.tensor, touches, _LATER, recipe.search, ink_seed(seed, "touches")
        )
        dressed, later = dress(placed, full, random)
        marks, phase = np.concatenate([marks, dressed]), np.concatenate([phase, later])
        marks, inked = set_strengths(marks, phase, full, paper, recipe.sweeps)
    marks = grind_ink(marks)
    if tints:
        tinted = fit_tints(tones, full, inked, tints, recipe.search, recipe.sweeps, seed, paper, random)
        marks = np.concatenate([marks, tinted])
        phase = np.concatenate([phase, np.full(len(tinted), COLOUR, np.uint8)])
    order = _painting_order(marks, phase)
    return scale_strokes(marks[order], max(image.shape[:2]) / max(picture.shape[:2])), phase[order]


def _fit_shapes(tones: Float32, contours: Float32, budget: int, recipe: Recipe, seed: int) -> Float32:
    """Return shapes (N, 13), contours first as they are, that bring ink to its tone; opacity is absorbance."""
    levels = {scale: ScaledTones(tones, scale) for scale, _, _ in _LEVELS}
    shapes, densest = contours, np.full(len(contours), DENSEST_MARK, np.float32)
    shares = np.cumsum([share for _, share, _ in _LEVELS])
    for number, (scale, _, brush) in enumerate(_LEVELS):
        wanted = round((budget - len(contours)) * float(shares[number] / shares[-1]))
        count = len(contours) + wanted - len(shapes)
        shapes, densest = _place_more(
            levels[scale], shapes, densest, count, brush, recipe.search, ink_seed(seed, "shapes", number)
        )
    for number, step in enumerate(recipe.steps):
        level = levels[step.scale]
        if step.replace:
            kept = _most_useful(level, shapes, len(contours), step.replace)
            count, shapes, densest = len(shapes) - len(kept), shapes[kept], densest[kept]
            shapes, densest = _place_more(
                level, shapes, densest, count, _LATER, recipe.search, ink_seed(seed, "replacements", number)
            )
        last = number == len(recipe.steps) - 1
        refinement = InkRefinement(
            steps=step.refine, radius_min=_THINNEST * level.scale, rate_end=0.05 if last else 0.3
        )
        fixed = np.arange(len(shapes)) < len(contours)
        here = scale_strokes(shapes, level.scale)
        shapes = scale_strokes(refine_ink(level.tone, level.grid, here, fixed, densest, refinement), 1 / level.scale)
    # Exactly as they were drawn, rounding of the scales apart.
    return np.concatenate([contours, shapes[len(contours) :]])


def _place_more(
    level: ScaledTones, shapes: Float32, densest: Float32, count: int, brush: InkBrush, search: Search, seed: int
) -> tuple[Float32, Float32]:
    """Place up to `count` shapes over those there are; with `densest` (N,), the most that each may take away."""
    canvas = level.paint_smooth(scale_strokes(shapes, level.scale))
    placed, _ = place_marks(level.tone, canvas, level.grid, level.tensor, count, brush, search, seed)
    most = np.full(len(placed), brush.opacity_max, np.float32)
    return np.concatenate([shapes, scale_strokes(placed, 1 / level.scale)]), np.concatenate([densest, most])


def _most_useful(level: ScaledTones, shapes: Float32, contours: int, share: float) -> npt.NDArray[np.int64]:
    """Return the indices of all contours and of the shapes without the `share` that matters least, in order."""
    target = np.ascontiguousarray(np.repeat(level.tone, 3, axis=2))
    change = removal_change(target, level.grid, np.ones(3, np.float32), scale_strokes(shapes, level.scale))
    change[:contours] = np.inf
    return np.sort(np.argsort(change, kind="stable")[round((len(shapes) - contours) * share) :])


def _painting_order(marks: Float32, phase: UInt8) -> npt.NDArray[np.int64]:
    """Return the order: contours as drawn, texture and colour from large to small, washes from pale to dark."""
    radius, opacity = marks[:, R0 : R1 + 1].mean(axis=1), np.maximum(marks[:, A0 : A1 + 1].mean(axis=1), 1e-3)
    area = (marks[:, LENGTH] + 2 * radius) * radius
    key = np.arange(len(marks), dtype=np.float64)
    texture, wash, tint = (phase == number for number in (TEXTURE, WASHES, COLOUR))
    key[texture], key[tint] = -area[texture] * opacity[texture], -area[tint]
    # Among washes a step in size counts half as much as one in tone: the large ones come first where they are pale.
    key[wash] = opacity[wash] / np.sqrt(area[wash])
    return np.lexsort((key, phase))
