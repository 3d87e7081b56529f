from collections.abc import Callable

import numpy as np
import pytest

from underpaint.renderers.ink.dressing import CONTOURS, INK, TEXTURE, WASHES, dress, grind_ink, set_strengths
from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.ink.surface import DRY, INK_COLUMNS, TIP, WET
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, EDGE, LENGTH, R0, R1, RED

LEVEL = ScaledTones(np.full((60, 76, 3), 0.6, np.float32), 1.0)


@pytest.fixture
def shapes(random_strokes: Callable[..., np.ndarray]) -> np.ndarray:
    strokes = random_strokes(60, 60, 76, 1)
    strokes[:, R0 : R1 + 1] /= 16
    strokes[::3, [LENGTH, BOW]] = 0.5, 0
    strokes[:, RED : BLUE + 1] = 0
    return strokes


def test_slender_dark_shapes_are_texture_and_the_rest_washes(shapes: np.ndarray) -> None:
    marks, phase = dress(shapes, LEVEL, np.random.default_rng(0))
    assert marks.shape == (60, len(INK_COLUMNS))
    assert set(phase.tolist()) == {TEXTURE, WASHES}
    radius = shapes[:, R0 : R1 + 1].mean(axis=1)
    slender = shapes[:, LENGTH] > 3.5 * radius
    assert (slender[phase == TEXTURE]).all()
    texture, wash = marks[phase == TEXTURE], marks[phase == WASHES]
    assert (texture[:, WET] == 0).all()
    assert (texture[:, DRY] > 0.2).all()
    assert (texture[:, TIP] == 1).all()
    # The brush is set down heavily and lifted off.
    assert (texture[:, R0] > texture[:, R1]).all()
    assert (wash[:, WET] > 0).all()


def test_pale_washes_have_soft_edges(make_stroke: Callable[..., np.ndarray]) -> None:
    pale, dark = make_stroke(length=5, a0=0.05, a1=0.05), make_stroke(length=5, a0=0.9, a1=0.9)
    marks, _ = dress(np.stack([pale, dark]), LEVEL, np.random.default_rng(0))
    assert marks[0, EDGE] > 4
    assert marks[1, EDGE] == 0


def test_strengths_bring_the_paper_to_the_tone_and_keep_contours(shapes: np.ndarray) -> None:
    paper = paper_heights(LEVEL.grid)
    marks, phase = dress(shapes, LEVEL, np.random.default_rng(0))
    marks[:, A0 : A1 + 1] = 0.5
    phase[:10] = CONTOURS
    once, first = set_strengths(marks, phase, LEVEL, paper, 1)
    more, second = set_strengths(marks, phase, LEVEL, paper, 6)
    errors = [float(((canvas - LEVEL.tone[:, :, 0]) ** 2).sum()) for canvas in (first, second)]
    assert errors[1] <= errors[0]
    for solved in (once, more):
        assert solved[:10, A0].min() >= 0.3 - 1e-6
        assert solved[:10, A0].max() <= 0.65 + 1e-6
        assert solved[:, A0 : A1 + 1].max() <= 0.9 + 1e-6


def test_ink_absorbs_as_much_as_the_black_it_stands_for(shapes: np.ndarray) -> None:
    marks, _ = dress(shapes, LEVEL, np.random.default_rng(0))
    marks[:, A0 : A1 + 1] *= 0.9
    inked = grind_ink(marks)
    assert (inked[:, RED : BLUE + 1] == np.float32(INK)).all()
    np.testing.assert_allclose(inked[:, A0] * (1 - inked[:, RED]), marks[:, A0], rtol=1e-5)
    assert inked[:, A0 : A1 + 1].max() <= 1
