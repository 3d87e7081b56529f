"""Rows of broad strokes cover a region, one after the other, and leave what lies beside it."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from tests.renderers.manner.conftest import covered, disc
from underpaint.renderers.manner.rows import row_strokes
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.strokes.columns import A0, A1, BLUE, CX, CY, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.tiles import Float32


def rows_of(mask: np.ndarray, radius: float, seed: int = 0) -> Float32:
    return row_strokes(mask, radius, 0.95, np.random.default_rng(seed))


def rectangle(height: int, width: int, top: int, left: int, rows: int, columns: int) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + rows, left : left + columns] = True
    return mask


def corner() -> np.ndarray:
    return rectangle(64, 80, 8, 8, 48, 20) | rectangle(64, 80, 40, 8, 16, 64)


SHAPES = {
    "disc": disc(64, 80, 30, 42, 25),
    "strip": rectangle(64, 80, 4, 30, 56, 9),
    "corner": corner(),
    "all of it": np.ones((64, 80), np.bool_),
}


@pytest.mark.parametrize("radius", [2.0, 5.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_most_of_a_region_is_covered_and_little_beside_it(shape: str, radius: float) -> None:
    mask = SHAPES[shape]
    paint = covered(rows_of(mask, radius), *mask.shape)
    assert paint[mask].mean() > 0.93
    beside = paint & ~mask
    if not mask.all():
        beyond = distance_transform_edt(~mask)
        assert beside.sum() < 0.7 * radius * (beyond == 1).sum()
        assert not paint[beyond > 2 * radius].any()


def test_regions_of_a_photograph_are_covered(scene: Scene) -> None:
    for region in range(len(scene.order)):
        mask = scene.labels == region
        inner = distance_transform_edt(np.pad(mask, 1)).max()
        paint = covered(rows_of(mask, max(0.4 * inner, 1.25)), *mask.shape)
        assert paint[mask].mean() > 0.85
        assert paint[distance_transform_edt(~mask) > max(inner, 3)].mean() < 0.02


def test_rows_follow_each_other_back_and_forth() -> None:
    strokes = rows_of(rectangle(64, 100, 10, 5, 36, 90), 3.0)
    row = np.unique(strokes[:, CY].round(3), return_inverse=True)[1]
    assert (np.diff(row) >= 0).all()
    assert row.max() + 1 == 8  # 35 px at 1.5 radii
    for number in range(row.max() + 1):
        steps = np.diff(strokes[row == number, CX])
        assert len(steps) >= 3
        assert (steps < 0 if number % 2 else steps > 0).all()


def test_strokes_run_along_a_region_and_no_farther_than_the_paint_lasts() -> None:
    upright = rows_of(rectangle(90, 60, 5, 20, 80, 14), 2.0)
    assert (np.abs(np.abs(upright[:, THETA]) - np.pi / 2) < 0.06).all()
    assert (upright[:, LENGTH] < 8 * 2.0).all()
    level = rows_of(rectangle(60, 90, 20, 5, 14, 80), 2.0)
    assert (np.abs(level[:, THETA]) < 0.06).all()
    # What lies in hardly any direction is filled as one writes.
    blob = disc(64, 64, 32, 32, 20) | disc(64, 64, 45, 45, 4)
    assert (np.abs(rows_of(blob, 3.0)[:, THETA]) < 0.06).all()


def test_strokes_are_of_the_brush_that_was_asked_for() -> None:
    strokes = rows_of(SHAPES["disc"], 4.0)
    assert (strokes[:, A0 : A1 + 1] == np.float32(0.95)).all()
    assert (strokes[:, RED : BLUE + 1] == 0).all()
    assert (np.abs(strokes[:, R0 : R1 + 1] / 4 - 1) <= 0.1 + 1e-6).all()
    assert np.ptp(strokes[:, R0]) > 0.2
    assert rows_of(SHAPES["disc"], 4.0).tobytes() == strokes.tobytes() != rows_of(SHAPES["disc"], 4.0, 1).tobytes()


@pytest.mark.parametrize("line", ["level", "upright", "slanting"])
def test_a_line_of_pixels_is_gone_along(line: str) -> None:
    mask = np.zeros((40, 40), np.bool_)
    along = np.arange(6, 34)
    mask[{"level": (20, along), "upright": (along, 20), "slanting": (along, along)}[line]] = True
    strokes = rows_of(mask, 1.25)
    assert covered(strokes, 40, 40)[mask].mean() > 0.9
    assert (distance_transform_edt(~mask)[covered(strokes, 40, 40)] < 2.5).all()
    # Its middle lies on their middles.
    x, y = strokes[:, CX] - 0.5, strokes[:, CY] - 0.5
    assert {"level": np.abs(y - 20), "upright": np.abs(x - 20), "slanting": np.abs(x - y)}[line].max() < 1e-3


def test_a_single_pixel_is_a_dab() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[7, 11] = True
    strokes = rows_of(mask, 1.5)
    assert len(strokes) == 1
    assert np.isfinite(strokes).all()
    assert covered(strokes, 20, 20)[7, 11]


def test_islands_are_not_bridged() -> None:
    mask = rectangle(40, 80, 10, 4, 20, 25) | rectangle(40, 80, 10, 50, 20, 26)
    paint = covered(rows_of(mask, 4.0), 40, 80)
    assert paint[mask].mean() > 0.93
    assert not paint[:, 34:45].any()


def test_a_hole_narrower_than_the_brush_is_painted_over() -> None:
    mask = rectangle(40, 80, 10, 4, 20, 72)
    with_hole = mask & ~rectangle(40, 80, 18, 30, 3, 3)
    assert covered(rows_of(with_hole, 4.0), 40, 80)[18:21, 30:33].all()
    with_gap = mask & ~rectangle(40, 80, 10, 35, 20, 12)
    assert not covered(rows_of(with_gap, 4.0), 40, 80)[:, 39:43].any()
