"""Measures of the order see the painter and not the camera."""

import numpy as np
import pytest
from scipy import ndimage

from tests.pictures import load_picture
from underpaint.pipelines.evaluation.human import BANDS, is_human, of_people

PICTURE = load_picture("temple", (96, 96))
PAPER = np.zeros_like(PICTURE) + np.uint8([250, 0, 250])  # like nothing in the picture


def row_by_row(frames: int = 7) -> np.ndarray:
    """Each step finishes the next strip, from the top to the bottom."""
    film = []
    for end in np.linspace(0, 96, frames).round().astype(int):
        canvas = PAPER.copy()
        canvas[:end] = PICTURE[:end]
        film.append(canvas)
    return np.stack(film)


def everywhere(frames: int = 7) -> np.ndarray:
    """Each step finishes some of the squares that are scattered over the canvas."""
    rank = np.random.default_rng(0).permutation(12 * 12).reshape(12, 12).repeat(8, 0).repeat(8, 1) / 144
    return np.stack([np.where(rank[..., None] < done, PICTURE, PAPER) for done in np.linspace(0, 1, frames)])


def filmed(frames: np.ndarray) -> np.ndarray:
    """A shaky hand, a lamp that changes, and noise."""
    rng = np.random.default_rng(1)
    film = []
    for frame in frames:
        moved = ndimage.shift(frame, (*rng.integers(-2, 3, 2), 0), order=0, mode="nearest")
        noisy = moved * rng.uniform(0.94, 1.06) + rng.normal(0, 2, moved.shape)
        film.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(film)


def test_strips_are_one_place_at_an_even_pace_and_once() -> None:
    found = of_people(row_by_row())
    assert found["pace"] == pytest.approx(0.5, abs=0.05)
    assert found["place"] > 0.95
    assert found["away"] < 0.01
    assert found["twice"] < 0.2  # borders of the strips
    assert found["bare"] == pytest.approx(0.5, abs=0.05)


def test_scattered_squares_are_many_places() -> None:
    assert of_people(everywhere())["place"] < 0.5 * of_people(row_by_row())["place"]


def test_the_camera_makes_no_painter_of_it() -> None:
    for film in (row_by_row(), everywhere()):
        still, shaken = of_people(film), of_people(filmed(film))
        for name in ("pace", "place", "bare", "lag"):
            assert shaken[name] == pytest.approx(still[name], abs=0.12), name


def test_flat_colour_that_is_painted_over_is_seen() -> None:
    under = PAPER.copy()
    under[:48] = (0, 255, 0)  # farther from the picture than the ground is
    over = np.where(np.arange(96)[:, None, None] < 48, PICTURE, PAPER)
    found = of_people(np.stack([PAPER, under, over, PICTURE]))
    assert found["twice"] == pytest.approx(0.5, abs=0.1)
    assert found["away"] > 0.05


def test_the_coarse_comes_before_the_fine() -> None:
    blurred = np.stack([ndimage.gaussian_filter(PICTURE, (s, s, 0)) for s in (30, 8, 4, 2, 0.01)])
    assert of_people(np.concatenate([PAPER[None], blurred]))["lag"] > of_people(row_by_row())["lag"] + 0.1


def test_frames_are_picked_evenly() -> None:
    assert of_people(row_by_row(13), count=7) == of_people(row_by_row(13)[::2])


def test_nothing_ever_happens() -> None:
    found = of_people(np.stack([PICTURE] * 3))
    assert all(np.isfinite(value) for value in found.values())
    assert not is_human(found)


def test_all_bands_count_but_those_left_out() -> None:
    middle = {name: (low + high) / 2 for name, (low, high) in BANDS.items()}
    assert is_human(middle)
    for name, (low, high) in BANDS.items():
        for value in (low - 0.01, high + 0.01):
            assert not is_human(middle | {name: value})
            assert is_human(middle | {name: value}, without=frozenset({name}))
