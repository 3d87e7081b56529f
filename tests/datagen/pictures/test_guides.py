import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import ROOT
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.guides import guide_path, read_guide, read_welcome_guide
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.pictures.places import Extent

SQUARE = Canvas(size=32, square=True, background=(0, 0, 0), min_side=16, max_pixels=1_000_000, max_aspect=4.0)
KEEP = Canvas(size=32, square=False, background=(0, 0, 0), min_side=16, max_pixels=1_000_000, max_aspect=4.0)


def picture_of(folder: Path, size: tuple[int, int], suffix: str = ".png", **options: object) -> Path:
    path = folder / f"a.b{suffix}"
    Image.new("RGB", size).save(path, **options)
    return path


def guide_of(path: Path, values: np.ndarray, canvas: Canvas = SQUARE) -> np.ndarray:
    Image.fromarray(values).save(guide_path(path, "depth"))
    return read_guide(path, "depth", decode_picture(path, canvas), canvas).values


def columns(width: int, height: int, dtype: type = np.uint16) -> np.ndarray:
    """A map that rises evenly from 0 at its left edge to white at its right edge."""
    centres = (np.arange(width) + 0.5) / width
    return np.tile(centres * np.iinfo(dtype).max, (height, 1)).round().astype(dtype)


def complaint(path: Path, canvas: Canvas = SQUARE) -> tuple[str, str]:
    with pytest.raises(BadPicture) as bad:
        read_guide(path, "depth", decode_picture(path, canvas), canvas)
    return bad.value.reason, bad.value.detail


def test_a_guide_lies_beside_its_picture():
    assert guide_path(Path("in/cat.small.jpg"), "depth") == Path("in/cat.small.depth.png")


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.uint8, 1 / 255), (np.uint16, 1e-4)])
def test_8_and_16_bits_become_0_to_1(tmp_path, dtype, tolerance):
    path = picture_of(tmp_path, (64, 64))
    guide = guide_of(path, columns(64, 64, dtype))
    assert (guide.dtype, guide.shape) == (np.float32, (32, 32))
    # Beside the edges, where there is nothing more to average with.
    np.testing.assert_allclose(guide[:, 2:-2], columns(32, 32)[:, 2:-2] / 65535, atol=tolerance)
    black = np.zeros((64, 64), dtype)
    assert (guide_of(path, black) == 0).all()
    assert (guide_of(path, ~black) == 1).all()


@pytest.mark.parametrize("scale", [0.5, 1, 3])
def test_the_centre_square_is_that_of_the_picture_at_any_resolution(tmp_path, scale):
    path = picture_of(tmp_path, (128, 64))
    guide = guide_of(path, columns(int(128 * scale), int(64 * scale)))
    wanted = 0.25 + (np.arange(32) + 0.5) / 64
    np.testing.assert_allclose(guide[16, 2:-2], wanted[2:-2], atol=1e-4)


def test_the_crop_follows_the_picture_where_the_guide_s_own_proportions_differ_a_little(tmp_path):
    path = picture_of(tmp_path, (300, 200))
    guide = guide_of(path, columns(127, 85))  # 1.494 to 1
    wanted = 1 / 6 + (np.arange(32) + 0.5) / 32 * 2 / 3
    np.testing.assert_allclose(guide[16, 2:-2], wanted[2:-2], atol=5e-4)


def test_with_kept_proportions_the_guide_has_the_canvas_of_the_picture(tmp_path):
    for size in ((90, 61), (61, 90), (333, 250)):
        path = picture_of(tmp_path, size)
        guide = guide_of(path, columns(2 * size[0], 2 * size[1]), KEEP)
        assert guide.shape == decode_picture(path, KEEP).pixels.shape[:2]
        assert guide[0, 0] < 0.05
        assert guide[-1, -1] > 0.95


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png"])
def test_a_guide_is_upright_even_if_its_picture_lies(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = picture_of(tmp_path, (60, 90), suffix, exif=exif)  # 90 x 60, upright
    assert guide_of(path, columns(90, 60), KEEP).shape == (32, 48)
    assert complaint_of_size(path, (60, 90)) == "bad-guide"


def complaint_of_size(path: Path, size: tuple[int, int]) -> str:
    Image.new("L", size).save(guide_path(path, "depth"))
    return complaint(path)[0]


def test_edges_have_no_rim(tmp_path):
    path = picture_of(tmp_path, (64, 64))
    for side in (24, 64, 300):
        step = np.full((side, side), 20_000, np.uint16)
        step[:, side // 2 :] = 40_000
        guide = guide_of(path, step)
        assert guide.min() == pytest.approx(20_000 / 65535)
        assert guide.max() == pytest.approx(40_000 / 65535)


def test_a_missing_guide(tmp_path):
    path = picture_of(tmp_path, (64, 64))
    assert complaint(path) == ("missing-guide", "no a.b.depth.png beside the picture")
    guide_path(path, "depth").mkdir()
    assert complaint(path)[0] == "bad-guide"


def test_a_welcome_guide_may_be_missing_but_not_with_its_picture(tmp_path):
    path = picture_of(tmp_path, (64, 64))
    picture = decode_picture(path, SQUARE)
    assert read_welcome_guide(path, "depth", picture, SQUARE) is None
    guide_of(path, columns(64, 64))
    assert read_welcome_guide(path, "depth", picture, SQUARE).values.shape == (32, 32)
    guide_path(path, "depth").write_bytes(b"no picture")
    with pytest.raises(BadPicture, match="bad-guide"):
        read_welcome_guide(path, "depth", picture, SQUARE)
    guide_path(path, "depth").unlink()
    path.unlink()  # as when the disk is unmounted between the two
    with pytest.raises(BadPicture, match="unreachable"):
        read_welcome_guide(path, "depth", picture, SQUARE)


def test_web_servers_are_not_asked_for_welcome_guides(tmp_path, monkeypatch):
    picture = decode_picture(picture_of(tmp_path, (64, 64)), SQUARE)
    monkeypatch.setattr(Extent, "read", lambda place: pytest.fail(f"asks for {place.location}"))
    assert read_welcome_guide(Extent("https://example.org/a.jpg"), "depth", picture, SQUARE) is None


def test_a_store_that_refuses_what_is_not_there_has_no_guide(tmp_path, monkeypatch):
    picture = decode_picture(picture_of(tmp_path, (64, 64)), SQUARE)

    def refuse(place: Extent) -> bytes:
        raise PermissionError(errno.EACCES, "Access Denied", place.location)

    monkeypatch.setattr(Extent, "read", refuse)
    assert read_welcome_guide(Extent("s3://bucket/a.jpg"), "depth", picture, SQUARE) is None


@pytest.mark.parametrize(("size", "fits"), [((202, 100), True), ((203, 100), False), ((100, 200), False)])
def test_the_proportions_must_be_those_of_the_picture(tmp_path, size, fits):
    path = picture_of(tmp_path, (400, 200))
    Image.new("L", size).save(guide_path(path, "depth"))
    if fits:
        assert read_guide(path, "depth", decode_picture(path, SQUARE), SQUARE).values.shape == (32, 32)
    else:
        reason, detail = complaint(path)
        assert reason == "bad-guide"
        assert f"a.b.depth.png: {size[0]} x {size[1]} px, other proportions than" in detail


@pytest.mark.parametrize("mode", ["RGB", "LA", "P", "1"])
def test_a_guide_is_grey(tmp_path, mode):
    path = picture_of(tmp_path, (64, 64))
    Image.new(mode, (64, 64)).save(guide_path(path, "depth"))
    reason, detail = complaint(path)
    assert (reason, f"mode {mode}" in detail) == ("bad-guide", True)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", None])
def test_a_damaged_guide(tmp_path, content):
    path = picture_of(tmp_path, (64, 64))
    noise = np.random.default_rng(0).integers(0, 65536, (64, 64), np.uint16)
    guide_of(path, noise)
    whole = guide_path(path, "depth").read_bytes()
    guide_path(path, "depth").write_bytes(whole[: len(whole) // 2] if content is None else content)
    reason, detail = complaint(path)
    assert (reason, detail.startswith("a.b.depth.png: ")) == ("bad-guide", True)
    assert str(tmp_path) not in detail


def test_a_guide_that_is_no_png(tmp_path):
    path = picture_of(tmp_path, (64, 64))
    Image.new("L", (64, 64)).save(guide_path(path, "depth"), format="JPEG")
    assert complaint(path)[0] == "bad-guide"


def test_a_guide_may_have_no_more_pixels_than_a_picture(tmp_path):
    path = picture_of(tmp_path, (64, 64))
    Image.new("L", (1200, 1200)).save(guide_path(path, "depth"))
    assert complaint(path) == ("bad-guide", "a.b.depth.png: 1200 x 1200 px, 1000000 pixels are allowed")


@pytest.mark.slow
def test_a_guide_of_fifty_megapixels_fits_into_a_worker(tmp_path):
    path = picture_of(tmp_path, (860, 580))
    large = np.tile(np.arange(8600, dtype=np.uint16), (5800, 1))
    Image.fromarray(large).save(guide_path(path, "depth"), compress_level=1)
    code = (
        "import re, sys; from pathlib import Path; from underpaint.datagen.pictures.decode import *\n"
        "from underpaint.datagen.pictures.guides import *\n"
        "limits = dict(min_side=16, max_pixels=50_000_000, max_aspect=4)\n"
        "canvas, path = Canvas(size=512, square=True, background=(0, 0, 0), **limits), Path(sys.argv[1])\n"
        "assert read_guide(path, 'depth', decode_picture(path, canvas), canvas).values.shape == (512, 512)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
    assert int(done.stdout) < 300 * 1024  # kB; the rest of a worker takes 200 MB
