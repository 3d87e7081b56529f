import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.ink.paper import paper_heights
from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.ink.surface import INK_COLUMNS, WET, paint_marks
from underpaint.renderers.ink.tints import fit_tints
from underpaint.renderers.ink.tones import ink_tones
from underpaint.renderers.strokes.columns import A0, A1, BLUE, RED
from underpaint.renderers.strokes.search import Search

SEARCH = Search(candidates=12, climbs=12)


def fit(tones: np.ndarray, budget: int) -> tuple[np.ndarray, ScaledTones, np.ndarray, np.ndarray]:
    """Tints on ink that is as dark as it may be: the level, the ink and the paper come with them."""
    level = ScaledTones(tones, 1.0)
    inked, paper = np.ascontiguousarray(level.tone[:, :, 0]), paper_heights(level.grid)
    tints = fit_tints(tones, level, inked, budget, SEARCH, 3, 0, paper, np.random.default_rng(0))
    return tints, level, inked, paper


@pytest.fixture(scope="module")
def tones() -> np.ndarray:
    return ink_tones(load_picture("motorcycle", (128, 128)), 1.0)


def test_tints_bring_each_channel_nearer_to_its_tone(tones: np.ndarray) -> None:
    tints, level, inked, paper = fit(tones, 60)
    assert 20 < len(tints) <= 60
    assert tints.shape[1] == len(INK_COLUMNS)
    canvas = np.ascontiguousarray(np.repeat(inked[:, :, None], 3, axis=2))
    before = float(((canvas - level.tones) ** 2).sum())
    paint_marks(canvas, level.grid.x_TP, level.grid.y_TP, paper, tints)
    assert float(((canvas - level.tones) ** 2).sum()) < 0.5 * before


def test_tints_are_transparent_coloured_washes(tones: np.ndarray) -> None:
    tints, _, _, _ = fit(tones, 40)
    assert (tints[:, WET] > 0).all()
    assert ((tints[:, A0 : BLUE + 1] >= 0) & (tints[:, A0 : BLUE + 1] <= 1)).all()
    assert tints[:, A0 : A1 + 1].max() <= 0.8 + 1e-6
    # At full strength a tint takes all of one channel: its colour is as pure as it can be, its opacity dilutes it.
    np.testing.assert_allclose(tints[:, RED : BLUE + 1].min(axis=1), 0, atol=1e-6)


def test_grey_tones_need_no_colour() -> None:
    tints, _, _, _ = fit(np.full((64, 64, 3), 0.5, np.float32), 20)
    assert tints.shape == (0, len(INK_COLUMNS))
