from collections.abc import Callable

import numpy as np
import pytest

from underpaint.renderers.ink.scaled import ScaledTones, light, shrink, working_picture
from underpaint.renderers.strokes.tiles import from_tiles


@pytest.mark.parametrize(
    ("size", "strokes", "expected"),
    [
        ((300, 400), 1000, (300, 400)),
        ((1200, 900), 1000, (512, 384)),
        ((1200, 900), 10, (512, 384)),
        ((1200, 900), 4000, (1024, 768)),
        ((16, 2000), 50, (16, 2000)),
        ((32, 4000), 50, (16, 2000)),
    ],
)
def test_working_picture(size: tuple[int, int], strokes: int, expected: tuple[int, int]) -> None:
    assert working_picture(np.zeros((*size, 3), np.uint8), strokes).shape[:2] == expected


def test_other_media_have_other_working_sizes() -> None:
    large, long = np.zeros((600, 900, 3), np.uint8), np.zeros((16, 4000, 3), np.uint8)
    assert working_picture(large, 1000, side=320, narrowest=8).shape == (213, 320, 3)
    assert working_picture(large, 4000, side=320, narrowest=8).shape == (427, 640, 3)
    assert working_picture(long, 100, side=320, narrowest=8).shape == (8, 2000, 3)


def test_a_level_is_the_mean_of_the_tones() -> None:
    tones = np.random.default_rng(0).random((64, 96, 3)).astype(np.float32)
    level = ScaledTones(tones, 0.5)
    assert (level.grid.height, level.grid.width, level.scale) == (32, 48, 0.5)
    expected = tones.reshape(32, 2, 48, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(from_tiles(level.tones, 32, 48), expected, atol=1e-5)
    np.testing.assert_array_equal(level.tone[:, :, 0], level.tones.max(axis=2))


def test_levels_too_coarse_to_show_anything_are_raised() -> None:
    level = ScaledTones(np.ones((20, 300, 3), np.float32), 1 / 16)
    assert (level.grid.height, level.grid.width) == (8, 120)
    assert level.scale == pytest.approx(0.4)
    assert shrink(np.ones((20, 300, 3), np.float32), 1.0).shape == (20, 300, 3)


def test_paint_smooth_is_black_paint_of_that_absorbance(random_strokes: Callable[..., np.ndarray]) -> None:
    level, strokes = ScaledTones(np.ones((40, 40, 3), np.float32), 1.0), random_strokes(5, 40, 40, 0)
    q = np.linspace(0, 0.5, 5).astype(np.float32)
    assert level.paint_smooth(strokes, q).min() >= 0.5**5
    assert (level.paint_smooth(strokes, 0 * q) == 1).all()
    assert light(level.grid, 2).shape == (5, 5, 2, 64)
