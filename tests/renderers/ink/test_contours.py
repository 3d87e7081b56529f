import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.contours import Lines, contour_strokes
from underpaint.renderers.ink.surface import DRY, GRAIN, INK_COLUMNS, TIP, WET
from underpaint.renderers.ink.tones import ink_tones, outlines
from underpaint.renderers.strokes.columns import A0, A1, BOW, CX, CY, LENGTH, MAX_BOW, R0, R1, control_points

LINES = Lines()


def draw(image: np.ndarray, budget: int = 80, seed: int = 0) -> np.ndarray:
    tones = ink_tones(image, 0.35)
    return contour_strokes(outlines(image), tones.max(axis=2), budget, LINES, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return load_picture("coffee", (256, 256))


@pytest.fixture(scope="module")
def strokes(image: np.ndarray) -> np.ndarray:
    return draw(image)


def test_contours_keep_to_the_budget_and_use_it(strokes: np.ndarray) -> None:
    assert strokes.shape[1] == len(INK_COLUMNS)
    assert 70 <= len(strokes) <= 80


def test_contours_are_long_thin_dark_lines(strokes: np.ndarray) -> None:
    assert (strokes[:, R0 : R1 + 1] <= LINES.thick).all()
    assert (strokes[:, R0 : R1 + 1] > 0).all()
    assert (np.abs(strokes[:, BOW]) <= MAX_BOW * strokes[:, LENGTH] + 1e-4).all()
    assert np.median(strokes[:, LENGTH] / strokes[:, R0 : R1 + 1].mean(axis=1)) > 8
    assert (strokes[:, A0] >= LINES.faintest * 0.8 - 1e-6).all()
    assert (strokes[:, A0 : A1 + 1] <= 1).all()
    assert (strokes[:, [WET, TIP]] == 0).all()
    assert ((strokes[:, [DRY, GRAIN]] >= 0) & (strokes[:, [DRY, GRAIN]] < 1)).all()


def test_contours_lie_along_edges(strokes: np.ndarray, image: np.ndarray) -> None:
    plane = outlines(image)
    steep = np.hypot(*np.gradient(plane))
    x, y = (np.clip(strokes[:, i].astype(int), 2, 253) for i in (CX, CY))
    near = np.array([steep[r - 2 : r + 3, c - 2 : c + 3].max() for r, c in zip(y, x, strict=True)])
    assert np.median(near) > 3 * np.median(steep)


def test_one_piece_goes_on_where_the_last_one_ended(strokes: np.ndarray) -> None:
    ends = control_points(strokes)
    gap = np.hypot(*(ends[1:, 0] - ends[:-1, 2]).T)
    assert (gap < 4).mean() > 0.4
    # And lines follow each other over the picture; at random the mean would be half of its side.
    assert gap.mean() < 60


def test_line_weight_varies(strokes: np.ndarray) -> None:
    width = strokes[:, R0 : R1 + 1].mean(axis=1)
    assert np.quantile(width, 0.9) > 1.8 * np.quantile(width, 0.1)
    assert np.ptp(strokes[:, A0]) > 0.2


@pytest.mark.parametrize("budget", [0, 1, 7])
def test_small_budgets(image: np.ndarray, budget: int) -> None:
    assert len(draw(image, budget)) <= budget


def test_no_edges_no_lines() -> None:
    assert draw(np.full((40, 60, 3), 200, np.uint8)).shape == (0, len(INK_COLUMNS))


def test_the_same_seed_gives_the_same_lines(image: np.ndarray, strokes: np.ndarray) -> None:
    np.testing.assert_array_equal(draw(image), strokes)
