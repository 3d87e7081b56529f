import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import load_picture
from underpaint.datagen.format.webp import encode_frames
from underpaint.training.frames import choose_picture, choose_sequence, decode_frames

counts = st.integers(2, 24).flatmap(lambda stored: st.tuples(st.just(stored), st.integers(2, stored)))


@settings(deadline=None)
@given(counts, st.none() | st.floats(0, 1, exclude_max=True))
def test_a_sequence_is_even_and_ends_finished(count, later):
    stored, frames = count
    chosen = choose_sequence(stored, frames, later=later)
    assert len(chosen) == frames
    assert chosen[-1] == stored - 1
    steps = np.diff(chosen)
    assert steps.min() >= 1
    assert steps.max() - steps.min() <= 1
    assert (chosen[0] == 0) == (later is None or stored == frames)


def test_every_later_frame_can_begin_a_sequence():
    starts = [choose_sequence(16, 8, later=later)[0] for later in np.linspace(0, 0.999, 800)]
    assert sorted(set(starts)) == list(range(1, 9))
    assert np.bincount(starts)[1:].min() >= 99


def test_pictures():
    assert choose_picture(9) == 8
    chosen = [choose_picture(9, half=half) for half in np.linspace(0, 0.999, 800)]
    assert sorted(set(chosen)) == list(range(8))
    assert choose_picture(2, half=0.99) == 0


@pytest.fixture
def frames():
    """A photograph that appears from the top; the last two frames are equal."""
    picture = load_picture("coffee", (96, 96))
    result = np.full((6, 96, 96, 3), 255, np.uint8)
    for index in range(6):
        rows = min(24 * index, 96)
        result[index, :rows] = picture[:rows]
    return result


def decoded(webp, stored, wanted, side, least=None, width=None):
    shape = (side, width or side)
    out = np.zeros((len(wanted), *shape, 3), np.uint8)
    decode_frames(webp, stored, wanted, out, least=(least, least) if least else shape)
    return out


@pytest.mark.parametrize("wanted", [(0,), (3,), (5,), (4,), (0, 5), (1, 2, 4, 5), (0, 1, 2, 3, 4, 5)])
def test_wanted_frames_come_to_the_byte(frames, wanted):
    # Frames 4 and 5 are equal, and stored as one.
    assert np.array_equal(decoded(encode_frames(frames), 6, wanted, 96), frames[list(wanted)])


def test_a_still_picture_is_all_of_its_frames(frames):
    still = encode_frames(frames[[2, 2, 2, 2]])
    assert np.array_equal(decoded(still, 4, (0, 3), 96), frames[[2, 2]])


def test_whole_factors_are_means_of_blocks(frames):
    blocks = frames.reshape(6, 32, 3, 32, 3, 3).mean(axis=(2, 4))
    assert np.abs(decoded(encode_frames(frames), 6, (2, 5), 32) - blocks[[2, 5]]).max() < 1


@pytest.mark.parametrize("side", [71, 64, 32])
def test_what_a_step_left_untouched_stays_equal(frames, side):
    small = decoded(encode_frames(frames), 6, (1, 2, 3), side)
    untouched = side * 72 // 96 + 3  # below the last row painted, and clear of the filter
    assert np.all(small[:, untouched:] == 255)
    assert np.array_equal(small[1][: side // 4 - 2], small[2][: side // 4 - 2])
    mean = decoded(encode_frames(frames), 6, (5,), side).mean((0, 1, 2))
    assert np.allclose(mean, frames[5].mean((0, 1)), atol=1)


def test_the_middle_of_a_canvas_that_is_not_square(frames):
    wide = np.concatenate([frames[:, :, :20] * 0, frames, frames[:, :, :20] * 0], axis=2)
    assert np.array_equal(decoded(encode_frames(wide), 6, (3, 5), 96), frames[[3, 5]])
    tall = wide.transpose(0, 2, 1, 3)
    assert np.array_equal(decoded(encode_frames(tall), 6, (5,), 96)[0], frames[5].transpose(1, 0, 2))


def test_the_middle_of_a_canvas_of_other_proportions_than_the_shape(frames):
    wide = np.concatenate([frames[:, :, :24] * 0, frames, frames[:, :, :24] * 0], axis=2)
    assert np.array_equal(decoded(encode_frames(wide), 6, (3, 5), 96, width=120), wide[[3, 5], :, 12:-12])
    assert np.array_equal(decoded(encode_frames(wide), 6, (5,), 24, width=144)[0], wide[5, 36:60])
    blocks = wide.reshape(6, 48, 2, 72, 2, 3).mean(axis=(2, 4))
    assert np.abs(decoded(encode_frames(wide), 6, (5,), 48, width=64)[0] - blocks[5, :, 4:-4]).max() <= 1


def test_a_canvas_that_doesn_t_cover_its_bucket_is_refused(frames):
    with pytest.raises(ValueError, match=r"its canvas is 96 x 96 px, its bucket is 64 x 128"):
        decoded(encode_frames(frames), 6, (5,), 64, width=128)


def test_a_little_may_be_enlarged_but_not_more(frames):
    webp = encode_frames(frames)
    assert decoded(webp, 6, (5,), 104, least=96).mean() == pytest.approx(frames[5].mean(), abs=1)
    with pytest.raises(ValueError, match="its canvas is 96 x 96 px, size is 97"):
        decoded(webp, 6, (5,), 104, least=97)


def test_damage(frames):
    webp = encode_frames(frames)
    with pytest.raises(ValueError, match="it holds 6 frames, 7 are expected"):
        decoded(webp, 7, (0, 6), 96)
    with pytest.raises(ValueError, match=r"^not a WebP$"):
        decoded(b"RIFF" + bytes(50), 6, (0, 5), 96)
    with pytest.raises(ValueError, match=r"not a readable WebP|it holds"):
        decoded(webp[: len(webp) // 2], 6, (0, 5), 96)
