import numpy as np
import pytest

from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.flats import flat_strokes
from underpaint.renderers.illustration.layers import REGION, Layers
from underpaint.renderers.strokes.tiles import from_tiles, make_grid

COLOURS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.float32)


def regions(height: int, width: int) -> np.ndarray:
    """A ground, a ring in it, what the ring encloses, and a bar at the lower edge."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(x - 0.45 * width, y - 0.4 * height) / min(height, width)
    labels = np.zeros((height, width), np.int32)
    labels[distance < 0.3], labels[distance < 0.18], labels[int(0.85 * height) :] = 1, 2, 3
    return labels


@pytest.mark.parametrize("size", [(128, 128), (60, 150), (150, 60)])
@pytest.mark.parametrize("budget", [12, 60])
@pytest.mark.parametrize("hand", [-0.8, 1.2])
def test_flats_cover_every_region_in_its_colour(size: tuple[int, int], budget: int, hand: float) -> None:
    labels = regions(*size)
    strokes = flat_strokes(labels, COLOURS, budget, hand, np.random.default_rng(2))
    assert 4 <= len(strokes) <= budget
    assert (np.diff(strokes[:, REGION]) >= 0).all()
    grid = make_grid(*size)
    clip = make_clip(labels.astype(np.uint8), grid)
    grounds = []
    for ground in (0.0, 1.0):
        layers = Layers.blank(grid, clip, np.full(3, ground, np.float32))
        layers.lay(strokes)
        grounds.append(layers.image())
    # Nothing of the ground is left, and only pixels that two regions share are mixed.
    assert np.abs(grounds[0] - grounds[1]).max() < 1e-3
    alone = from_tiles(clip.share[:, :, None], *size)[:, :, 0] == 1
    assert alone.mean() > 0.8
    assert np.abs(grounds[0] - COLOURS[labels])[alone].max() < 1e-3


def test_more_strokes_are_narrower() -> None:
    labels = regions(128, 128)
    few, many = (flat_strokes(labels, COLOURS, budget, 0.3, np.random.default_rng(0)) for budget in (10, 60))
    assert len(few) < len(many)
    assert few[:, 5].max() > 1.5 * many[:, 5].max()
