import numpy as np
from numba import njit

from underpaint.renderers.ink.paper import noise, paper_heights, seed_of
from underpaint.renderers.strokes.kernels import EXACT
from underpaint.renderers.strokes.tiles import from_tiles, make_grid


@njit(**EXACT)
def _sample(x, y, seed, out):  # type: ignore[no-untyped-def]
    for i in range(len(x)):
        out[i] = noise(x[i], y[i], np.uint32(seed))


@njit(**EXACT)
def _seed(grain):  # type: ignore[no-untyped-def]
    return seed_of(grain)


def sample(x: float, y: float, seed: int = 5, step: float = 0.0, count: int = 1) -> np.ndarray:
    out = np.empty(count, np.float32)
    xs = (x + step * np.arange(count)).astype(np.float32)
    _sample(xs, np.full(count, y, np.float32), seed, out)
    return out


def test_noise_lies_in_0_to_1_and_has_mean_half() -> None:
    values = np.concatenate([sample(-300.0, y, step=0.37, count=2000) for y in np.arange(-9.5, 9.5)])
    assert values.min() >= 0
    assert values.max() < 1
    assert abs(values.mean() - 0.5) < 0.01


def test_noise_is_continuous_also_across_zero() -> None:
    values = sample(-2.0, -0.3, step=1e-3, count=4000)
    assert np.abs(np.diff(values)).max() < 3e-3
    assert np.ptp(values) > 0.2


def test_another_seed_is_another_noise() -> None:
    a, b = sample(0, 0.5, seed=1, step=0.7, count=500), sample(0, 0.5, seed=2, step=0.7, count=500)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.15


def test_grain_stands_for_a_seed() -> None:
    assert _seed(np.float32(0)) == 0
    assert _seed(np.float32(0.5)) == 2**23
    assert _seed(np.float32(1)) < 2**24


def test_paper_is_the_same_sheet_at_every_size() -> None:
    small, large = make_grid(90, 120), make_grid(270, 360)
    a = from_tiles(np.repeat(paper_heights(small)[:, :, None], 3, axis=2), 90, 120)[..., 0]
    b = from_tiles(np.repeat(paper_heights(large)[:, :, None], 3, axis=2), 270, 360)[..., 0]
    # The centre of every pixel of the small sheet is that of one in three of the large one.
    np.testing.assert_allclose(a, b[1::3, 1::3], atol=1e-4)
    assert abs(a.mean() - 0.5) < 0.02
    assert a.std() > 0.08
