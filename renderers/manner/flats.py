"""Flats: each region is blocked in with one colour that changes evenly, from the back to the front."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import distance_transform_edt

from underpaint.renderers.manner.marks import BLOCK_IN, Marks
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.seeds import manner_seed
from underpaint.renderers.strokes.columns import scale_strokes
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.search import Search, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32, blank_tiles, from_tiles, make_grid, to_tiles

Bool = npt.NDArray[np.bool_]

# Flats are broad: on a canvas of this long side, in px, their edges are as good as on any.
_SIDE = 128
_SEARCH = Search(candidates=32, climbs=60)
# Two brushes: how much of the budget each gets, and its radius in radii of the region's largest circle.
_BRUSHES = ((0.6, 0.8), (0.4, 0.35))
# A pull towards an even colour: narrow regions have no gradient to speak of.
_EVEN = 0.02


@dataclasses.dataclass(frozen=True, kw_only=True)
class FlatBrush:
    """What strokes that block in look like."""

    # Of the side. Larger or longer ones are one banana for a whole region.
    radius_max: float = 0.06
    stretch: float = 3.0
    # Flats cover; soft edges would leave a halo of ground around each.
    opacity_min: float = 0.92
    softness: float = 0.0


def block_in(
    image: npt.NDArray[np.uint8],
    scene: Scene,
    ground: Float32,
    under: Marks,
    budget: int,
    brush: FlatBrush,
    margin: float,
    seed: int,
) -> Marks:
    """Return the strokes that fill each region with its planar colour, the farthest region first.

    Args:
        image: uint8 (H, W, 3).
        scene: its regions and their order.
        ground: float32 (3,), the blank canvas.
        under: what is painted already, the drawing.
        budget: about how many strokes; every region gets some.
        brush: how they look.
        margin: how far a flat runs under what isn't painted yet, in sides of the picture.
        seed: of the painting.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    grid = make_grid(max(1, round(height * scale)), max(1, round(width * scale)))
    size = (grid.width, grid.height)
    small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX)).astype(np.float32) / np.float32(255)
    labels = np.asarray(Image.fromarray(scene.labels).resize(size, Image.Resampling.NEAREST))
    canvas = blank_tiles(grid, ground)
    paint_strokes(canvas, grid.x_TP, grid.y_TP, scale_strokes(under.strokes, scale))
    areas = np.bincount(scene.labels.ravel(), minlength=len(scene.order)) / scene.labels.size
    shares = np.sqrt(areas) / np.sqrt(areas).sum()
    painted = np.zeros(labels.shape, np.bool_)
    side = max(grid.height, grid.width)
    marks = Marks.none()
    for rank, region in enumerate(scene.order):
        mask = labels == region
        if not mask.any():  # lost in the small copy
            continue
        beyond = distance_transform_edt(~mask)
        inner = float(distance_transform_edt(np.pad(mask, 1)).max())
        wanted = mask | ((beyond <= margin * side) & ~painted)
        flat = planar_colour(small, mask)
        for number, (share, part) in enumerate(_BRUSHES):
            target = np.where(wanted[..., None], flat, from_tiles(canvas, grid.height, grid.width))
            most = brush.radius_max * side * (1.0 if number == 0 else 0.6)
            radius = min(max(part * inner, 1.25), most)
            shapes = Brush(
                radius_min=max(1.0, 0.45 * radius),
                radius_max=max(1.5, radius),
                stretch=brush.stretch,
                opacity_min=brush.opacity_min,
                softness=brush.softness,
            )
            placed = place_strokes(
                to_tiles(target), canvas, grid, structure_tensor(target),
                max(1, round(budget * float(shares[region]) * share)),
                shapes, _SEARCH, manner_seed(seed, "flats", 2 * rank + number),
            )  # fmt: skip
            marks = marks.then(Marks.of(scale_strokes(placed, 1 / scale), BLOCK_IN, number, rank))
        painted |= mask
    return marks


def planar_colour(image: Float32, mask: Bool) -> Float32:
    """Return the colour of a region that changes evenly over it, float32 (H, W, 3): a least-squares plane.

    Args:
        image: float32 (H, W, 3), 0..1.
        mask: bool (H, W), where the region is.
    """
    height, width = mask.shape
    y, x = (np.mgrid[0:height, 0:width] / max(height, width)).astype(np.float64)
    inside, colours = np.stack([x[mask], y[mask]], axis=1), image[mask].astype(np.float64)
    middle, mean = inside.mean(axis=0), colours.mean(axis=0)
    away = inside - middle
    normal = away.T @ away + _EVEN * len(away) * np.eye(2)
    slope = np.linalg.solve(normal, away.T @ (colours - mean))
    plane = mean + np.stack([x - middle[0], y - middle[1]], axis=2) @ slope
    lowest, highest = np.quantile(colours, [0.1, 0.9], axis=0)
    return np.asarray(np.clip(plane, lowest, highest), np.float32)
