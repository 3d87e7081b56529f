"""Flats: each region is blocked in with one colour that changes evenly, from the back to the front."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import distance_transform_edt

from underpaint.renderers.manner.marks import BLOCK_IN, Brushwork
from underpaint.renderers.manner.rows import row_strokes
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.seeds import manner_seed
from underpaint.renderers.strokes.columns import BLUE, CX, CY, RED, scale_strokes
from underpaint.renderers.strokes.kernels import paint_strokes
from underpaint.renderers.strokes.search import Search, place_strokes
from underpaint.renderers.strokes.shapes import Brush
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32, blank_tiles, from_tiles, make_grid, to_tiles

Bool = npt.NDArray[np.bool_]

# Flats are broad: on a canvas of this long side, in px, their edges are as good as on any.
_SIDE = 128
_SEARCH = Search(candidates=32, climbs=60)
# A wide brush fills rows: its radius in radii of the region's largest circle, at most, and what a stroke covers in
# squared radii. In a narrow region it is wider, at least this share of what its strokes would need: else it takes too
# many. A narrow one gets this share of the strokes, for what the rows leave.
_WIDE, _AREA = 0.8, 9.0
_TIGHT = 0.8
_NARROW, _CORNERS = 0.35, 0.25
# A flat that differs less from what is there, 0..1 a channel, is left out: white paper is left white.
_UNSEEN = 0.01
# A pull towards an even colour: narrow regions have no gradient to speak of.
_EVEN = 0.02


@dataclasses.dataclass(frozen=True, kw_only=True)
class FlatBrush:
    """What strokes that block in look like."""

    radius_max: float  # of the side
    stretch: float = 3.0
    # Flats cover.
    opacity: float = 0.96
    opacity_min: float = 0.92
    # How far each refinement may change their opacity and each channel of their colour. Where it is free, they take
    # colours that make up for what is modelled over them, and look like none of the picture's.
    slack: float = 0.0


def block_in(
    image: npt.NDArray[np.uint8],
    scene: Scene,
    ground: Float32,
    under: Brushwork,
    budget: int,
    brush: FlatBrush,
    margin: float,
    seed: int,
) -> Brushwork:
    """Return the strokes that fill each region with its planar colour, the farthest region first.

    Args:
        image: uint8 (H, W, 3).
        scene: its regions and their order.
        ground: float32 (3,), the blank canvas.
        under: what is painted already, the drawing.
        budget: about how many strokes; regions that would get none are left to the modelling.
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
    # So wide that the budget covers the canvas.
    widest = max(brush.radius_max, 1 / math.sqrt(_AREA * max(budget, 1))) * side
    marks = Brushwork.none()
    for rank, region in enumerate(scene.order):
        mask = labels == region
        if not mask.any():  # lost in the small copy
            continue
        beyond = distance_transform_edt(~mask)
        inner = float(distance_transform_edt(np.pad(mask, 1)).max())
        wanted = mask | ((beyond <= margin * side) & ~painted)
        flat = planar_colour(small, mask)
        painted |= mask
        if np.abs(flat - from_tiles(canvas, grid.height, grid.width))[wanted].mean() < _UNSEEN:
            continue
        count = round(budget * float(shares[region]))
        if count < 1:
            continue
        rows = _in_rows(wanted, flat, inner, count, widest, brush.opacity, manner_seed(seed, "flats", 2 * rank))
        paint_strokes(canvas, grid.x_TP, grid.y_TP, rows)
        target = np.where(wanted[..., None], flat, from_tiles(canvas, grid.height, grid.width))
        radius = min(max(_NARROW * inner, 1.25), 0.6 * widest)
        shapes = Brush(
            radius_min=max(1.0, 0.45 * radius),
            radius_max=max(1.5, radius),
            stretch=brush.stretch,
            opacity_min=brush.opacity_min,
        )
        corners = place_strokes(
            to_tiles(target), canvas, grid, structure_tensor(target), round(_CORNERS * count), shapes, _SEARCH,
            manner_seed(seed, "flats", 2 * rank + 1),
        )  # fmt: skip
        for level, strokes in enumerate((rows, corners)):
            marks = marks.then(Brushwork.of(scale_strokes(strokes, 1 / scale), BLOCK_IN, level, rank))
    return marks


def _in_rows(
    wanted: Bool, flat: Float32, inner: float, count: int, widest: float, opacity: float, seed: int
) -> Float32:
    """Return about `count` strokes less those for the corners, of the colour `flat` has where they lie."""
    fitting = math.sqrt(int(wanted.sum()) / (_AREA * (1 - _CORNERS) * count))
    radius = min(max(fitting, 1.25), max(_WIDE * inner, _TIGHT * fitting, 1.25), widest)
    rows = row_strokes(wanted, radius, opacity, np.random.default_rng(seed))
    x = np.clip(rows[:, CX].astype(np.int64), 0, wanted.shape[1] - 1)
    y = np.clip(rows[:, CY].astype(np.int64), 0, wanted.shape[0] - 1)
    rows[:, RED : BLUE + 1] = flat[y, x]
    return rows


def planar_colour(image: Float32, mask: Bool) -> Float32:
    """Return the colour of a region that changes evenly over it, float32 (H, W, 3): a least-squares plane.

    Args:
        image: float32 (H, W, 3), 0..1.
        mask: bool (H, W), where the region is.
    """
    height, width = mask.shape
    y, x = (np.mgrid[0:height, 0:width] / max(height, width)).astype(np.float64)
    dx, dy, colours = x - x[mask].mean(), y - y[mask].mean(), image[mask].astype(np.float64)
    u, v, mean = dx[mask][:, None], dy[mask][:, None], colours.mean(axis=0)
    away = colours - mean
    # Written out: a library's sums of products differ from processor to processor.
    pull = _EVEN * len(u)
    xx, yy, xy = (u * u).sum() + pull, (v * v).sum() + pull, (u * v).sum()
    xc, yc, determinant = (u * away).sum(axis=0), (v * away).sum(axis=0), xx * yy - xy * xy
    plane = mean + dx[..., None] * (yy * xc - xy * yc) / determinant + dy[..., None] * (xx * yc - xy * xc) / determinant
    lowest, highest = np.quantile(colours, [0.1, 0.9], axis=0)
    return np.asarray(np.clip(plane, lowest, highest), np.float32)
