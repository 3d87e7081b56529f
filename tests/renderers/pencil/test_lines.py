import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.tones import outlines
from underpaint.renderers.pencil.habits import draw_habits
from underpaint.renderers.pencil.lines import by_distance, construction_marks, contour_marks
from underpaint.renderers.pencil.sheet import PencilRecipe, PencilSheet, prepare_sheet
from underpaint.renderers.pencil.surface import PENCIL_COLUMNS
from underpaint.renderers.strokes.columns import A0, BOW, CX, CY, LENGTH, R0
from underpaint.renderers.strokes.search import Search


@pytest.fixture(scope="module")
def sheet() -> PencilSheet:
    recipe = PencilRecipe(search=Search(candidates=4, climbs=4))
    return prepare_sheet(load_picture("coffee", (96, 128)), draw_habits(0, {}), recipe, 0.18, 0, None)


def test_construction_is_straight_overlong_and_faint(sheet: PencilSheet) -> None:
    lines = construction_marks(sheet, 20, np.random.default_rng(0))
    assert 5 < len(lines) <= 20
    assert (np.abs(lines[:, BOW]) <= 0.011 * lines[:, LENGTH]).all()
    assert lines[:, A0].max() < 0.3
    contours = contour_marks(outlines(load_picture("coffee", (96, 128))), sheet.tone, 60, 0.2, np.random.default_rng(0))
    assert np.median(lines[:, LENGTH]) > 1.5 * np.median(contours[:, LENGTH])
    assert np.median(contours[:, A0]) > 1.5 * np.median(lines[:, A0])


def test_some_contours_are_drawn_twice(sheet: PencilSheet) -> None:
    outline = outlines(load_picture("coffee", (96, 128)))
    once, twice = (contour_marks(outline, sheet.tone, 40, share, np.random.default_rng(0)) for share in (0, 0.3))
    assert max(len(once), len(twice)) <= 40
    assert len({tuple(row) for row in twice[:, [CX, CY]]}) == len(twice)
    fainter = np.flatnonzero(np.diff(twice[:, R0]) < 0)
    apart = np.hypot(*(twice[fainter + 1][:, [CX, CY]] - twice[fainter][:, [CX, CY]]).T)
    assert (apart < 1).sum() >= 6
    assert (np.hypot(*np.diff(once[:, [CX, CY]], axis=0).T) < 1).sum() < 2


def test_the_nearest_comes_next_group_by_group() -> None:
    marks = np.zeros((4, len(PENCIL_COLUMNS)), np.float32)
    marks[:, CX] = 0, 60, 10, 50
    assert by_distance(marks, 64)[:, CX].tolist() == [0, 10, 50, 60]
    assert by_distance(marks, 64, np.array([1, 0, 1, 0], np.int32))[:, CX].tolist() == [50, 60, 10, 0]
