from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers.strokes.columns import A0, BLUE, COLUMNS, EDGE, RED
from underpaint.renderers.strokes.gradient import error_gradient
from underpaint.renderers.strokes.tiles import Grid, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
MakeStroke = Callable[..., Float32]
GROUND = np.array([0.8, 0.6, 0.4], np.float32)
HEIGHT, WIDTH = 45, 37


class Scene:
    def __init__(self, picture: npt.NDArray[np.uint8], paint_reference: Callable[..., Float64]) -> None:
        self.picture = picture.astype(np.float32) / np.float32(255)
        self.target = to_tiles(self.picture)
        self.grid: Grid = make_grid(*picture.shape[:2])
        self._paint = paint_reference

    def gradient(self, strokes: Float32, stride: int = 1, phase: int = 0) -> tuple[float, Float32]:
        gradient = np.full_like(strokes, np.nan)
        error = error_gradient(self.target, self.grid, GROUND, strokes, gradient, stride, phase)
        return error, gradient

    def error(self, strokes: Float64) -> float:
        """The summed squared error in float64, with none of the project's code."""
        blank = np.broadcast_to(GROUND.astype(np.float64), self.picture.shape)
        return float(((self._paint(blank, strokes) - self.picture) ** 2).sum())

    def differences(self, strokes: Float32, step: float = 1e-4) -> Float64:
        """Central finite differences of `error`; small, because every pixel at an edge or cap makes a kink."""
        exact = strokes.astype(np.float64)
        result = np.zeros_like(exact)
        for n, j in np.ndindex(len(exact), EDGE):
            more, less = exact.copy(), exact.copy()
            more[n, j] += step
            less[n, j] -= step
            result[n, j] = (self.error(more) - self.error(less)) / (2 * step)
        return result


@pytest.fixture(scope="module")
def scene(paint_reference: Callable[..., Float64]) -> Scene:
    return Scene(load_picture("astronaut", (HEIGHT, WIDTH)), paint_reference)


@pytest.fixture(scope="module")
def stroke(make_stroke: MakeStroke) -> MakeStroke:
    """A translucent one over the middle."""

    def make(**values: float) -> Float32:
        # Odd numbers, so that no pixel centre lies exactly on an edge.
        plain = {"cx": 18.13, "cy": 20.07, "theta": 0.53, "length": 20.1, "a0": 0.7, "a1": 0.7}
        colour = {"red": 0.2, "green": 0.3, "blue": 0.9}
        return make_stroke(**(plain | colour | values))

    return make


def relative_error(ours: Float32, exact: Float64) -> Any:
    """Per stroke: how far the gradient is off, against its length, geometry and colour apart (their units differ)."""
    parts = slice(0, A0), slice(A0, BLUE + 1)
    return np.array(
        [
            [np.linalg.norm(ours[n, part] - exact[n, part]) / np.linalg.norm(exact[n, part]) for part in parts]
            for n in range(len(ours))
        ]
    )


def test_error_is_that_of_the_painting(scene: Scene, stroke: MakeStroke) -> None:
    strokes = np.stack([stroke(), stroke(cx=25, theta=2, a1=0.3, r1=2)])
    assert scene.gradient(strokes)[0] == pytest.approx(scene.error(strokes.astype(np.float64)), rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [{}, {"r0": 6, "r1": 2}, {"a0": 0.9, "a1": 0.3}, {"r1": 3, "a0": 0.4, "edge": 5}],
    ids=["even", "tapered", "fading", "all"],
)
def test_gradient_of_straight_strokes_is_exact(scene: Scene, stroke: MakeStroke, changes: dict[str, float]) -> None:
    """Two strokes, one over the other and over the border."""
    strokes = np.stack([stroke(**changes), stroke(cx=30.2, cy=30.4, theta=-1.02, red=0.8, **changes)])
    assert relative_error(scene.gradient(strokes)[1], scene.differences(strokes)).max() < 5e-3


@pytest.mark.parametrize(
    "changes", [{}, {"r0": 3.5, "r1": 2}, {"a0": 0.9, "a1": 0.3}], ids=["even", "tapered", "fading"]
)
def test_gradient_of_bent_strokes(scene: Scene, stroke: MakeStroke, changes: dict[str, float]) -> None:
    """The curve's nearest point is a Newton step, not exact, and so is the gradient; close on long, slender strokes.

    On other pictures, where its parts cancel more, it is off by up to 0.07 of its length.
    """
    values = {"length": 34.1, "r0": 3, "r1": 3} | changes
    strokes = np.stack([stroke(bow=3, **values), stroke(cx=22.3, theta=2.03, bow=-3, **values)])
    assert relative_error(scene.gradient(strokes)[1], scene.differences(strokes)).max() < 0.015


def test_going_down_the_gradient_lowers_the_error_as_promised(scene: Scene, stroke: MakeStroke) -> None:
    """All kinds of strokes at once."""
    strokes = np.stack([stroke(r1=2, a1=0.4, bow=2), stroke(cx=25, cy=30, theta=2, a0=0.3), stroke(cx=10, r0=6)])
    error, gradient = scene.gradient(strokes)
    step = 0.002 * error / float((gradient.astype(np.float64) ** 2).sum())
    lower = scene.gradient((strokes - np.float32(step) * gradient).astype(np.float32))[0]
    assert error - lower == pytest.approx(0.002 * error, rel=0.1)


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_phases_of_a_stride_sum_to_the_whole(scene: Scene, random_strokes: Callable[..., Float32], stride: int) -> None:
    strokes = random_strokes(25, HEIGHT, WIDTH, 1)
    error, gradient = scene.gradient(strokes)
    phases = [scene.gradient(strokes, stride, phase) for phase in range(stride)]
    assert sum(phase[0] for phase in phases) == pytest.approx(error, rel=1e-6)
    assert (gradient[:, EDGE] == 0).all()
    scale = np.abs(gradient).max(axis=0) + 1e-9
    np.testing.assert_allclose(
        np.sum([phase[1] for phase in phases], axis=0) / scale, gradient / scale, atol=1e-4, rtol=1e-3
    )
    assert all(0 < phase[0] < error for phase in phases)


def test_strokes_off_the_canvas_and_below_opaque_paint_have_no_gradient(scene: Scene, stroke: MakeStroke) -> None:
    cover = {"cx": WIDTH / 2, "cy": HEIGHT / 2, "length": 1, "r0": 80, "r1": 80, "a0": 1, "a1": 1}
    gradient = scene.gradient(np.stack([stroke(cx=-200), stroke(), stroke(**cover)]))[1]
    np.testing.assert_array_equal(gradient[:2], 0)
    assert np.abs(gradient[2, RED : BLUE + 1]).min() > 0


def test_gradient_without_strokes_is_the_error_of_the_ground(scene: Scene, stroke: MakeStroke) -> None:
    error, gradient = scene.gradient(np.zeros((0, len(COLUMNS)), np.float32))
    assert gradient.shape == (0, len(COLUMNS))
    assert error == pytest.approx(scene.error(np.zeros((0, len(COLUMNS)))), rel=1e-5)


def test_degenerate_strokes_have_finite_gradients(scene: Scene, stroke: MakeStroke) -> None:
    """No length, a pixel centre exactly on the curve, no width."""
    strokes = np.stack(
        [stroke(length=0, cx=20.5, cy=20.5), stroke(theta=0, cx=20.5, cy=20.5), stroke(r0=0, r1=0), stroke(a0=0, a1=0)]
    )
    assert np.isfinite(scene.gradient(strokes)[1]).all()
