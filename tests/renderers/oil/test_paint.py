from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import load_picture
from tests.renderers.conftest import nearest_by_search
from underpaint.renderers.oil.paint import (
    GRAIN,
    OIL_COLUMNS,
    RED1,
    oil_error_curve,
    paint_oil,
    shade,
    surface,
    thickest_brush,
    unshade,
    worn_brush,
)
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, LENGTH, R0, R1, RED, THETA, scale_strokes
from underpaint.renderers.strokes.kernels import cos_sin, geometry
from underpaint.renderers.strokes.tiles import TILE_PIXELS, blank_tiles, from_tiles, make_grid, to_tiles

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
RandomOil = Callable[[int, int, int, int], Float32]
MakeStroke = Callable[..., Float32]
GROUND = np.array([0.9, 0.8, 0.6], np.float32)
# On the small canvases here every brush would count as large; with this one (pixels), thin and thick ones are tried.
THICKEST = np.float32(6)


def lay(strokes: Float32, height: int, width: int, thickest: Any = THICKEST) -> tuple[Float32, Float32]:
    """Colours (H, W, 3) and relief (H, W) of a canvas on which `strokes` are painted."""
    grid = make_grid(height, width)
    canvas = blank_tiles(grid, GROUND)
    relief = np.zeros((*canvas.shape[:2], TILE_PIXELS), np.float32)
    paint_oil(canvas, relief, grid.x_TP, grid.y_TP, np.atleast_2d(strokes), thickest)
    return from_tiles(canvas, height, width), relief_image(relief, height, width)


def relief_image(relief: Float32, height: int, width: int) -> Float32:
    return from_tiles(np.stack([relief] * 3, axis=2), height, width)[:, :, 0]


def oil_of(stroke: Float32, right: tuple[float, float, float] | None = None, grain: float = 0.25) -> Float32:
    """A plain stroke (13,) as one of oil (17,), with a right-hand colour of its own."""
    colour = stroke[RED : BLUE + 1] if right is None else right
    return np.array([*stroke, *colour, grain], np.float32)


# --- an independent painter


def hashes(across: Float64, along: Float64, seed: int) -> Float64:
    """The finaliser of MurmurHash3, in unsigned 32-bit arithmetic, of whole-numbered lattice coordinates."""
    u = [part.astype(np.int64).astype(np.uint32) for part in (across, along)]
    h = u[0] * np.uint32(0x9E3779B1) + u[1] * np.uint32(0x27D4EB2F) + np.uint32(seed * 0x85EBCA6B % 2**32)
    h = (h ^ h >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    h = (h ^ h >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return ((h ^ h >> np.uint32(16)) >> np.uint32(8)) / 2.0**24


def noise(across: Float64, along: Float64, seed: int) -> Float64:
    i, j = np.floor(across), np.floor(along)
    u, v = (3 * f**2 - 2 * f**3 for f in (across - i, along - j))
    rows = [hashes(i, j + k, seed) * (1 - u) + hashes(i + 1, j + k, seed) * u for k in (0, 1)]
    return np.asarray(rows[0] * (1 - v) + rows[1] * v)


def bristles(across: Float64, along: Float64, radius: Float64, seed: int) -> Float64:
    """5 strands as long as 6 radii, and where there are pixels for them 13 hairs twice as long."""
    strands, hairs = noise((across + 1) * 2.5, along / 6, seed), noise((across + 1) * 6.5, along / 12, seed + 1)
    share = 0.55 * np.clip(2 * radius / (13 * 1.25) - 1, 0, 1)
    return strands * (1 - share) + hairs * share


def paint_oil_by_search(strokes: Float32, height: int, width: int) -> tuple[Float64, Float64]:
    """What `lay` returns, in float64 with none of the project's kernels: slow and plain, after the module's words."""
    canvas = np.broadcast_to(GROUND.astype(np.float64), (height, width, 3)).copy()
    relief = np.zeros((height, width))
    y, x = np.mgrid[0:height, 0:width] + 0.5
    for s in strokes.astype(np.float64):
        distance, t = nearest_by_search(s, x, y)
        radius = s[R0] + (s[R1] - s[R0]) * t
        edge = max(s[-5], 1.0)
        covered = np.clip(np.minimum((radius - distance) / edge + 0.5, 2 * radius / edge), 0, 1)
        # The curve in its own frame: u along the chord, v across, the control point 2 bow above the middle.
        direction = np.array([math.cos(s[THETA]), math.sin(s[THETA])])
        u = (x - s[CX]) * direction[0] + (y - s[CY]) * direction[1] + s[LENGTH] / 2
        v = (y - s[CY]) * direction[0] - (x - s[CX]) * direction[1]
        tangent = np.stack([np.full_like(t, s[LENGTH]), 4 * s[BOW] * (1 - 2 * t)])
        tangent /= np.linalg.norm(tangent, axis=0)
        du, dv = u - t * s[LENGTH], v - 4 * s[BOW] * t * (1 - t)
        across = np.clip((tangent[0] * dv - tangent[1] * du) / radius, -1, 1)
        beyond = (tangent[0] * du + tangent[1] * dv) / radius
        hair = bristles(across, t * s[LENGTH] / radius + beyond, radius, int(s[GRAIN] * 2**24))
        # The brush runs dry, and its ends are ragged; thin brushes less so.
        load = 1 - 0.55 * t**2 * np.clip(2 - 4 * hair, 0, 1)
        ragged = np.clip(4 * (1.6 * hair - np.maximum(beyond, 0)) + 0.5, 0, 1)
        wear = np.minimum(radius / (0.8 * THICKEST), 1)
        alpha = (s[A0] + (s[A1] - s[A0]) * t) * covered * (1 - wear + wear * load * ragged)
        share = np.clip(0.5 + across / 2 + 0.35 * (hair - 0.5), 0, 1)
        colour = s[RED : BLUE + 1] + share[:, :, None] * (s[RED1:GRAIN] - s[RED : BLUE + 1])
        canvas += alpha[:, :, None] * (colour - canvas)
        brush = min(max(s[R0], s[R1]), THICKEST)
        height_now = 0.18 * brush**2 / THICKEST * ((0.5 + hair) * (1 - t / 2) + 0.5 * across**4)
        relief += alpha * (height_now - 0.7 * brush / THICKEST * relief)
    return canvas, relief


@pytest.mark.parametrize("size", [(40, 40), (33, 65), (16, 90)])
def test_straight_strokes_match_the_independent_painter(size: tuple[int, int], random_oil: RandomOil) -> None:
    """Tapered, fading, over the borders, thin and thick, sides that are no multiples of 8: no pixel may differ."""
    strokes = random_oil(8, *size, 5)
    strokes[:, BOW] = 0
    (colours, relief), (expected, heights) = lay(strokes, *size), paint_oil_by_search(strokes, *size)
    assert np.abs(colours - expected).max() < 1e-3
    assert np.abs(relief - heights).max() < 1e-3


def test_bent_strokes_match_the_independent_painter(make_stroke: MakeStroke) -> None:
    """The nearest point of the curve is found by one Newton step, so bends are close, not exact."""
    for theta in (0.0, 1.1, 4.0):
        strokes = np.stack(
            [
                oil_of(make_stroke(cx=33, cy=27, theta=theta, length=36, bow=3.6, r0=8, r1=6, a1=0.8), (0.9, 0, 0.5)),
                oil_of(make_stroke(cx=31, cy=30, theta=theta + 1, length=44, bow=-4.4, red=0.8), (0, 0.6, 0.2), 0.7),
            ]
        )
        (colours, relief), (expected, heights) = lay(strokes, 61, 67), paint_oil_by_search(strokes, 61, 67)
        assert np.abs(colours - expected).mean() < 1e-3
        assert np.abs(colours - expected).max() < 0.06
        assert np.abs(relief - heights).mean() < 2e-3


# --- what one pixel of a stroke may be

UNIT = st.floats(0, 1, width=32)


@settings(max_examples=300, deadline=None)
@given(
    st.floats(-40, 40, width=32), st.floats(-40, 40, width=32), st.floats(-7, 7, width=32),
    st.floats(0, 60, width=32), st.floats(-0.2, 0.2), st.floats(0.5, 20, width=32),
    st.floats(0.5, 20, width=32), UNIT, UNIT, st.integers(0, 2**24 - 1), st.floats(0.5, 10, width=32),
)  # fmt: skip
def test_a_pixel_has_no_more_than_the_strokes_opacity_and_a_mix_of_its_colours(
    x: float, y: float, theta: float, length: float, bow: float, r0: float, r1: float, a0: float, a1: float,
    seed: int, worn: float,
) -> None:  # fmt: skip
    stroke = np.array([0, 0, theta, length, bow * length, r0, r1, a0, a1, 0, 0, 0, 0], np.float32)
    geo = geometry(stroke, *cos_sin(stroke[THETA]))
    alpha, share, height = surface(
        np.float32(x), np.float32(y), geo, np.float32(a0), np.float32(a1) - np.float32(a0), seed, np.float32(worn)
    )
    assert 0 <= alpha <= max(a0, a1) + 1e-6
    assert 0 <= share <= 1
    # A loaded bristle at the start, and the ridge at the edge.
    assert 0 <= height <= 2


def test_paint_stays_between_its_two_colours_and_the_ground(random_oil: RandomOil) -> None:
    for stroke in random_oil(20, 40, 50, 3):
        colours, relief = lay(stroke, 40, 50)
        corners = np.stack([GROUND, stroke[RED : BLUE + 1], stroke[RED1:GRAIN]])
        assert (colours >= corners.min(axis=0) - 1e-5).all()
        assert (colours <= corners.max(axis=0) + 1e-5).all()
        assert relief.min() >= 0
        assert relief.max() <= 0.16 * 2 * THICKEST
        # Where there is paint there is relief, and nowhere else.
        painted = (np.abs(colours - GROUND) > 1e-3).any(axis=2)
        assert (relief[painted] > 0).all()


# --- the look


def test_the_first_colour_is_on_the_left_looking_along_the_stroke(make_stroke: MakeStroke) -> None:
    """Painting towards the right of the picture, left is up."""
    stroke = oil_of(make_stroke(theta=0, length=24, r0=8, r1=8, red=1, green=0, blue=0), (0, 0, 1))
    colours, _ = lay(stroke, 40, 40)
    up, down = colours[14, 14:26].mean(axis=0), colours[26, 14:26].mean(axis=0)
    assert up[0] > 0.6 > 0.4 > up[2]
    assert down[2] > 0.6 > 0.4 > down[0]
    turned = stroke.copy()
    turned[THETA] = np.pi
    colours, _ = lay(turned, 40, 40)
    assert colours[26, 14:26, 0].mean() > 0.6 > 0.4 > colours[14, 14:26, 0].mean()


def test_a_brush_runs_dry_towards_its_ragged_end(make_stroke: MakeStroke) -> None:
    """How much of the ground shows through black paint, over many strokes."""
    shows = np.zeros((40, 120))
    for n in range(40):
        black = make_stroke(cx=60, cy=20, theta=0, length=72, r0=12, r1=12, red=0, green=0, blue=0)
        shows += lay(oil_of(black, grain=n / 64), 40, 120)[0][:, :, 0] / GROUND[0] / 40
    body = slice(12, 28)
    start, middle, end = shows[body, 26:36].mean(), shows[body, 55:65].mean(), shows[body, 84:94].mean()
    assert start < middle + 0.02 < end
    assert start < 0.06
    assert 0.05 < end < 0.4
    # The round cap is whole where the brush was put down and frayed where it was lifted.
    assert shows[body, 13:20].mean() + 0.2 < shows[body, 100:107].mean()


def test_thin_brushes_cover_like_a_pencil(make_stroke: MakeStroke) -> None:
    """No finer than bristles can be: all along its middle a line has its full opacity."""
    line = make_stroke(cx=50, cy=20.5, theta=0, length=80, r0=1.5, r1=1.5, red=0, green=0, blue=0)
    for n in range(10):
        colours, _ = lay(oil_of(line, grain=n / 16), 40, 100, np.float32(60))
        assert colours[20, 15:86].max() < 0.06


def test_large_brushes_leave_streaks_along_the_stroke(make_stroke: MakeStroke) -> None:
    stroke = oil_of(make_stroke(cx=80, cy=30, theta=0, length=120, r0=20, r1=20, red=0.2), (0.8, 0.2, 0.3))
    colours, relief = lay(stroke, 60, 160)
    for surface_HW in (colours[16:44, 40:120, 0], relief[16:44, 40:120]):
        # Without the slope from one side to the other.
        across = np.abs(np.diff(surface_HW, 2, axis=0)).mean()
        along = np.abs(np.diff(surface_HW, 2, axis=1)).mean()
        assert across > 3 * along


def test_thicker_brushes_leave_thicker_paint_up_to_the_thickest(make_stroke: MakeStroke) -> None:
    relief = [lay(oil_of(make_stroke(theta=0, length=20, r0=r, r1=r)), 40, 40)[1].max() for r in (2, 4, 6, 12)]
    assert relief[0] < 0.7 * relief[1] < 0.7 * 0.9 * relief[2]
    assert relief[3] == pytest.approx(relief[2], rel=0.3)
    assert relief[3] <= 0.18 * 2 * THICKEST


def test_paint_over_paint_is_not_piled_up_without_end(make_stroke: MakeStroke) -> None:
    """A stroke is at most 0.18 * 2 r² / THICKEST high and replaces 0.7 r / THICKEST of what is there."""
    stroke = oil_of(make_stroke(r0=4, r1=4))
    once, often = (lay(np.stack([stroke] * count), 40, 40)[1].max() for count in (1, 300))
    assert once < often <= 0.18 * 2 * 4 / 0.7


# --- the canvas


def test_strokes_beside_the_canvas_leave_it_untouched(make_stroke: MakeStroke) -> None:
    for changes in ({"cx": -40}, {"cx": 90}, {"cy": -40}, {"cy": 90}, {"cx": -1e5}, {"cy": 1e5}):
        colours, relief = lay(oil_of(make_stroke(**changes)), 40, 50)
        np.testing.assert_array_equal(colours, np.broadcast_to(GROUND, (40, 50, 3)))
        assert (relief == 0).all()


def test_no_seams_at_tile_borders(make_stroke: MakeStroke) -> None:
    """Shifting a stroke by one tile, or by some pixels across tile borders, shifts the picture and nothing else."""

    def at(down: int, right: int) -> tuple[Float32, Float32]:
        stroke = make_stroke(cx=30.25 + right, cy=26.5 + down, length=30, bow=3, r0=7, r1=5)
        return lay(oil_of(stroke, (0.9, 0.9, 0.1)), 64, 72)

    for down, right in ((8, 0), (0, 8), (1, 3), (5, 7)):
        for there, here in zip(at(down, right), at(0, 0), strict=True):
            np.testing.assert_allclose(there[down:, right:], here[: 64 - down, : 72 - right], atol=1e-3)


def test_painting_in_parts_is_painting_at_once(random_oil: RandomOil) -> None:
    strokes, grid = random_oil(20, 50, 60, 1), make_grid(50, 60)
    canvas = blank_tiles(grid, GROUND)
    relief = np.zeros((*canvas.shape[:2], TILE_PIXELS), np.float32)
    for part in (strokes[:7], strokes[7:7], strokes[7:]):
        paint_oil(canvas, relief, grid.x_TP, grid.y_TP, part, THICKEST)
    colours, heights = lay(strokes, 50, 60)
    np.testing.assert_array_equal(from_tiles(canvas, 50, 60), colours)
    np.testing.assert_array_equal(relief_image(relief, 50, 60), heights)


def test_a_larger_canvas_has_the_same_relief_only_larger(random_oil: RandomOil) -> None:
    """Heights grow with the canvas, so slopes, and with them the light, stay as they are."""
    strokes = random_oil(15, 120, 160, 2)
    # Larger than the pixels that hide the hairs, and with edges that are the same in both.
    strokes[:, R0 : R1 + 1] += 12
    colours, relief = lay(strokes, 120, 160, thickest_brush(120, 160))
    larger, higher = lay(scale_strokes(strokes, 2.0), 240, 320, thickest_brush(240, 320))
    halved = larger.reshape(120, 2, 160, 2, 3).mean(axis=(1, 3))
    assert np.sqrt(np.mean((halved - colours) ** 2)) < 0.02
    assert np.sqrt(np.mean((higher.reshape(120, 2, 160, 2).mean(axis=(1, 3)) / 2 - relief) ** 2)) < 0.03 * relief.max()


def test_limits_of_the_brush_grow_with_the_canvas() -> None:
    assert thickest_brush(512, 300) == 9
    assert thickest_brush(150, 256) == 4.5
    for limit in (thickest_brush, worn_brush):
        assert limit(200, 300).dtype == np.float32
        assert limit(400, 600) == pytest.approx(2 * limit(300, 200))


def test_columns_have_names_in_order() -> None:
    assert OIL_COLUMNS[RED : BLUE + 1] == ("red", "green", "blue")
    assert OIL_COLUMNS[RED1:] == ("red1", "green1", "blue1", "grain")
    assert OIL_COLUMNS[GRAIN] == "grain"


# --- the error after every stroke


def test_error_curve_is_the_error_of_every_prefix(random_oil: RandomOil) -> None:
    target = load_picture("temple", (61, 75)).astype(np.float32) / np.float32(255)
    strokes, grid = random_oil(12, 61, 75, 8), make_grid(61, 75)
    canvas = blank_tiles(grid, GROUND)
    relief = np.zeros((*canvas.shape[:2], TILE_PIXELS), np.float32)
    curve = oil_error_curve(to_tiles(target), canvas, relief, grid.x_TP, grid.y_TP, strokes, THICKEST)
    expected = [((lay(strokes[:n], 61, 75)[0].astype(np.float64) - target) ** 2).sum() for n in range(13)]
    np.testing.assert_allclose(curve, expected, rtol=1e-5)


# --- light


@pytest.fixture(scope="module")
def painting(random_oil: RandomOil) -> tuple[Float32, Float32]:
    """Colours, some of them out of range, and a relief with slopes of all steepnesses."""
    colours, relief = lay(random_oil(40, 61, 75, 6), 61, 75)
    return colours * np.float32(1.2) - np.float32(0.1), relief * np.float32(3)


@pytest.mark.parametrize("strength", [0.0, 0.25, 0.4, 1.0])
def test_unshade_takes_the_light_away_again(painting: tuple[Float32, Float32], strength: float) -> None:
    colours, relief = painting
    lit = colours.copy()
    shade(lit, relief, np.float32(strength))
    assert (np.abs(lit - colours).max() > 0.02) == (strength > 0)
    unshade(lit, relief, np.float32(strength))
    np.testing.assert_allclose(lit, colours, atol=1e-5)


def test_without_light_from_the_side_nothing_changes(painting: tuple[Float32, Float32]) -> None:
    colours, relief = painting
    for function in (shade, unshade):
        image = colours.copy()
        function(image, relief, np.float32(0))
        np.testing.assert_array_equal(image, colours)


def test_light_comes_from_the_upper_left() -> None:
    """A bump is bright there and dark on the other side; the two other flanks are alike."""
    y, x = np.mgrid[0:32, 0:32]
    bump = (3 * np.exp(-((x - 15.5) ** 2 + (y - 15.5) ** 2) / 50)).astype(np.float32)
    image = np.full((32, 32, 3), 0.5, np.float32)
    shade(image, bump, np.float32(0.4))
    near, far = image[8:16, 8:16].mean(), image[16:24, 16:24].mean()
    assert near > 0.53 > 0.47 > far
    np.testing.assert_allclose(image, image.transpose(1, 0, 2), atol=1e-6)
    assert image[0, 0, 0] == pytest.approx(0.5, abs=0.01)


def test_flat_paint_of_any_thickness_looks_even() -> None:
    image = np.full((9, 12, 3), 0.3, np.float32)
    shade(image, np.full((9, 12), 7, np.float32), np.float32(1))
    assert (image == np.float32(0.3)).all()


def test_more_light_from_the_side_means_more_contrast(painting: tuple[Float32, Float32]) -> None:
    spreads = []
    for strength in (0.0, 0.3, 0.6, 1.0):
        image = np.full((61, 75, 3), 0.5, np.float32)
        shade(image, painting[1], np.float32(strength))
        spreads.append(float(image.std()))
    assert spreads[0] == pytest.approx(0, abs=1e-6)
    assert (np.diff(spreads) > 0.01).all()
