from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import load_picture
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, RED
from underpaint.renderers.strokes.kernels import cos_sin, error_curve, paint_strokes, score
from underpaint.renderers.strokes.tiles import Grid, blank_tiles, from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
PaintReference = Callable[[npt.NDArray[np.float64], Any], npt.NDArray[np.float64]]
MakeStroke = Callable[..., Float32]
RandomStrokes = Callable[[int, int, int, int], Float32]
GROUND = np.array([0.9, 0.8, 0.6], np.float32)


def paint(strokes: Float32, height: int, width: int, ground: Float32 = GROUND) -> Float32:
    grid = make_grid(height, width)
    canvas = blank_tiles(grid, ground)
    paint_strokes(canvas, grid.x_TP, grid.y_TP, np.atleast_2d(strokes))
    return from_tiles(canvas, height, width)


def blank(height: int, width: int, ground: Float32 = GROUND) -> npt.NDArray[np.float64]:
    return np.broadcast_to(ground.astype(np.float64), (height, width, 3)).copy()


# --- cosine and sine


@settings(max_examples=300, deadline=None)
@given(st.floats(-1000, 1000, width=32))
def test_cos_sin_is_correct_to_float32(angle: float) -> None:
    cos, sin = cos_sin(np.float32(angle))
    assert abs(cos - np.cos(np.float64(angle))) <= 6.1e-8
    assert abs(sin - np.sin(np.float64(angle))) <= 6.1e-8


def test_cos_sin_over_many_turns_and_at_the_quadrants() -> None:
    angles = np.concatenate([np.linspace(-700, 700, 9973), np.arange(-8, 9) * np.pi / 4]).astype(np.float32)
    both = np.array([cos_sin(angle) for angle in angles], np.float64)
    exact = np.stack([np.cos(angles.astype(np.float64)), np.sin(angles.astype(np.float64))], axis=1)
    assert np.abs(both - exact).max() <= 6.1e-8


# --- coverage and painting against the brute-force painter


@pytest.mark.parametrize("size", [(40, 40), (33, 65), (16, 90), (70, 17)])
def test_straight_strokes_match_brute_force_everywhere(
    size: tuple[int, int], random_strokes: RandomStrokes, paint_reference: PaintReference
) -> None:
    """Tapered, fading, over the borders, sides that are no multiples of 8: no pixel may differ."""
    strokes = random_strokes(12, *size, 5)
    strokes[:, BOW] = 0
    difference = np.abs(paint(strokes, *size) - paint_reference(blank(*size), strokes))
    assert difference.max() < 1e-4


@pytest.mark.parametrize("theta", np.linspace(0, 2 * np.pi, 7)[:-1])
def test_bent_strokes_match_brute_force(theta: float, paint_reference: PaintReference, make_stroke: MakeStroke) -> None:
    """The nearest point of the curve is found by one Newton step, so bends are close, not exact."""
    strokes = np.stack(
        [
            make_stroke(cx=33, cy=27, theta=theta, length=36, bow=0.1 * 36, r0=5, r1=2, a1=0.6),
            make_stroke(cx=31, cy=30, theta=theta + 1, length=44, bow=-0.1 * 44, red=0.8),
        ]
    )
    difference = np.abs(paint(strokes, 61, 67) - paint_reference(blank(61, 67), strokes))
    assert difference.max() < 0.03
    assert difference.mean() < 3e-4


@pytest.mark.parametrize(("length", "bound"), [(24, 0.12), (48, 0.04), (96, 0.02)])
def test_the_roundest_bend_stays_well_under_a_pixel(
    length: int, bound: float, paint_reference: PaintReference, make_stroke: MakeStroke
) -> None:
    """One edge is one pixel wide, so on a black stroke a difference of coverage is a distance in pixels."""
    white, size = np.ones(3, np.float32), (72, 128)
    stroke = make_stroke(cx=64, cy=36, length=length, bow=0.2 * length, r0=5, r1=5, red=0, green=0, blue=0)
    assert np.abs(paint(stroke, *size, white) - paint_reference(blank(*size, white), stroke[None])).max() < bound


@pytest.mark.parametrize("radius", [0.1, 0.3, 0.5, 0.8])
def test_thin_strokes_match_brute_force_and_keep_their_area(
    radius: float, paint_reference: PaintReference, make_stroke: MakeStroke
) -> None:
    stroke = make_stroke(r0=radius, r1=radius, length=24, red=0, green=0, blue=0, theta=0.3)
    white = np.ones(3, np.float32)
    picture = paint(stroke, 40, 40, white)
    np.testing.assert_allclose(picture, paint_reference(blank(40, 40, white), stroke[None]), atol=1e-4)
    covered = float((1 - picture[:, :, 0]).sum())
    # Length times width, plus two caps of at most a pixel's reach.
    assert 24 * 2 * radius * 0.97 < covered < 24 * 2 * radius * 1.03 + np.pi * (radius + 0.5) ** 2


def test_caps_are_round(make_stroke: MakeStroke) -> None:
    """A stroke without length is a disc: the same in all directions."""
    disc = make_stroke(cx=24.0, cy=24.0, length=0, r0=9, r1=9, red=0, green=0, blue=0, theta=0.77)
    picture = 1 - paint(disc, 48, 48, np.ones(3, np.float32))[:, :, 0]
    y, x = np.mgrid[0:48, 0:48] + 0.5 - 24.0
    np.testing.assert_allclose(picture, np.clip(9 - np.hypot(x, y) + 0.5, 0, 1), atol=2e-3)


def test_no_seams_at_tile_borders(make_stroke: MakeStroke) -> None:
    """Shifting a stroke by one tile, or by one pixel across tile borders, shifts the picture and nothing else."""
    stroke = make_stroke(cx=30.25, cy=26.5, length=30, bow=3, a1=0.4)
    picture = paint(stroke, 64, 72)
    for down, right in ((8, 0), (0, 8), (1, 3), (5, 7)):
        moved = paint(make_stroke(cx=30.25 + right, cy=26.5 + down, length=30, bow=3, a1=0.4), 64, 72)
        np.testing.assert_allclose(moved[down:, right:], picture[: 64 - down, : 72 - right], atol=1e-4)


def test_strokes_beside_the_canvas_leave_it_untouched(make_stroke: MakeStroke) -> None:
    for changes in ({"cx": -40}, {"cx": 90}, {"cy": -40}, {"cy": 90}, {"cx": -1e5}, {"cy": 1e5}):
        np.testing.assert_array_equal(paint(make_stroke(**changes), 40, 50), blank(40, 50).astype(np.float32))


def test_opaque_stroke_leaves_its_own_colour_and_transparent_one_nothing(make_stroke: MakeStroke) -> None:
    inside = paint(make_stroke(), 40, 40)[19:21, 19:21]
    np.testing.assert_allclose(inside, np.broadcast_to([0.1, 0.2, 0.3], (2, 2, 3)), atol=1e-6)
    np.testing.assert_array_equal(paint(make_stroke(a0=0, a1=0), 40, 40), blank(40, 40).astype(np.float32))


def test_painting_in_parts_is_painting_at_once(random_strokes: RandomStrokes) -> None:
    strokes, grid = random_strokes(20, 50, 60, 1), make_grid(50, 60)
    canvas = blank_tiles(grid, GROUND)
    for part in (strokes[:7], strokes[7:7], strokes[7:]):
        paint_strokes(canvas, grid.x_TP, grid.y_TP, part)
    np.testing.assert_array_equal(from_tiles(canvas, 50, 60), paint(strokes, 50, 60))


# --- scoring


class Scene:
    """A target and a half-painted canvas."""

    def __init__(self, picture: npt.NDArray[np.uint8], strokes: Float32, ground: Float32 = GROUND) -> None:
        self.height, self.width = picture.shape[:2]
        self.target = picture.astype(np.float32) / np.float32(255)
        self.grid: Grid = make_grid(self.height, self.width)
        self.canvas = blank_tiles(self.grid, ground)
        paint_strokes(self.canvas, self.grid.x_TP, self.grid.y_TP, strokes)

    def score(self, stroke: Float32, least_opacity: float = 0.3) -> tuple[float, Float32]:
        """The change of error that `score` promises, and the stroke with the opacity and colour it chose."""
        change, opacity, *colour = score(
            to_tiles(self.target), self.canvas, self.grid.x_TP, self.grid.y_TP, stroke, np.float32(least_opacity)
        )
        painted = stroke.copy()
        painted[A0 : A1 + 1], painted[RED : BLUE + 1] = opacity, colour
        return float(change), painted

    def measure(self, stroke: Float32) -> float:
        """The change of error when the stroke is really painted."""
        after = self.canvas.copy()
        paint_strokes(after, self.grid.x_TP, self.grid.y_TP, stroke[None])
        return self.error(after) - self.error(self.canvas)

    def error(self, tiles: Float32) -> float:
        picture = from_tiles(tiles, self.height, self.width)
        return float(((picture.astype(np.float64) - self.target) ** 2).sum())


@pytest.fixture(scope="module")
def scene(random_strokes: RandomStrokes) -> Scene:
    return Scene(load_picture("temple", (61, 75)), random_strokes(30, 61, 75, 0))


def is_clipped(stroke: Float32) -> bool:
    return bool(np.isin(stroke[RED : BLUE + 1], (0, 1)).any())


def test_score_is_the_change_that_painting_really_makes(scene: Scene, random_strokes: RandomStrokes) -> None:
    clipped = 0
    for stroke in random_strokes(60, scene.height, scene.width, 9):
        promised, painted = scene.score(stroke)
        assert promised == pytest.approx(scene.measure(painted), rel=1e-3, abs=2e-3)
        clipped += is_clipped(painted)
    assert clipped > 3, "the scene must test clipped colours too"


def test_score_of_extreme_colours(random_strokes: RandomStrokes) -> None:
    """A canvas of middle grey under a target of pure colours: almost every colour is clipped."""
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, 20:] = (255, 0, 255)
    scene = Scene(picture, random_strokes(5, 40, 40, 4), np.full(3, 0.5, np.float32))
    for stroke in random_strokes(30, 40, 40, 2):
        promised, painted = scene.score(stroke)
        assert promised == pytest.approx(scene.measure(painted), rel=1e-3, abs=2e-3)
        assert (painted[RED : BLUE + 1] >= 0).all()
        assert (painted[RED : BLUE + 1] <= 1).all()
        assert 0.3 <= painted[A0] <= 1


def test_no_other_colour_or_opacity_does_better(scene: Scene, random_strokes: RandomStrokes) -> None:
    random = np.random.default_rng(0)
    tried = 0
    for stroke in random_strokes(60, scene.height, scene.width, 11):
        best, painted = scene.score(stroke)
        for _ in range(25):
            other = painted.copy()
            # Near and far; where the colour is clipped the opacity is the best for that colour, so the colour stays.
            other[A0 : A1 + 1] = np.clip(painted[A0] + random.normal() * random.choice([0.02, 0.3]), 0.3, 1.0)
            if not is_clipped(painted):
                other[RED : BLUE + 1] = np.clip(
                    painted[RED : BLUE + 1] + random.normal(size=3) * random.choice([0.02, 0.3]), 0.0, 1.0
                )
            assert scene.measure(other) >= best - 2e-3
            tried += 1
    assert tried == 60 * 25


def test_score_keeps_the_least_opacity(scene: Scene, random_strokes: RandomStrokes) -> None:
    opacities = [scene.score(stroke, 0.7)[1][A0] for stroke in random_strokes(40, scene.height, scene.width, 3)]
    assert min(opacities) == pytest.approx(0.7)


def test_a_stroke_off_the_canvas_scores_nothing(scene: Scene, make_stroke: MakeStroke) -> None:
    assert scene.score(make_stroke(cx=-100))[0] == 0


def test_score_on_a_blank_white_canvas_is_as_good_as_opaque_paint(random_strokes: RandomStrokes) -> None:
    """On a ground of one colour full opacity can do everything that any other can."""
    white = np.ones(3, np.float32)
    scene = Scene(load_picture("temple", (96, 128)), random_strokes(0, 96, 128, 0), white)
    for stroke in random_strokes(60, 96, 128, 1):
        change, _ = scene.score(stroke)
        opaque, _ = scene.score(stroke, 1.0)
        assert change <= opaque * 0.99 + 2e-3


# --- the error after every stroke


def test_error_curve_is_the_error_of_every_prefix(scene: Scene, random_strokes: RandomStrokes) -> None:
    strokes = random_strokes(15, scene.height, scene.width, 8)
    grid = scene.grid
    curve = error_curve(to_tiles(scene.target), scene.canvas.copy(), grid.x_TP, grid.y_TP, strokes)
    assert curve.shape == (16,)
    canvas = scene.canvas.copy()
    assert curve[0] == pytest.approx(scene.error(canvas), rel=1e-6)
    for n in range(15):
        paint_strokes(canvas, grid.x_TP, grid.y_TP, strokes[n : n + 1])
        assert curve[n + 1] == pytest.approx(scene.error(canvas), rel=1e-6)
