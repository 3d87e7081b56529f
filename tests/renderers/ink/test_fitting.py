import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.dressing import COLOUR, CONTOURS, TEXTURE, WASHES
from underpaint.renderers.ink.fitting import Recipe, Step, fit_ink
from underpaint.renderers.ink.surface import INK_COLUMNS
from underpaint.renderers.strokes.columns import A0, A1, LENGTH, R0, R1
from underpaint.renderers.strokes.search import Search

RECIPE = Recipe(
    search=Search(candidates=12, climbs=16),
    steps=(Step(scale=0.5, refine=8), Step(scale=1.0, refine=8, replace=0.2)),
)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return load_picture("coffee", (192, 192))


def test_phases_follow_each_other_and_all_take_part(image: np.ndarray) -> None:
    marks, phase = fit_ink(image, 300, RECIPE, 0.35, 0)
    assert marks.shape == (len(phase), len(INK_COLUMNS))
    assert 280 <= len(marks) <= 300
    assert (np.diff(phase.astype(int)) >= 0).all()
    assert set(phase.tolist()) == {CONTOURS, TEXTURE, WASHES, COLOUR}
    washes = marks[phase == WASHES]
    half = len(washes) // 2
    assert washes[:half, A0 : A1 + 1].mean() < 0.7 * washes[half:, A0 : A1 + 1].mean()
    assert np.median(washes[:half, R0 : R1 + 1]) > np.median(washes[half:, R0 : R1 + 1])
    contours = marks[phase == CONTOURS]
    assert np.median(contours[:, LENGTH] / contours[:, R0 : R1 + 1].mean(axis=1)) > 8


def test_without_colour_there_are_no_tints(image: np.ndarray) -> None:
    _, phase = fit_ink(image, 60, RECIPE, 0.0, 0)
    assert COLOUR not in phase


@pytest.mark.parametrize("strokes", [1, 2, 9])
def test_few_strokes(image: np.ndarray, strokes: int) -> None:
    marks, _ = fit_ink(image, strokes, RECIPE, 0.35, 0)
    assert 1 <= len(marks) <= strokes


def test_seeds(image: np.ndarray) -> None:
    first, again, other = (fit_ink(image, 60, RECIPE, 0.35, seed)[0] for seed in (2**63 - 1, 2**63 - 1, 5))
    np.testing.assert_array_equal(first, again)
    assert first.tobytes() != other.tobytes()


def test_marks_are_in_pixels_of_the_picture() -> None:
    large = load_picture("coffee", (900, 900))
    marks, _ = fit_ink(large, 40, RECIPE, 0.35, 0)
    assert marks[:, 0].max() > 600
