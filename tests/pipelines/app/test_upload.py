from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.app.upload import Upload


def test_nothing_of_an_upload_is_left(tmp_path: Path) -> None:
    path = tmp_path / "hill.png"
    Image.new("RGB", (60, 40), "red").save(path)
    data = path.read_bytes()
    upload = Upload.take(path, max_pixels=2400)
    assert not path.exists()
    assert (upload.name, upload.data, upload.photo.size) == ("hill.png", data, (60, 40))
    assert np.array_equal(upload.photo.pixels[0, 0], (255, 0, 0))
    (tmp_path / "again").mkdir()
    assert upload.write(tmp_path / "again").read_bytes() == data


@pytest.mark.parametrize(
    ("size", "content", "message"),
    [
        (None, b"a letter to nobody", "not-a-picture"),
        (None, b"", "empty"),
        ((61, 40), None, "too-large: 61 x 40 px, 2400 pixels are allowed"),
        ((180, 20), None, "too-long"),
        ((40, 8), None, "too-small"),
    ],
)
def test_bad_ones_are_refused_and_nothing_is_left(
    tmp_path: Path, size: tuple[int, int] | None, content: bytes | None, message: str
) -> None:
    path = tmp_path / "x.png"
    if size:
        Image.new("RGB", size).save(path)
    else:
        path.write_bytes(content or b"")
    with pytest.raises(BadPicture, match=message):
        Upload.take(path, max_pixels=2400 if size != (180, 20) else 10_000)
    assert not path.exists()


def test_a_picture_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadPicture, match="truncated"):
        Upload.take(path, max_pixels=2400)
    assert not path.exists()
