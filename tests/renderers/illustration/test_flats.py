import numpy as np
import pytest

from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.flats import flat_strokes
from underpaint.renderers.illustration.layers import REGION, Layers
from underpaint.renderers.strokes.tiles import make_grid

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
    layers = Layers.blank(grid, make_clip(labels.astype(np.uint8), grid), np.full(3, 0.5, np.float32))
    layers.lay(strokes)
    inside = np.abs(layers.image() - COLOURS[labels]).max(axis=2) < 0.01
    # All but the pixels that two regions share.
    assert inside.mean() > 0.93
    for region in range(4):
        assert inside[labels == region].mean() > 0.8
    # Nowhere is the ground left.
    assert (np.abs(layers.image() - 0.5).max(axis=2) > 0.02).all()


def test_more_strokes_are_narrower() -> None:
    labels = regions(128, 128)
    few, many = (flat_strokes(labels, COLOURS, budget, 0.3, np.random.default_rng(0)) for budget in (10, 60))
    assert len(few) < len(many)
    assert few[:, 5].max() > 1.5 * many[:, 5].max()
