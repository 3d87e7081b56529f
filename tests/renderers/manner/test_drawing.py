"""The drawing follows outlines, in one colour, with no more lines than it may take."""

import numpy as np
import pytest

from tests.renderers.manner.conftest import UInt8, covered, disc, landscape, scene_of
from underpaint.renderers.manner.drawing import draw_outlines
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, EDGE, R0, R1, RED, THETA

UMBER = np.array([0.3, 0.19, 0.12], np.float32)


def middles(lines: np.ndarray) -> np.ndarray:
    """The middle of each line's curve, (N, 2) as (x, y)."""
    x = lines[:, CX] - lines[:, BOW] * np.sin(lines[:, THETA])
    y = lines[:, CY] + lines[:, BOW] * np.cos(lines[:, THETA])
    return np.stack([x, y], axis=1)


@pytest.mark.parametrize("budget", [0, 1, 6, 60])
def test_there_are_no_more_lines_than_asked_for(photo: UInt8, scene: Scene, budget: int) -> None:
    lines = draw_outlines(photo, scene, budget, UMBER, 0)
    assert lines.shape[1] == 13
    assert lines.dtype == np.float32
    assert budget // 2 <= len(lines) <= budget


def test_lines_are_thin_and_of_one_colour_never_faint_never_black(photo: UInt8, scene: Scene) -> None:
    lines = draw_outlines(photo, scene, 60, UMBER, 0)
    assert (lines[:, RED : BLUE + 1] == UMBER).all()
    opacity = lines[:, A0 : A1 + 1]
    assert np.float32(0.45) <= opacity.min()
    assert opacity.max() <= np.float32(0.85)
    assert np.ptp(opacity) > 0.1
    assert lines[:, R0 : R1 + 1].max() < 0.01 * 128
    assert (lines[:, EDGE] == 0).all()


def test_lines_lie_on_edges_rather_than_in_flat_parts(photo: UInt8, scene: Scene) -> None:
    lines = draw_outlines(photo, scene, 40, UMBER, 0)
    steps = np.hypot(*np.gradient(photo.astype(float).mean(axis=2)))
    drawn = covered(lines, *photo.shape[:2])
    assert 0.005 < drawn.mean() < 0.2
    assert steps[drawn].mean() > 2.5 * steps.mean()


def test_the_outline_of_a_subject_is_followed_all_around() -> None:
    picture, labels = landscape(120, 160)
    lines = draw_outlines(picture, scene_of(labels, [0, 1, 2]), 40, UMBER, 0)
    x, y = middles(lines).T
    off = np.abs(np.hypot(x - 80, y - 72) - 0.22 * 120)
    around = np.arctan2(y - 72, x - 80)[off < 3]
    assert np.ptp(np.sort(around)) > 5
    # The others are the horizon.
    assert (np.abs(y - 72)[off >= 3] < 3).all()


def test_a_region_is_outlined_where_the_photograph_has_no_edge() -> None:
    ramp = np.repeat(np.linspace(40, 220, 160)[None], 120, axis=0).astype(np.uint8)
    picture = np.repeat(ramp[..., None], 3, axis=2)
    labels = np.repeat((np.arange(160) >= 90)[None], 120, axis=0)
    lines = draw_outlines(picture, scene_of(labels, [0, 1]), 20, UMBER, 0)
    assert len(lines) > 0
    assert (np.abs(middles(lines)[:, 0] - 90) < 3).all()


def test_nothing_is_drawn_where_nothing_is_to_be_seen() -> None:
    plain = np.full((48, 64, 3), 90, np.uint8)
    assert len(draw_outlines(plain, scene_of(disc(48, 64, 24, 32, 10), [0, 1]), 20, UMBER, 0)) == 0
