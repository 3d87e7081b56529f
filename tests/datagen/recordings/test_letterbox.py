import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datagen.videos import painting, with_bars
from underpaint.datagen.recordings.letterbox import Bars


def window(frames):
    bars = Bars()
    for frame in frames:
        array = np.asarray(frame)
        bars.add(array)
    height, width = array.shape[:2]
    return tuple(round(share * side) for share, side in zip(bars.window(), (width, height) * 2, strict=True))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(0, 40), st.sampled_from(["black", "white", (20, 18, 24)]))
def test_bars_are_cut_off_and_nothing_else(x, y, colour):
    left, top, right, bottom = window(with_bars(painting(6), x, y, colour))
    inset = [1 if side else 0 for side in (x, y)]
    assert (left, top) == (x + inset[0], y + inset[1])
    assert (right, bottom) == (96 + x - inset[0], 72 + y - inset[1])


def test_white_bars_within_black_ones():
    frames = with_bars(with_bars(painting(6), 10, 0, "white"), 0, 12)
    assert window(frames) == (11, 13, 96 + 9, 72 + 11)


@pytest.mark.parametrize("value", [0, 120, 255])
def test_nothing_but_one_colour_is_kept_whole(value):
    assert window([np.full((60, 80, 3), value, np.uint8)] * 3) == (0, 0, 80, 60)


def test_the_margin_of_a_white_sheet_stays():
    y, x = np.mgrid[:72, :96]
    frames = []
    for radius in (0, 10, 20, 30):
        sheet = np.full((72, 96, 3), 255, np.uint8)
        sheet[(x - 48) ** 2 + (y - 36) ** 2 < radius**2] = (30, 60, 90)
        frames.append(sheet)
    assert window(frames) == (0, 0, 96, 72)


def test_a_bar_must_last():
    frames = list(with_bars(painting(6), 0, 20))
    frames[3].paste("red", (0, 5, 90, 9))
    assert window(frames) == (0, 6, 96, 91)


def test_noise():
    random = np.random.default_rng(0)
    picture = np.asarray(list(painting(4))[-1])
    boxed = np.pad(picture, ((16, 16), (0, 0), (0, 0)))
    noisy = [(boxed + random.integers(0, 12, boxed.shape)).clip(0, 255).astype(np.uint8) for _ in range(5)]
    assert window(noisy) == (0, 17, 96, 87)
