"""What the tests of the renderers share: an independent stroke painter, random strokes and one finished painting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint import renderers
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, COLUMNS, CX, CY, EDGE, LENGTH, R0, R1, RED, THETA

Float64 = npt.NDArray[np.float64]


def nearest_by_search(stroke: Float64, x: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Distance of points (x, y) to the stroke's Bézier curve, and the curve parameter there, by brute force.

    Every point is compared with 200 points of the curve; a shrinking search around the best makes it exact.
    """
    cx, cy, theta, length, bow = stroke[[CX, CY, THETA, LENGTH, BOW]]
    direction = np.array([np.cos(theta), np.sin(theta)])
    normal = np.array([-direction[1], direction[0]])
    centre = np.array([cx, cy])
    points = centre - length / 2 * direction, centre + 2 * bow * normal, centre + length / 2 * direction

    def squared(t: Float64) -> Any:
        curve = [(1 - t) ** 2 * points[0][i] + 2 * t * (1 - t) * points[1][i] + t**2 * points[2][i] for i in (0, 1)]
        return (x - curve[0]) ** 2 + (y - curve[1]) ** 2

    best_t = np.zeros_like(x)
    best = squared(best_t)
    for sample in np.linspace(0.0, 1.0, 200)[1:]:
        distance = squared(np.full_like(x, sample))
        closer = distance < best
        best, best_t = np.where(closer, distance, best), np.where(closer, sample, best_t)
    step = 1 / 199
    for _ in range(32):
        for sample in (np.maximum(best_t - step, 0.0), np.minimum(best_t + step, 1.0)):
            distance = squared(sample)
            closer = distance < best
            best, best_t = np.where(closer, distance, best), np.where(closer, sample, best_t)
        step *= 0.6
    return np.sqrt(best), best_t


def paint_by_search(canvas: Float64, strokes: npt.NDArray[Any]) -> Float64:
    """Paint strokes on float64 (H, W, 3) with none of the project's kernels: slow, plain and exact."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[0:height, 0:width] + 0.5
    for stroke in np.asarray(strokes, np.float64):
        distance, t = nearest_by_search(stroke, x, y)
        radius = stroke[R0] + (stroke[R1] - stroke[R0]) * t
        edge = max(stroke[EDGE], 1.0)
        # A slab as thick as the brush, filtered by a box as wide as the edge; at least a pixel.
        covered = np.clip(np.minimum((radius - distance) / edge + 0.5, 2 * radius / edge), 0.0, 1.0)
        alpha = ((stroke[A0] + (stroke[A1] - stroke[A0]) * t) * covered)[:, :, None]
        canvas = canvas * (1 - alpha) + alpha * stroke[RED : BLUE + 1]
    return canvas


def draw_strokes(count: int, height: int, width: int, seed: int) -> npt.NDArray[np.float32]:
    """Random strokes of all shapes a fit may make, some over the borders."""
    random = np.random.default_rng(seed)
    length = random.uniform(1, 0.6 * max(height, width), count)
    radius = random.uniform(0.8, 7, count)
    values = {
        "cx": random.uniform(-4, width + 4, count),
        "cy": random.uniform(-4, height + 4, count),
        "theta": random.uniform(-10, 10, count),
        "length": length,
        "bow": random.uniform(-0.2, 0.2, count) * length,
        "r0": radius,
        "r1": random.uniform(0.8, 7, count),
        # Every other one with a soft edge.
        "edge": radius * random.uniform(0, 1, count) * (np.arange(count) % 2),
    }
    values |= {name: random.uniform(0.2, 1.0, count) for name in ("a0", "a1")}
    values |= {name: random.uniform(0.0, 1.0, count) for name in ("red", "green", "blue")}
    return np.stack([values[name] for name in COLUMNS], axis=1).astype(np.float32)


def stroke_of(**values: float) -> npt.NDArray[np.float32]:
    """One stroke; what isn't said is a plain, opaque, dark stroke in the middle of a canvas of 40 px."""
    plain = {"cx": 20, "cy": 20, "theta": 0.4, "length": 18, "r0": 4, "r1": 4, "a0": 1, "a1": 1}
    plain |= {"bow": 0, "red": 0.1, "green": 0.2, "blue": 0.3, "edge": 0}
    assert values.keys() <= plain.keys()
    return np.array([(plain | values)[name] for name in COLUMNS], np.float32)


@pytest.fixture(scope="session")
def make_stroke() -> Callable[..., npt.NDArray[np.float32]]:
    return stroke_of


@pytest.fixture(scope="session")
def paint_reference() -> Callable[[Float64, npt.NDArray[Any]], Float64]:
    return paint_by_search


@pytest.fixture(scope="session")
def random_strokes() -> Callable[[int, int, int, int], npt.NDArray[np.float32]]:
    return draw_strokes


@pytest.fixture(scope="session")
def astronaut() -> npt.NDArray[np.uint8]:
    """256 x 256."""
    return load_picture("astronaut", (256, 256))


@pytest.fixture(scope="session")
def process() -> renderers.Process:
    """A photograph, 90 x 120 px, painted with 150 strokes."""
    return renderers.paint(load_picture("temple", (90, 120)), strokes=150, seed=3, manner="error")
