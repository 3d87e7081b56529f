import io

import numpy as np
import pytest
from PIL import Image

from underpaint.datagen.format.frames import (
    decode_chosen,
    decode_frames,
    encode_members,
    format_of,
    frame_members,
    stored_frames,
)

FORMATS = ("webp", "png-sequence", "mp4")


@pytest.fixture(scope="module")
def frames():
    """Six canvases of odd sides, of noise, which no lossy codec keeps; 2 and 3 are equal, as 4 and 5."""
    found = np.full((6, 33, 47, 3), 255, np.uint8)
    for index in range(1, 6):
        found[index] = found[index - 1]
        if index not in (3, 5):
            part = found[index, 3 : 8 * index]
            part[:] = np.random.default_rng(index).integers(0, 256, part.shape)
    return found


@pytest.fixture(scope="module", params=FORMATS)
def members(request, frames):
    return encode_members(frames, request.param)


def test_frames_come_back_to_the_byte(frames, members):
    np.testing.assert_array_equal(decode_frames(stored_frames(members), 6, (33, 47)), frames)


@pytest.mark.parametrize("chosen", [(0,), (3,), (1, 4), (2, 3, 5)])
def test_chosen_frames_come_to_the_byte(frames, members, chosen):
    out = np.zeros((len(chosen), 33, 47, 3), np.uint8)
    decode_chosen(stored_frames(members), 6, chosen, out, lambda image: np.asarray(image.convert("RGB")))
    np.testing.assert_array_equal(out, frames[list(chosen)])


def test_equal_frames_give_equal_bytes(frames, members):
    assert encode_members(frames, format_of(members)) == members


def test_a_film_says_that_it_is_lossless_and_made_by_one_thread():
    """x264 notes its settings in the film; nothing else in it varies with the machine, as the muxer's version would."""
    # x264 gives smaller ones to one thread anyway.
    film = encode_members(np.zeros((2, 320, 64, 3), np.uint8), "mp4")["mp4"]
    for setting in (b" threads=1 ", b" lookahead_threads=1 ", b" qp=0", b" bframes=0 ", b" keyint=infinite "):
        assert setting in film, setting
    assert b"Lavf" not in film


def test_other_sizes_and_counts_are_refused(members):
    stored = stored_frames(members)
    with pytest.raises(ValueError, match="6 frames, 7 are expected"):
        decode_frames(stored, 7)
    with pytest.raises(ValueError, match=r"33 x 47 px .* the canvas is \(32, 32\)"):
        decode_frames(stored, 6, (32, 32))


@pytest.mark.parametrize("cut", [0, 60, 0.5])
def test_damage_is_a_value_error(members, cut):
    stored = stored_frames(members)
    stored[-1] = stored[-1][: int(cut * len(stored[-1])) if cut < 1 else cut]
    with pytest.raises(ValueError, match=r"WebP|PNG|mp4|frames"):
        decode_frames(stored, 6)


def test_a_lost_picture_of_a_sequence_moves_no_other(frames):
    stored = stored_frames(encode_members(frames, "png-sequence"))
    stored[2] = b""
    out = np.zeros((1, 33, 47, 3), np.uint8)
    for later in (2, 4):
        with pytest.raises(ValueError, match="not a PNG"):
            decode_chosen(stored, 6, [later], out, np.asarray)
    decode_chosen(stored, 6, [1], out, np.asarray)
    with pytest.raises(ValueError, match="5 frames, 6 are expected"):
        decode_chosen(stored[:-1], 6, [1], out, np.asarray)
    np.testing.assert_array_equal(out[0], frames[1])


def test_a_picture_of_another_size_in_a_sequence_is_refused(frames):
    stored = stored_frames(encode_members(frames, "png-sequence"))
    other = io.BytesIO()
    Image.new("RGB", (20, 20)).save(other, "PNG")
    stored[3] = other.getvalue()
    with pytest.raises(ValueError, match="frame 3 has 20 x 20 px"):
        decode_frames(stored, 6)


def test_which_members_hold_frames():
    assert frame_members(["json", "webp", "target.webp", "strokes.npz"]) == ["webp"]
    assert frame_members(["0001.png", "json", "0000.png"]) == ["0000.png", "0001.png"]
    for names, message in (
        (["json", "target.webp"], "neither webp, mp4 nor 0000.png"),
        (["0000.png", "0002.png"], "0002.png where 0001.png"),
        (["webp", "mp4"], "mp4 where 0000.png"),
    ):
        with pytest.raises(ValueError, match=message):
            frame_members(names)


def test_more_pictures_than_four_digits_number_are_refused():
    with pytest.raises(ValueError, match="10001 frames: a png-sequence numbers 10000"):
        encode_members(np.broadcast_to(np.uint8(0), (10_001, 1, 1, 3)), "png-sequence")
