from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.pipelines.conftest import picture
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.pictures import Margins, checked, fit, parse_size, read_image, read_picture, same_shape


@given(st.integers(1, 70), st.integers(1, 70), st.sampled_from([8, 16, 64]))
def test_margins_come_off_again(height: int, width: int, step: int) -> None:
    margins = Margins.of((height, width), step)
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    padded = margins.pad(pixels)
    assert padded.shape[:2] == margins.padded
    assert all(
        side % step == 0 and 0 <= side - own < step
        for side, own in zip(padded.shape[:2], pixels.shape[:2], strict=True)
    )
    assert np.array_equal(margins.crop(padded[None])[0], pixels)
    assert set(map(tuple, padded.reshape(-1, 3))) == set(map(tuple, pixels.reshape(-1, 3)))


def test_a_canvas_lies_in_the_middle_of_its_margins() -> None:
    margins = Margins.of((20, 29), 16)
    assert margins.padded == (32, 32)
    rows, columns = np.mgrid[:20, :29]
    padded = margins.pad(np.stack([rows, columns, rows], axis=2).astype(np.uint8))
    assert padded[:, 0, 0].tolist() == [0] * 6 + list(range(20)) + [19] * 6
    assert padded[0, :, 1].tolist() == [0] + list(range(29)) + [28] * 2


def test_sizes() -> None:
    assert (parse_size(64).shape, parse_size("64").short_side) == ((64, 64), True)
    assert (parse_size("96x64").shape, parse_size("96x64").short_side) == ((64, 96), False)
    for bad in ("", "0", "-3", "3.5", "64x", "x64", "64X64", "64x0"):
        with pytest.raises(ValueError, match="is neither a number of pixels nor WIDTHxHEIGHT"):
            parse_size(bad)


def test_pictures_are_fit_and_never_stretched() -> None:
    wide = picture(0, (80, 40))
    assert fit(wide, parse_size(20)).shape == (20, 40, 3)
    assert fit(wide, parse_size("40x40")).shape == (20, 40, 3)
    assert fit(wide, parse_size("400x40")).shape == (40, 80, 3)
    assert fit(wide, parse_size(40)) is wide


def test_pictures_of_one_process() -> None:
    alike = same_shape({0: picture(0, (64, 32)), 3: picture(1, (640, 322))}, (32, 64))
    assert {each.shape for each in alike.values()} == {(32, 64, 3)}
    with pytest.raises(BadPicture, match="mixed-sizes: the picture of frame 3 is 60 x 50 px, the canvas 64 x 32 px"):
        same_shape({3: picture(1, (60, 50))}, (32, 64))


def test_unreadable_pictures(tmp_path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    for name, reason in (("a.png", "not-a-picture"), ("b.png", "missing")):
        with pytest.raises(BadPicture, match=reason):
            read_picture(tmp_path / name, parse_size(32))


def test_images_are_taken_as_files_are() -> None:
    size = parse_size(32)
    wide = Image.fromarray(np.full((40, 60, 3), 90, np.uint8))
    turned = wide.copy()
    turned.getexif()[0x0112] = 6
    assert read_image(wide, size).shape == (32, 48, 3)
    assert read_image(turned, size).shape == (48, 32, 3)
    assert read_image(Image.new("RGBA", (40, 40)), size).min() == 255  # transparent, on white
    assert read_image(Image.new("LA", (40, 40)), size).min() == 255
    deep = Image.fromarray(np.full((40, 40), 32768, np.uint16))
    assert abs(int(read_image(deep, size).mean()) - 128) <= 1
    assert read_image(Image.new("CMYK", (40, 40)), size).min() == 255
    with pytest.raises(ValueError, match=r"a picture of mode HSV can't be used .*: convert it to RGB"):
        read_image(Image.new("HSV", (40, 40)), size)


def test_arrays_are_pictures_or_refused() -> None:
    assert checked(np.zeros((4, 5, 3), np.uint8)).shape == (4, 5, 3)
    for array, message in (
        (np.full((4, 4, 3), np.nan), r"is uint8 \(H, W, 3\), not float64 \(4, 4, 3\), and not all of it finite"),
        (np.zeros((4, 4), np.uint8), r"not uint8 \(4, 4\)"),
        (np.zeros((0, 4, 3), np.uint8), r"not uint8 \(0, 4, 3\)"),
        (np.zeros((4, 40, 3), np.uint8), "at most 50000000 pixels and 4 : 1"),
    ):
        with pytest.raises(ValueError, match=message):
            checked(array)
