import contextlib
import errno
import io
import itertools
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.datagen.helpers import ROOT, synthetic
from underpaint.datagen.pictures import decode
from underpaint.datagen.pictures.decode import decode_picture, is_heif
from underpaint.datagen.pictures.picture import BadPicture, Canvas

SQUARE = Canvas(size=32, square=True, background=(255, 0, 0), min_side=16, max_pixels=50_000_000, max_aspect=4.0)
KEEP = Canvas(size=32, square=False, background=(255, 0, 0), min_side=16, max_pixels=50_000_000, max_aspect=4.0)


def decoded(folder: Path, image: Image.Image, suffix: str, canvas: Canvas = SQUARE, **options: object) -> np.ndarray:
    path = folder / f"picture{suffix}"
    image.save(path, **options)
    return decode_picture(path, canvas).pixels


def reason(path: Path, canvas: Canvas = SQUARE) -> str:
    with pytest.raises(BadPicture) as bad:
        decode_picture(path, canvas)
    assert bad.value.detail
    return bad.value.reason


def grey(values: object, tolerance: int = 1) -> object:
    return pytest.approx(np.asarray(values), abs=tolerance)


def ramp(dtype: type, top: float) -> np.ndarray:
    """A picture whose left half is dark and whose right half is at three quarters of `top`."""
    picture = np.full((64, 64), 64 * top / 255)
    picture[:, 32:] = 191 * top / 255
    return picture.astype(dtype)


def halves(picture: np.ndarray) -> tuple[int, int]:
    assert picture.shape == (32, 32, 3)
    assert picture.dtype == np.uint8
    assert (picture[..., 0] == picture[..., 1]).all()
    return int(picture[16, 4, 0]), int(picture[16, -4, 0])


# --- what is decoded, and how ---------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".tif", ".bmp", ".avif", ".jp2", ".ppm"])
def test_every_format_gives_the_same_picture(tmp_path, suffix):
    image = synthetic(3, (64, 64))
    picture = decoded(tmp_path, image, suffix)
    wanted = np.asarray(image.resize((32, 32), Image.Resampling.LANCZOS), float)
    assert picture.shape == (32, 32, 3)
    assert np.abs(picture - wanted).mean() < 8


def test_square_cuts_the_centre(tmp_path):
    image = Image.new("RGB", (128, 64), "blue")
    image.paste("lime", (32, 0, 96, 64))
    assert (decoded(tmp_path, image, ".png")[:, 4:-4] == (0, 255, 0)).all()


def test_keep_keeps_the_proportions(tmp_path):
    assert decoded(tmp_path, Image.new("RGB", (90, 60)), ".png", KEEP).shape == (32, 48, 3)
    assert decoded(tmp_path, Image.new("RGB", (60, 240)), ".png", KEEP).shape == (128, 32, 3)
    assert decoded(tmp_path, Image.new("RGB", (20, 30)), ".png", KEEP).shape == (48, 32, 3)


def test_exif_orientation_is_applied(tmp_path):
    upright = synthetic(1, (80, 48))
    wanted = decoded(tmp_path, upright, ".png", KEEP).astype(float)
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }
    for orientation, image in stored.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        for suffix, options in ((".jpg", {"quality": 95}), (".png", {}), (".webp", {"lossless": True}), (".tif", {})):
            picture = decoded(tmp_path, image, suffix, KEEP, exif=exif, **options)
            assert picture.shape == wanted.shape, (orientation, suffix)
            assert decode_picture(tmp_path / f"picture{suffix}", KEEP).size == (80, 48), (orientation, suffix)
            assert np.abs(picture - wanted).mean() < 4, (orientation, suffix)


def test_the_size_is_that_of_the_file_though_the_decoder_shrinks(tmp_path):
    Image.new("RGB", (1001, 777)).save(tmp_path / "a.jpg")
    picture = decode_picture(tmp_path / "a.jpg", SQUARE)
    assert (picture.size, picture.square) == ((1001, 777), True)


def test_broken_exif_doesn_t_matter(tmp_path):
    assert decoded(tmp_path, Image.new("RGB", (40, 40)), ".jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff").shape == (
        32,
        32,
        3,
    )


def test_grey_in_8_and_16_bits(tmp_path):
    for suffix, values in (
        (".png", ramp(np.uint8, 255)),
        (".png", ramp(np.uint16, 65535)),
        (".tif", ramp(np.uint16, 65535)),
    ):
        assert halves(decoded(tmp_path, Image.fromarray(values), suffix)) == (64, 191)
    big_endian = Image.frombytes("I;16B", (64, 64), ramp(np.uint16, 65535).astype(">u2").tobytes())
    assert halves(decoded(tmp_path, big_endian, ".tif")) == (64, 191)


def test_16_bit_portable_grey_map(tmp_path):
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 64 64 65535\n" + ramp(np.uint16, 65535).astype(">u2").tobytes())
    assert halves(decode_picture(path, SQUARE).pixels) == (64, 191)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_float_tiff(tmp_path, top):
    values = ramp(np.float32, top)
    assert halves(decoded(tmp_path, Image.fromarray(values), ".tif")) == (64, 191)
    values[0, 2] = -5
    assert halves(decoded(tmp_path, Image.fromarray(values), ".tif")) == (64, 191)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_float_pixel_that_is_no_number_is_a_failure(tmp_path, odd):
    values = ramp(np.float32, 1.0)
    values[40, 7] = odd
    Image.fromarray(values).save(tmp_path / "a.tif")
    assert reason(tmp_path / "a.tif") == "damaged"


def test_float_tiff_beyond_all_ranges_is_scaled_to_its_maximum(tmp_path):
    values = ramp(np.float32, 4e6)
    assert halves(decoded(tmp_path, Image.fromarray(values), ".tif")) == (85, 255)


def test_one_bit(tmp_path):
    image = Image.fromarray(ramp(np.uint8, 255)).point(lambda value: 255 * (value > 100)).convert("1")
    for suffix in (".png", ".tif", ".pbm"):
        assert halves(decoded(tmp_path, image, suffix)) == (0, 255)


def test_one_bit_checkers_are_smoothed_not_aliased(tmp_path):
    checkers = np.indices((512, 512)).sum(0) % 2 == 0
    picture = decoded(tmp_path, Image.fromarray(checkers), ".png")
    assert np.abs(picture.astype(int) - 128).max() <= 2


def test_palette_with_and_without_transparency(tmp_path):
    image = Image.new("P", (64, 64), 1)
    image.putpalette([0, 255, 0, 0, 0, 255])
    image.paste(0, (0, 0, 32, 64))
    opaque = decoded(tmp_path, image, ".png")
    assert opaque[16, 4].tolist() == [0, 255, 0]
    assert opaque[16, -4].tolist() == [0, 0, 255]
    for suffix in (".png", ".gif"):
        transparent = decoded(tmp_path, image, suffix, transparency=0)
        assert transparent[16, 4].tolist() == [255, 0, 0]
        assert transparent[16, -4].tolist() == [0, 0, 255]


def test_transparency_lies_over_the_background(tmp_path):
    image = Image.new("RGBA", (64, 64), (0, 0, 255, 255))
    image.paste((0, 255, 0, 0), (0, 0, 32, 64))
    for suffix, options in ((".png", {}), (".webp", {"lossless": True}), (".tif", {})):
        picture = decoded(tmp_path, image, suffix, **options)
        assert picture[16, 4].tolist() == [255, 0, 0]
        assert picture[16, -4].tolist() == [0, 0, 255]
        assert picture[..., 1].max() == 0  # the invisible green must not bleed into the edge
    half_grey = decoded(tmp_path, Image.new("LA", (64, 64), (0, 128)), ".png")
    assert half_grey[16, 16] == grey([127, 0, 0])
    keyed = decoded(tmp_path, Image.new("RGB", (64, 64), (1, 2, 3)), ".png", transparency=(1, 2, 3))
    assert keyed[16, 16].tolist() == [255, 0, 0]


def test_cmyk_jpeg_as_photoshop_writes_it(tmp_path):
    image = Image.new("RGB", (64, 64), (200, 30, 60)).convert("CMYK")
    for options in ({}, {"quality": 95}):
        picture = decoded(tmp_path, image, ".jpg", **options)
        assert picture[16, 16] == grey([200, 30, 60], 6)


def test_an_embedded_profile_is_converted_to_srgb(tmp_path):
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (64, 64), (200, 100, 50))
    assert decoded(tmp_path, image, ".png", icc_profile=srgb)[16, 16] == grey([200, 100, 50])
    assert decoded(tmp_path, image, ".png", icc_profile=swapped(srgb))[16, 16] == grey([50, 100, 200], 4)
    for useless in (b"nonsense", srgb[:200], other):
        assert decoded(tmp_path, image, ".png", icc_profile=useless).shape == (32, 32, 3)
    # A profile for other colours than the picture's is left alone.
    assert halves(decoded(tmp_path, Image.fromarray(ramp(np.uint8, 255)), ".png", icc_profile=srgb)) == (64, 191)


def swapped(profile: bytes) -> bytes:
    """An sRGB profile whose red and blue primaries are exchanged."""
    return profile.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_only_the_first_frame_of_an_animation_counts(tmp_path, suffix):
    first, second = Image.new("RGB", (64, 64), (0, 0, 255)), Image.new("RGB", (64, 64), (255, 255, 0))
    options = {"lossless": True} if suffix == ".webp" else {}
    picture = decoded(tmp_path, first, suffix, save_all=True, append_images=[second], **options)
    assert picture[16, 16].tolist() == [0, 0, 255]


def test_enlarging_and_shrinking_keep_the_place(tmp_path):
    for side in (16, 33, 200, 1000, 1001, 1999):
        image = Image.new("L", (side, side))
        image.paste(255, (side // 2, 0, side, side))
        for suffix in (".png", ".jpg"):
            row = decoded(tmp_path, image, suffix)[16, :, 0].astype(float)
            assert row.mean() / 255 == pytest.approx((side - side // 2) / side, abs=0.02), (side, suffix)


# --- what isn't -----------------------------------------------------------------------------------


def test_missing_empty_and_unreadable(tmp_path):
    assert reason(tmp_path / "none.jpg") == "missing"
    (tmp_path / "empty.jpg").touch()
    assert reason(tmp_path / "empty.jpg") == "empty"
    (tmp_path / "folder.jpg").mkdir()
    assert reason(tmp_path / "folder.jpg") == "unreadable"
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason(tmp_path / "pipe.jpg") == "unreadable"


@pytest.mark.parametrize(
    "content", [b"hello", b"<svg/>", bytes(1000), b"%!PS-Adobe-3.0 EPSF-3.0\n", bytes(range(255, 191, -1))]
)
def test_not_a_picture(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\1" + content if content[:1] in b"\xff\x89" else content)
    assert reason(path) == "not-a-picture"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp", ".gif"])
def test_truncated(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    for share in (0.5, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        assert reason(path) in ("truncated", "damaged")
    if suffix in (".jpg", ".png"):
        assert reason(path) == "truncated"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".tif", ".avif", ".jp2", ".bmp", ".ppm"])
def test_damage_anywhere_is_a_bad_picture_or_none_at_all(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    synthetic(5).save(path)
    data = path.read_bytes()
    random = np.random.default_rng(7)
    for _ in range(60):
        damaged = bytearray(data[: random.integers(1, len(data) + 1)])
        for _ in range(random.integers(0, 6)):
            damaged[random.integers(min(len(damaged), 200))] = random.integers(256)
        path.write_bytes(damaged)
        with contextlib.suppress(BadPicture):
            assert decode_picture(path, SQUARE).pixels.shape == (32, 32, 3)


def test_too_small(tmp_path):
    Image.new("RGB", (15, 400)).save(tmp_path / "a.png")
    assert reason(tmp_path / "a.png") == "too-small"


def test_too_long_only_where_the_proportions_are_kept(tmp_path):
    image = Image.new("RGB", (500, 100))
    assert decoded(tmp_path, image, ".png").shape == (32, 32, 3)
    assert reason(tmp_path / "picture.png", KEEP) == "too-long"


def test_decompression_bombs_are_refused_by_their_header(tmp_path):
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    for side in (8_000, 12_000, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99))))
        assert reason(tmp_path / "bomb.png") == "too-large"


def test_formats_that_need_more_memory_may_have_fewer_pixels(tmp_path):
    small = Canvas(size=32, square=True, background=(0, 0, 0), min_side=16, max_pixels=9_999, max_aspect=4.0)
    image = Image.new("RGB", (60, 60))
    assert decoded(tmp_path, image, ".png", small).shape == (32, 32, 3)
    assert decoded(tmp_path, Image.new("RGB", (90, 90)), ".jpg", small).shape == (32, 32, 3)
    image.save(tmp_path / "a.webp")
    assert reason(tmp_path / "a.webp", small) == "too-large"
    Image.new("RGB", (90, 90)).save(tmp_path / "progressive.jpg", progressive=True)
    assert reason(tmp_path / "progressive.jpg", small) == "too-large"


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "mode"), [(".jpg", "RGB"), (".png", "RGBA"), (".png", "I;16")])
def test_fifty_megapixels_fit_into_a_worker(tmp_path, suffix, mode):
    path = tmp_path / f"large{suffix}"
    coarse = Image.linear_gradient("L").resize((8600, 5800))
    if mode == "I;16":
        Image.fromarray(np.asarray(coarse).astype(np.uint16) * 257).save(path, compress_level=1)
    else:
        coarse.convert(mode).save(path, **({"compress_level": 1} if suffix == ".png" else {}))
    code = (
        "import re, sys; from pathlib import Path; from underpaint.datagen.pictures.decode import *\n"
        "limits = dict(min_side=16, max_pixels=50_000_000, max_aspect=4)\n"
        "canvas = Canvas(size=512, square=True, background=(0, 0, 0), **limits)\n"
        "assert decode_picture(Path(sys.argv[1]), canvas).pixels.shape == (512, 512, 3)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
    assert int(done.stdout) < 300 * 1024  # kB; the rest of a worker takes 200 MB


@pytest.mark.parametrize(("suffix", "side"), [(".png", 80), (".jpg", 80), (".jpg", 1600)])
def test_only_the_window_is_seen(tmp_path, suffix, side):
    image = Image.new("RGB", (side, side), "black")
    image.paste("white", (side // 4, side // 2, side, side))
    window = (0.3, 0.55, 0.9, 0.95)
    inside = decoded(tmp_path, image, suffix, replace(KEEP, window=window))
    assert inside.shape == (32, 48, 3)
    assert inside.min() > 250
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side: what is right below is below left, upright
    turned = decoded(tmp_path, image.rotate(90), suffix, replace(SQUARE, window=window), exif=exif)
    assert turned.shape == (32, 32, 3)
    assert turned.min() > 250


# --- HEIC


def heic(folder: Path, image: Image.Image) -> Path:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.from_pillow(image).save(folder / "a.heic", quality=95)
    return folder / "a.heic"


def test_heic(tmp_path):
    image = synthetic(3, (64, 64))
    path = heic(tmp_path, image)
    wanted = np.asarray(image.resize((32, 32), Image.Resampling.LANCZOS), float)
    assert np.abs(decode_picture(path, SQUARE).pixels - wanted).mean() < 8
    path.write_bytes(path.read_bytes()[:400])
    assert reason(path) in ("damaged", "truncated")


def test_heic_without_its_extra_names_it(tmp_path, monkeypatch):
    path = heic(tmp_path, synthetic(3, (64, 64)))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(BadPicture, match=r"unsupported: HEIC needs pillow_heif: pip install 'underpaint\[heic\]'"):
        decode_picture(path, SQUARE)


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        (b"\0\0\0\x18ftypheic", True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", False),
        (b"\0\0\0\x18ftypavif", False),
        (b"\0\0\0\x18ftypisom", False),
        (b"", False),
    ],
)
def test_what_begins_like_heif(start, is_one):
    assert is_heif(start) is is_one


# --- names that no file has


@pytest.mark.parametrize("name", ["a\0b.png", "z" * 300 + ".png", "file/b.png", "loop.png", "\ud83d.png"])
def test_a_name_that_no_file_can_have_is_missing(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert reason(tmp_path / name) == "missing"


def test_a_disk_that_fails_under_a_decoder_that_doesn_t_tell_is_no_damage(tmp_path, monkeypatch):
    synthetic(0).save(tmp_path / "a.png")
    opened = Path.open
    times = itertools.count()

    class Failing(io.BytesIO):
        def read(self, *size: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    def open_(path: Path, *arguments: object, **options: object) -> object:
        return Failing() if next(times) else opened(path, *arguments, **options)

    def undecodable(*_: object) -> None:
        raise OSError("decoder error -2")  # as of libtiff, which reads by itself

    monkeypatch.setattr(decode, "_upright_rgb", undecodable)
    assert reason(tmp_path / "a.png") == "damaged"
    monkeypatch.setattr(Path, "open", open_)
    assert reason(tmp_path / "a.png") == "unreachable"
