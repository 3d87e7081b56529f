"""Any picture file to uint8 RGB of the wanted size, in bounded memory."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture, crop_box
from underpaint.datagen.pictures.places import Place, fetched, verdict
from underpaint.datagen.storage.patience import is_passing
from underpaint.extras import MissingExtra, needing

# Formats with a self-contained decoder and a signature; EPS, PDF and WMF start programs, TGA can't be recognized.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "JPEG2000", "PPM")
# HEIF has such a one, too; the extra `heic` brings it, and Pillow knows it once that is loaded.
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_CONTAINER_BRANDS = (b"mif1", b"msf1")  # of AVIF as well

# These decoders hold whole copies of their own, so a pixel of theirs counts this many times (measured).
WEIGHT = {"TIFF": 2.0, "AVIF": 3.0, "HEIF": 3.0, "WEBP": 4.0, "JPEG2000": 5.0}
PROGRESSIVE_WEIGHT = 1.5  # a progressive JPEG is held as coefficients until its last byte

# Shrink by whole factors first, down to twice the wanted size, then with Lanczos: fast, and free of aliasing.
REDUCING_GAP = 2.0
STRIP_PIXELS = 1 << 20  # converted at once, so that no full-size copy is made

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def decode_picture(path: Place, canvas: Canvas) -> Picture:
    """Decode a picture file, wherever it lies, upright, in sRGB, cut and scaled to `canvas`.

    EXIF orientation is applied, transparency laid over the background, 16-bit and float grey scaled to
    8 bits, an embedded ICC profile converted to sRGB, and of an animation only the first frame used. Nothing
    larger than allowed is decoded: the header decides.

    Raises:
        BadPicture: with one of the words of `Reason`.
    """
    if isinstance(path, Drawn):
        path = path.large_enough(canvas.size)
    with warnings.catch_warnings(), opened(path) as file:
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; what matters raises
        try:
            image = _identified(file)
            _check_size(image, canvas)
            return _upright_rgb(image, canvas)
        except (BadPicture, MemoryError):
            raise  # out of memory is the machine's fault, not the picture's
        except Exception as error:
            # A file from the wild can make a decoder raise anything, from struct.error to ZeroDivisionError.
            raise (_trouble_in_reading(path) or _verdict(error)) from error


def _trouble_in_reading(path: Place) -> BadPicture | None:
    """Read a file of this machine to its end: some decoders don't tell a disk that fails from a damaged picture."""
    if isinstance(path, Path):
        try:
            with path.open("rb") as file:
                while file.read(1 << 20):
                    pass
        except OSError as error:
            return verdict(error)
    return None


def looks_like_picture(path: Place) -> bool:
    """Return whether a file begins like a picture, whatever it is called; True if that can't be told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with opened(path) as file, _identified(file):
                return True
        except BadPicture as bad:
            return bad.reason not in ("not-a-picture", "empty")


def opened(path: Place) -> IO[bytes]:
    """Open a file that isn't empty, at its start; what lies elsewhere is fetched whole.

    Raises:
        BadPicture: `missing`, `unreadable`, `unreachable` or `empty`, and those of `fetched`.
    """
    if not isinstance(path, Path):
        return io.BytesIO(fetched(path))
    try:
        if path.exists() and not path.is_file():
            raise BadPicture("unreadable", "not a file")  # opening a named pipe would wait for ever
        file = path.open("rb")
        is_empty = not file.read(1)
    except ValueError as error:  # a NUL in it, or half a character
        raise BadPicture("missing", f"no file can be called so ({error})") from None
    except OSError as error:
        raise verdict(error) from None
    if is_empty:
        file.close()
        raise BadPicture("empty", "zero bytes")
    file.seek(0)
    return file


def _identified(file: IO[bytes]) -> Image.Image:
    start = file.read(64)
    file.seek(0)
    formats = _heif() if is_heif(start) else FORMATS
    try:
        return Image.open(file, formats=formats)
    except Image.DecompressionBombError as error:
        raise BadPicture("too-large", str(error)) from None
    except UnidentifiedImageError:
        if _has_signature(start):
            raise BadPicture("damaged", "its header can't be read") from None
        raise BadPicture("not-a-picture", "no known format") from None


def is_heif(start: bytes) -> bool:
    """Return whether a file whose first 64 bytes are these is a picture of HEIF."""
    brand, others = start[8:12], start[16 : int.from_bytes(start[:4], "big")]
    is_other = brand in _CONTAINER_BRANDS and b"avif" not in others
    return start[4:8] == b"ftyp" and (brand in _HEIF_BRANDS or is_other)


def _heif() -> tuple[str]:
    """Have Pillow know HEIF, and return what it calls it."""
    try:
        with needing("HEIC", "heic"):
            import pillow_heif
    except MissingExtra as error:
        raise BadPicture("unsupported", str(error)) from None
    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _has_signature(start: bytes) -> bool:
    """Return whether a file starts like a picture, though none of the decoders could open it."""
    signatures = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
    return start.startswith(signatures) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP") or is_heif(start)


def _verdict(error: Exception) -> BadPicture:
    if isinstance(error, OSError) and is_passing(error):
        return verdict(error)
    message = str(error) or type(error).__name__
    words = ("truncated", "eof", "end of")
    cut = isinstance(error, EOFError) or any(word in message.lower() for word in words)
    return BadPicture("truncated" if cut else "damaged", message)


def _check_size(image: Image.Image, canvas: Canvas) -> None:
    width, height = image.size
    short, long = sorted(image.size)
    if short < canvas.min_side:
        raise BadPicture("too-small", f"{width} x {height} px, a side of {canvas.min_side} is needed")
    progressive = "progressive" in image.info
    weight = PROGRESSIVE_WEIGHT if progressive else WEIGHT.get(image.format or "", 1.0)
    if width * height * weight > canvas.max_pixels:
        kind = f"{'progressive ' * progressive}{image.format}"
        heavy = f", and those of {kind} count {weight:g} times" if weight > 1 else ""
        raise BadPicture("too-large", f"{width} x {height} px, {canvas.max_pixels} pixels are allowed{heavy}")
    if not canvas.square and long > canvas.max_aspect * short:
        raise BadPicture("too-long", f"{width} x {height} px, at most {canvas.max_aspect:g} : 1 is allowed")


def _upright_rgb(image: Image.Image, canvas: Canvas) -> Picture:
    size, short = image.size, min(image.size)
    left, top, right, bottom = canvas.window
    wanted = round(canvas.size * REDUCING_GAP / min(right - left, bottom - top))
    if short > wanted and image.format in ("JPEG", "MPO"):
        # The JPEG decoder shrinks by 2, 4 or 8 while it decodes, and never holds the whole picture.
        width, height = (-(-side * wanted // short) for side in image.size)
        image.draft(image.mode, (width, height))
    icc = image.info.get("icc_profile")
    image.load()
    orientation = _orientation(image)  # only now: TIFF turns itself while loading, PNG may end with EXIF
    white = _white_level(image)
    small = reduced(image, max(1, int(min(image.size) / wanted)), lambda strip: _plain(strip, white))
    small = over(_srgb(small, icc), canvas.background)
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
        size = size[::-1] if orientation >= 5 else size
    return Picture(pixels=np.array(fitted(small, canvas)), size=size, square=canvas.square)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # EXIF that can't be parsed: the picture is shown as it is stored, as every viewer does
        return 1


def _strips(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Yield (top row, strip) of a picture from top to bottom; all but the last have a multiple of so many rows."""
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width // multiple) * multiple
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(top + rows, height)))


def reduced(image: Image.Image, factor: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Convert strip by strip, and shrink by a whole factor; the last row and column may stand for a part of it."""
    result = None
    for top, strip in _strips(image, factor):
        piece = convert(strip).reduce(factor)
        if result is None:
            result = Image.new(piece.mode, (piece.width, -(-image.height // factor)))
        result.paste(piece, (0, top // factor))
    assert result is not None
    return result


def _white_level(image: Image.Image) -> float:
    """Return the value that is white in a picture of more than 8 bits: the usual one, or the largest there is."""
    if image.mode not in ("I", "F"):
        return 65535.0  # I;16 and its byte orders; the rest has 8 bits and doesn't ask
    brightest = max(float(_finite(strip).max()) for _, strip in _strips(image))
    usual = (65535.0,) if image.mode == "I" else (1.0, 255.0, 65535.0)
    return next((level for level in usual if brightest <= level), brightest)


def _finite(image: Image.Image) -> NDArray[np.float32]:
    """Return the numbers of a grey picture, all of which must be some."""
    numbers = np.asarray(image, np.float32)
    if not np.isfinite(numbers).all():
        raise BadPicture("damaged", "it has pixels of NaN or infinity")
    return numbers


def _plain(strip: Image.Image, white: float) -> Image.Image:
    """Bring to one of L, LA, RGB, RGBA, CMYK."""
    if strip.mode in ("I", "F") or strip.mode.startswith("I;16"):
        return Image.fromarray((np.clip(np.asarray(strip, np.float32) / white, 0, 1) * 255 + 0.5).astype(np.uint8))
    if strip.mode in ("P", "PA") or strip.has_transparency_data:
        return strip.convert("LA" if strip.mode in ("L", "LA", "1") else "RGBA")
    if strip.mode in ("L", "RGB", "CMYK"):
        return strip
    if strip.mode in ("1", "YCbCr", "RGBX", "HSV"):
        return strip.convert("L" if strip.mode == "1" else "RGB")
    raise BadPicture("unsupported", f"colours of mode {strip.mode}")


def _srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert from the embedded ICC profile; without a usable one, the numbers are taken as sRGB."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image  # broken, or of other colours than the picture's: every viewer ignores it too
        assert converted is not None
        return converted
    return image


def over(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    """Lay a picture over the background where it is transparent -> RGB."""
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*background, 255))
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def fitted(image: Image.Image, canvas: Canvas) -> Image.Image:
    """Cut and scale a whole picture to the canvas."""
    left, top, right, bottom = box = crop_box(*image.size, square=canvas.square, window=canvas.window)
    short = min(right - left, bottom - top)
    size = (round(canvas.size * (right - left) / short), round(canvas.size * (bottom - top) / short))
    return image.resize(size, Image.Resampling.LANCZOS, box=box)
