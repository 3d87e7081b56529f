import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.webp import FRAME_MS, encode_frames, encode_picture


@st.composite
def processes(draw: st.DrawFn) -> np.ndarray:
    """Frames that change nowhere, in a rectangle, or everywhere, as a painting's do."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    frames = [draw(arrays(np.uint8, (height, width, 3), elements=st.sampled_from([0, 1, 128, 255])))]
    for kind in draw(st.lists(st.sampled_from(["same", "part", "all", "back"]), min_size=1, max_size=8)):
        frame = frames[-1].copy()
        if kind == "part":
            y, x = random.integers(height), random.integers(width)
            frame[y : y + 7, x : x + 9] = random.integers(0, 256, 3)
        elif kind == "all":
            frame = random.integers(0, 256, frame.shape, np.uint8)
        elif kind == "back":
            frame = frames[0]
        frames.append(frame)
    return np.stack(frames)


@given(frames=processes())
@settings(max_examples=150, deadline=None)
def test_frames_come_back_to_the_byte(frames):
    np.testing.assert_array_equal(decode_frames(encode_frames(frames), len(frames)), frames)


def test_equal_neighbours_are_stored_as_one_long_frame():
    a, b = np.zeros((20, 24, 3), np.uint8), np.full((20, 24, 3), 200, np.uint8)
    data = encode_frames(np.stack([a, a, a, b, b]))
    with Image.open(io.BytesIO(data)) as image:
        durations = []
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            durations.append(image.info["duration"])
    assert durations == [3 * FRAME_MS, 2 * FRAME_MS]


def test_a_still_picture_is_any_number_of_frames():
    picture = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    assert (decode_frames(encode_picture(picture), 3) == picture).all()
    assert (decode_frames(encode_frames(np.stack([picture] * 3)), 3) == picture).all()


def test_another_number_of_frames_is_an_error():
    frames = np.zeros((4, 8, 8, 3), np.uint8)
    frames[2:] = 9
    data = encode_frames(frames)
    for count in (2, 3, 5):
        with pytest.raises(ValueError, match="4 frames"):
            decode_frames(data, count)


@pytest.mark.parametrize("cut", [0, 10, 30, 100, -1])
def test_damaged_data_is_a_value_error(cut):
    data = encode_frames(np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8))
    with pytest.raises(ValueError, match="WebP"):
        decode_frames(data[:cut], 3)


def test_a_canvas_too_large_for_the_format_is_refused():
    with pytest.raises(ValueError, match="16383"):
        encode_frames(np.zeros((2, 1, 20000, 3), np.uint8))
