"""The drawing: thin lines along the outlines of regions and the strongest edges, before any paint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.contours import Lines, contour_strokes
from underpaint.renderers.ink.tones import outlines
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.region.order import region_means
from underpaint.renderers.strokes.columns import A0, A1, BLUE, COLUMNS, EDGE, RED
from underpaint.renderers.strokes.tiles import Float32

# Lines follow the edges of a picture that is partly flat regions: silhouettes come out closed.
_FLAT = np.float32(0.6)
_LINES = Lines(thick=2.2, thin=0.9, faintest=0.5, darkest=0.8, least=0.004, tolerance=2.4, shortest=14.0)
_PALEST, _DARKEST = 0.45, 0.85


def draw_outlines(image: npt.NDArray[np.uint8], scene: Scene, budget: int, colour: Float32, seed: int) -> Float32:
    """Return the lines of a drawing, float32 (<= budget, 13), in drawing order and in pixels of the picture.

    Args:
        image: uint8 (H, W, 3).
        scene: its regions.
        budget: how many strokes at most.
        colour: float32 (3,), of the lines, 0..1.
        seed: at least 0.
    """
    means = [region_means(scene.labels, image[..., c].astype(np.float32)) for c in range(3)]
    flat = np.round(np.stack(means, axis=1)).astype(np.uint8)[scene.labels]
    tones = outlines(image)
    plane = _FLAT * outlines(flat) + (1 - _FLAT) * tones
    lines: Float32 = contour_strokes(plane, tones, budget, _LINES, np.random.default_rng(seed))
    lines = lines[:, : len(COLUMNS)].copy()
    lines[:, A0 : A1 + 1] = np.clip(lines[:, A0 : A1 + 1], _PALEST, _DARKEST)
    lines[:, RED : BLUE + 1] = colour
    lines[:, EDGE] = 0
    return lines
