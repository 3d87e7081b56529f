import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.gradient import layered_gradient
from underpaint.renderers.illustration.layers import (
    BLEND,
    COLOUR,
    LAYER,
    LAYERED_COLUMNS,
    MULTIPLY,
    OVER,
    REGION,
    SCREEN,
    Layers,
)
from underpaint.renderers.illustration.refinement import refine_layered
from underpaint.renderers.strokes.adam import Refinement
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, COLUMNS, CX, CY, EDGE, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.gradient import error_gradient
from underpaint.renderers.strokes.tiles import from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
SIDE = 40
GROUND = np.array([0.7, 0.6, 0.4], np.float32)
LABELS = (np.mgrid[:SIDE, :SIDE].sum(axis=0) > SIDE).astype(np.uint8)
GRID = make_grid(SIDE, SIDE)
PICTURE = load_picture("astronaut", (SIDE, SIDE)).astype(np.float32) / np.float32(255)


def blank() -> Layers:
    return Layers.blank(GRID, make_clip(LABELS, GRID), GROUND)


def layered(plain: Float32) -> Float32:
    strokes = np.zeros((len(plain), len(LAYERED_COLUMNS)), np.float32)
    strokes[:, : len(COLUMNS)], strokes[:, LAYER], strokes[:, REGION] = plain, COLOUR, -1
    return strokes


def gradient_of(strokes: Float32, weight: Float32) -> tuple[float, Float32]:
    gradient = np.empty((len(strokes), len(COLUMNS)), np.float32)
    return layered_gradient(to_tiles(PICTURE), weight, blank(), strokes, gradient), gradient


def even_weight() -> Float32:
    return np.ones((len(GRID.y_TP), len(GRID.x_TP), 64), np.float32)


def test_unclipped_covering_strokes_have_the_gradient_of_plain_ones(random_strokes) -> None:  # type: ignore[no-untyped-def]
    plain = random_strokes(12, SIDE, SIDE, 1)
    error, found = gradient_of(layered(plain), even_weight())
    expected = np.empty_like(plain)
    assert np.isclose(error, error_gradient(to_tiles(PICTURE), GRID, GROUND, plain, expected), rtol=1e-5)
    assert np.allclose(found, expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("blend", [OVER, MULTIPLY, SCREEN])
def test_the_gradient_is_that_of_what_is_painted(blend: int, random_strokes) -> None:  # type: ignore[no-untyped-def]
    strokes = layered(random_strokes(4, SIDE, SIDE, 7))
    strokes[:, BLEND], strokes[:, REGION] = blend, [0, 1, 0, 1]
    strokes[:, CX : CY + 1] = strokes[:, CX : CY + 1] * 0.3 + 0.35 * SIDE
    # Soft edges, so that finite differences of float32 pixels say something.
    strokes[:, R0 : R1 + 1], strokes[:, EDGE], strokes[:, BOW] = 6, 6, 0
    weight = even_weight()
    weight[:2] = 0.25

    def error(changed: Float32) -> float:
        canvas = blank()
        canvas.lay(changed)
        seen = from_tiles(weight[:, :, None], SIDE, SIDE).astype(np.float64)
        return float((seen * (canvas.image().astype(np.float64) - PICTURE) ** 2).sum())

    summed, gradient = gradient_of(strokes, weight)
    assert np.isclose(summed, error(strokes), rtol=1e-4)
    for column, step in ((CX, 0.05), (CY, 0.05), (THETA, 0.01), (LENGTH, 0.1), (R0, 0.05), (A0, 0.01), (RED, 0.01)):
        for n in range(len(strokes)):
            more, less = strokes.copy(), strokes.copy()
            more[n, column] += step
            less[n, column] -= step
            expected = (error(more) - error(less)) / (2 * step)
            # Not quite: the nearest point of a curve is one Newton step.
            assert abs(gradient[n, column] - expected) < 0.1 * abs(expected) + 0.06, (n, column)


@pytest.mark.parametrize("blend", [OVER, MULTIPLY, SCREEN])
def test_refining_lowers_the_error_and_keeps_strokes_within_limits(blend: int, random_strokes) -> None:  # type: ignore[no-untyped-def]
    strokes = layered(random_strokes(10, SIDE, SIDE, 3))
    strokes[:, BLEND], strokes[:, REGION] = blend, np.arange(10) % 2
    how = Refinement(steps=40, radius_min=0.8, opacity_min=0.1)
    refined = refine_layered(to_tiles(PICTURE), even_weight(), blank(), strokes, how)
    assert gradient_of(refined, even_weight())[0] < 0.9 * gradient_of(strokes, even_weight())[0]
    assert (refined[:, len(COLUMNS) :] == strokes[:, len(COLUMNS) :]).all()
    assert refined[:, R0 : R1 + 1].min() >= 0.8 - 1e-6
    assert refined[:, A0 : A1 + 1].min() >= 0.1 - 1e-6
    assert (refined[:, A0 : BLUE + 1] <= 1).all()
