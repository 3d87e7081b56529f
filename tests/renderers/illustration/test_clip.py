import numpy as np

from underpaint.renderers.illustration.clip import make_clip, smooth_labels
from underpaint.renderers.strokes.tiles import from_tiles, make_grid


def disc(side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] + 0.5
    return ((x - side / 2) ** 2 + (y - side / 2) ** 2 < (0.3 * side) ** 2).astype(np.uint8)


def shares(labels: np.ndarray, side: int) -> np.ndarray:
    """How much of each pixel region 1 has, float64 (side, side)."""
    clip = make_clip(labels, make_grid(side, side))
    tiles = (clip.first == 1) * clip.share + (clip.second == 1) * (1 - clip.share)
    return from_tiles(tiles.astype(np.float32)[:, :, None], side, side)[:, :, 0].astype(np.float64)


def test_an_enlarged_disc_is_round() -> None:
    found, exact = shares(disc(32), 256), disc(256)
    assert np.abs(found - exact).mean() < 0.012
    # Repeating pixels makes stairs.
    stairs = disc(32).repeat(8, axis=0).repeat(8, axis=1)
    assert np.abs(found - exact).sum() < 0.7 * np.abs(stairs.astype(float) - exact).sum()


def test_shares_are_those_of_at_most_two_regions_and_sharp() -> None:
    labels = np.arange(9, dtype=np.uint8).reshape(3, 3).repeat(8, axis=0).repeat(8, axis=1)
    clip = make_clip(labels, make_grid(96, 96))
    assert clip.share.min() >= 0.5
    assert set(np.unique(clip.first)) == set(range(9))
    # Borders are two pixels wide, however large the canvas is.
    assert (clip.share < 1).mean() < 0.1


def test_outlines_lose_their_teeth_and_specks_vanish() -> None:
    labels = np.zeros((20, 20), np.int32)
    labels[:, 10:] = 2
    labels[::2, 10] = 0
    labels[5, 5] = 1
    smoothed = smooth_labels(labels, 2)
    assert set(np.unique(smoothed)) == {0, 1}
    assert (np.diff(smoothed, axis=1) != 0).sum() == 20
    assert (smooth_labels(labels, 0) == labels).all()
