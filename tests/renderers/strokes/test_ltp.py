from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import load_picture
from underpaint.renderers import Program, paint, psnr
from underpaint.renderers.strokes.columns import A0, BLUE, CX, CY, EDGE, LENGTH, R0, R1, THETA, control_points
from underpaint.renderers.strokes.ltp import LTP_COLUMNS, strokes_from_ltp, strokes_to_ltp

Float32 = npt.NDArray[np.float32]


def replay(strokes: Float32, size: tuple[int, int]) -> npt.NDArray[np.int32]:
    program = Program(medium="bezier", size=size, ground=np.zeros(3, np.float32), strokes=strokes)
    return program.replay().astype(np.int32)


@pytest.mark.parametrize("size", [(64, 64), (40, 90), (90, 40)])
def test_there_and_back_paints_nearly_the_same(size: tuple[int, int], random_strokes: Callable[..., Float32]) -> None:
    strokes = random_strokes(60, *size, 0)
    strokes[:, EDGE] = 0
    numbers = strokes_to_ltp(strokes, size)
    assert numbers.shape == (60, 13)
    difference = np.abs(replay(strokes_from_ltp(numbers, size), size) - replay(strokes, size))
    assert difference.max() <= 2


@pytest.mark.parametrize("theta", [0.0, np.pi / 2, np.pi, -np.pi / 2, 3 * np.pi, 1e-7])
@pytest.mark.parametrize("bow", [0.0, 4.0, -4.0])
def test_strokes_along_the_axes_survive(theta: float, bow: float, make_stroke: Callable[..., Float32]) -> None:
    """Their chord has no extent across, so P1 has no relative coordinate there."""
    stroke = make_stroke(theta=theta, length=24, bow=bow)[None]
    numbers = strokes_to_ltp(stroke, (40, 40))
    assert np.isfinite(numbers).all()
    difference = np.abs(replay(strokes_from_ltp(numbers, (40, 40)), (40, 40)) - replay(stroke, (40, 40)))
    assert difference.max() <= 2


def test_a_dot_survives(make_stroke: Callable[..., Float32]) -> None:
    dot = make_stroke(length=0)[None]
    back = strokes_from_ltp(strokes_to_ltp(dot, (40, 40)), (40, 40))
    assert np.abs(replay(back, (40, 40)) - replay(dot, (40, 40))).max() <= 2


def test_numbers_are_shares_of_the_longer_side(make_stroke: Callable[..., Float32]) -> None:
    stroke = make_stroke(cx=20, cy=10, theta=0.5, length=20, bow=3)[None]
    numbers = dict(zip(LTP_COLUMNS, strokes_to_ltp(stroke, (50, 100))[0], strict=True))
    start, middle, end = control_points(stroke.astype(np.float64))[0] / 100
    ends = (numbers["x0"], numbers["y0"], numbers["x2"], numbers["y2"])
    assert sorted(ends) == pytest.approx(sorted([*start, *end]), abs=1e-6)
    found = {
        numbers["x0"] + (numbers["x2"] - numbers["x0"]) * numbers["x1"],
        numbers["y0"] + (numbers["y2"] - numbers["y0"]) * numbers["y1"],
    }
    assert sorted(found) == pytest.approx(sorted(middle), abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_any_of_their_strokes_keeps_its_ends_radii_opacities_and_colour(seed: int) -> None:
    numbers = np.random.default_rng(seed).random((5, 13))
    strokes = strokes_from_ltp(numbers, (128, 128))
    again = strokes_to_ltp(strokes, (128, 128))
    kept = [LTP_COLUMNS.index(name) for name in ("x0", "y0", "x2", "y2", "z0", "z2", "w0", "w2", "r", "g", "b")]
    np.testing.assert_allclose(again[:, kept], numbers[:, kept], atol=2e-5)


def test_their_numbers_are_clipped_to_what_paint_can_do() -> None:
    numbers = np.full((1, 13), 0.5)
    numbers[0, 8:] = (-0.2, 1.3, -1, 2, 0.5)
    strokes = strokes_from_ltp(numbers, (64, 64))
    np.testing.assert_array_equal(strokes[0, A0 : BLUE + 1], np.array([0, 1, 0, 1, 0.5], np.float32))


@pytest.mark.parametrize("shape", [(13,), (4, 12), (4, 14), (2, 5, 13)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"13.*x0 y0"):
        strokes_from_ltp(np.zeros(shape), (64, 64))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    numbers = np.full((2, 13), 0.5)
    numbers[1, 3] = value
    with pytest.raises(ValueError, match="finite"):
        strokes_from_ltp(numbers, (64, 64))


# --- their painter, read from their sources and written anew


def _their_stroke(numbers: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The opacity of one stroke as Learning to Paint's stroke generator defines it, without its rounding to pixels.

    It draws 100 discs on a canvas of twice the width, of radius 1 + z width / 2 pixels of that canvas; later discs
    overwrite earlier ones. Its first coordinate (x) counts rows, its second columns. Here each pixel is 4 x 4 samples.
    """
    x0, y0, x1, y1, x2, y2, z0, z2, w0, w2 = numbers
    x1, y1 = x0 + (x2 - x0) * x1, y0 + (y2 - y0) * y1
    row, column = (np.mgrid[0 : 4 * width, 0 : 4 * width] + 0.5) / (4 * width)
    opacity = np.zeros_like(row)
    for t in np.arange(100) / 100:
        x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * x1 + t**2 * x2
        y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * y1 + t**2 * y2
        radius = (1 + ((1 - t) * z0 + t * z2) * width / 2) / (2 * width)
        opacity[(row - x) ** 2 + (column - y) ** 2 < radius**2] = (1 - t) * w0 + t * w2
    return opacity.reshape(width, 4, width, 4).mean(axis=(1, 3))


def their_picture(numbers: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.uint8]:
    canvas = np.zeros((width, width, 3))
    for stroke in numbers:
        alpha = _their_stroke(stroke[:10], width)[:, :, None]
        canvas = canvas * (1 - alpha) + alpha * stroke[10:]
    return np.round(canvas * 255).astype(np.uint8)


def test_their_painter_makes_a_similar_picture_of_our_numbers() -> None:
    picture = load_picture("astronaut", (96, 96))
    program = paint(picture, strokes=60, ground="black", manner="error", seed=1).program
    strokes = program.strokes.copy()
    strokes[:, EDGE] = 0
    sharp = Program(medium="bezier", size=(96, 96), ground=program.ground, strokes=strokes)
    assert psnr(their_picture(sharp.to_ltp(), 96), sharp.replay()) > 28


def test_one_of_their_strokes_lies_where_they_paint_it() -> None:
    """From the upper left down to the lower left: along x, which counts rows."""
    numbers = np.array([[0.2, 0.25, 0.5, 0.5, 0.8, 0.25, 0.2, 0.2, 1, 1, 1, 1, 1]])
    (stroke,) = strokes_from_ltp(numbers, (128, 128))
    assert stroke[CX] == pytest.approx(32, abs=0.5)
    assert stroke[CY] == pytest.approx(64, abs=0.5)
    assert abs(np.sin(stroke[THETA])) == pytest.approx(1, abs=1e-3)
    assert stroke[LENGTH] == pytest.approx(0.6 * 128, abs=0.5)
    np.testing.assert_allclose(stroke[[R0, R1]], 0.5 + 0.2 * 128 / 4, atol=0.05)
    assert psnr(their_picture(numbers, 128), Program.from_ltp(numbers, (128, 128)).replay()) > 25
