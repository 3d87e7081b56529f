from collections.abc import Callable

import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.brush import InkBrush
from underpaint.renderers.ink.refinement import InkRefinement, refine_ink
from underpaint.renderers.ink.scaled import ScaledTones, light
from underpaint.renderers.ink.tones import ink_tones
from underpaint.renderers.strokes.columns import A0, A1, BLUE, CX, CY, EDGE, LENGTH, R0, R1, RED
from underpaint.renderers.strokes.search import Search, place_marks


@pytest.fixture(scope="module")
def level() -> ScaledTones:
    return ScaledTones(ink_tones(load_picture("cat", (90, 120)), 0.0), 1.0)


@pytest.fixture(scope="module")
def placed(level: ScaledTones) -> np.ndarray:
    brush = InkBrush(radius_min=1.5, radius_max=10, opacity_max=0.7)
    return place_marks(
        level.tone, light(level.grid, 1), level.grid, level.tensor, 60, brush, Search(candidates=8, climbs=8), 0
    )[0]


def test_refinement_lowers_the_error_within_its_limits(level: ScaledTones, placed: np.ndarray) -> None:
    before, fixed = placed.copy(), np.zeros(60, bool)
    densest = np.full(60, 0.7, np.float32)
    refined = refine_ink(level.tone, level.grid, placed, fixed, densest, InkRefinement(steps=60, stride=1))
    np.testing.assert_array_equal(placed, before)
    errors = [float(((level.paint_smooth(s) - level.tone) ** 2).sum()) for s in (placed, refined)]
    assert errors[1] < 0.6 * errors[0]
    assert (refined[:, RED : BLUE + 1] == 0).all()
    assert refined[:, A0 : A1 + 1].max() <= 0.7 + 1e-6
    assert refined[:, R0 : R1 + 1].min() >= 0.8 - 1e-6
    assert (refined[:, LENGTH] >= 1.2 * refined[:, R0 : R1 + 1].max(axis=1) - 1e-4).all()
    assert (refined[:, EDGE] <= 2 * refined[:, R0 : R1 + 1].min(axis=1) + 1e-4).all()


def test_fixed_marks_stay_as_they_are(level: ScaledTones, placed: np.ndarray) -> None:
    fixed = np.arange(60) < 20
    densest = np.full(60, 0.7, np.float32)
    refined = refine_ink(level.tone, level.grid, placed, fixed, densest, InkRefinement(steps=5))
    np.testing.assert_array_equal(refined[:20], placed[:20])
    assert (refined[20:] != placed[20:]).any(axis=1).all()


def test_no_marks_no_work(level: ScaledTones) -> None:
    none = np.zeros((0, 13), np.float32)
    refined = refine_ink(
        level.tone, level.grid, none, np.zeros(0, bool), np.zeros(0, np.float32), InkRefinement(steps=3)
    )
    assert refined.shape == (0, 13)


def test_an_edge_never_gets_wider_than_its_brush(level: ScaledTones, placed: np.ndarray) -> None:
    wide = placed.copy()
    wide[:, EDGE] = 30
    densest = np.full(60, 0.7, np.float32)
    refined = refine_ink(level.tone, level.grid, wide, np.zeros(60, bool), densest, InkRefinement(steps=1))
    np.testing.assert_array_equal(refined[:, EDGE], 2 * refined[:, R0 : R1 + 1].min(axis=1))


def test_the_first_step_is_as_large_as_any(level: ScaledTones, make_stroke: Callable[..., np.ndarray]) -> None:
    """Adam's averages start at zero; corrected for that, the first step does not depend on how steep the error is."""
    mark = make_stroke(cx=60, cy=45, length=12, r0=3, r1=3, a0=0.4, a1=0.4, red=0, green=0, blue=0)[None]
    densest = np.full(1, 0.9, np.float32)
    refined = refine_ink(level.tone, level.grid, mark, np.zeros(1, bool), densest, InkRefinement(steps=1, stride=1))
    # Pixels for a brush of 3 px, and shares of the light.
    np.testing.assert_allclose(np.abs(refined - mark)[0, [CX, CY, LENGTH]], [0.25, 0.25, 0.4], rtol=1e-3)
    np.testing.assert_allclose(np.abs(refined - mark)[0, [R0, R1, A0, A1]], [0.12, 0.12, 0.03, 0.03], rtol=1e-3)
