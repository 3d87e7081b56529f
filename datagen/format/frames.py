"""The frames of a sample in each format that a corpus may hold them in, and the one way to get them back."""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from underpaint.datagen.format.mp4 import encode_mp4, mp4_canvas, mp4_pictures
from underpaint.datagen.format.webp import Frames, encode_frames, webp_pictures

FrameFormat = Literal["webp", "png-sequence", "mp4"]
# Content of the one member that holds all frames, or of one PNG per frame.
Stored = bytes | Sequence[bytes]

_NUMBERED = re.compile(r"[0-9]{4}\.png")
# 10 % smaller than level 1, and 4 % larger than level 6 in half its time.
_PNG_LEVEL = 4
_MOST_PNGS = 10_000  # four digits number them
_MP4 = b"ftyp"  # of its first box, behind four bytes of length


def encode_members(frames: Frames, frame_format: FrameFormat) -> dict[str, bytes]:
    """Encode uint8 (n, H, W, 3), all without loss, as the members of a sample: extension -> content.

    `webp` is one animation, KEY.webp; `png-sequence` a picture per frame, KEY.0000.png and so on; `mp4` one film,
    KEY.mp4.

    Raises:
        ValueError: the canvas is too large for WebP, or there are more frames than a sequence can number.
        MissingExtra: mp4 without PyAV.
    """
    if frame_format == "webp":
        return {"webp": encode_frames(frames)}
    if frame_format == "mp4":
        return {"mp4": encode_mp4(frames)}
    if len(frames) > _MOST_PNGS:
        raise ValueError(f"{len(frames)} frames: a png-sequence numbers {_MOST_PNGS}; take fewer, or webp")
    return {numbered_name(number): _png(frame) for number, frame in enumerate(frames)}


def _png(frame: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG", compress_level=_PNG_LEVEL)
    return buffer.getvalue()


def numbered_name(number: int) -> str:
    """Return the extension of a frame of a sequence: `0003.png`."""
    return f"{number:04d}.png"


def is_frame_member(name: str) -> bool:
    """Return whether a member of this extension holds frames."""
    return name in ("webp", "mp4") or _NUMBERED.fullmatch(name) is not None


def frame_members(names: Collection[str]) -> list[str]:
    """Return those of a sample's extensions that hold its frames, in order.

    Raises:
        ValueError: there is none, frames in two formats, or one is missing in a sequence.
    """
    found = sorted(filter(is_frame_member, names))
    if not found:
        raise ValueError("it has no frames: neither webp, mp4 nor 0000.png")
    if found in (["webp"], ["mp4"]):
        return found
    for number, name in enumerate(found):
        if name != numbered_name(number):
            raise ValueError(f"it has {name} where {numbered_name(number)} is expected")
    return found


def format_of(names: Collection[str]) -> FrameFormat:
    """Return the format that a sample with these extensions keeps its frames in; raises as `frame_members`."""
    first = frame_members(names)[0]
    return "webp" if first == "webp" else "mp4" if first == "mp4" else "png-sequence"


def stored_frames(members: Mapping[str, bytes]) -> list[bytes]:
    """Return the contents of those members that hold frames, for `decode_frames`; raises as `frame_members`."""
    return [members[name] for name in frame_members(members)]


def decode_frames(stored: Stored, count: int, shape: tuple[int, ...] | None = None) -> Frames:
    """Decode exactly `count` frames, uint8 (count, H, W, 3).

    Args:
        stored: content of KEY.webp or KEY.mp4, or the contents of all KEY.NNNN.png, in order.
        count: how many frames it must hold.
        shape: height and width that it must have, looked at before anything is decoded.

    Raises:
        ValueError: nothing that can be decoded, another number of frames, or another shape.
    """
    parts = _parts(stored)
    frames: Frames | None = None
    with _refusing_damage(parts):
        canvas = _canvas(parts[0])
        if shape is not None and canvas != tuple(shape):
            raise ValueError(f"{canvas[0]} x {canvas[1]} px (H x W), the canvas is {tuple(shape)}")
        for place, image in _chosen(parts, count, range(count)):
            if image.size[::-1] != canvas:
                raise ValueError(f"frame {place.start} has {image.height} x {image.width} px, the first one {canvas}")
            if frames is None:
                frames = np.empty((count, *canvas, 3), np.uint8)
            frames[place] = np.asarray(image.convert("RGB"))
    assert frames is not None, "a process without frames"
    return frames


def decode_chosen(
    stored: Stored, count: int, chosen: Sequence[int], out: Frames, convert: Callable[[Image.Image], Frames]
) -> None:
    """Decode some of `count` frames, none after the last of them, each converted once.

    Args:
        stored: as `decode_frames` takes it.
        count: how many frames it must hold, which of one file is checked if the last of them is chosen.
        chosen: numbers of frames, 0 to count - 1, rising.
        out: uint8 (len(chosen), ...), is written: a copy of 16 frames of 512 px, 12 MB, would take a quarter as long as
            decoding them.
        convert: makes one frame of `out` of a whole canvas, whose mode may be RGB, RGBA or RGBX.

    Raises:
        ValueError: nothing that can be decoded, or another number of frames; what `convert` raises.
    """
    parts = _parts(stored)
    with _refusing_damage(parts):
        for place, image in _chosen(parts, count, chosen):
            out[place] = convert(image)


def _parts(stored: Stored) -> Sequence[bytes]:
    return [stored] if isinstance(stored, bytes) else stored


def _kind(parts: Sequence[bytes]) -> Literal["WebP", "PNG", "mp4"]:
    """Tell the format by its content; what is none of them fails as the most usual one."""
    if len(parts) > 1 or parts[0].startswith(b"\x89PNG"):
        return "PNG"
    return "mp4" if parts[0][4:8] == _MP4 else "WebP"


@contextmanager
def _refusing_damage(parts: Sequence[bytes]) -> Iterator[None]:
    try:
        yield
    except UnidentifiedImageError:
        raise ValueError(f"not a {_kind(parts)}") from None  # Pillow's own words name an address in memory
    # Pillow raises the last of these for a header that claims more than 179 million pixels.
    except (OSError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a readable {_kind(parts)}: {error}") from error


def _canvas(part: bytes) -> tuple[int, int]:
    """Return height and width in pixels."""
    if _kind([part]) == "mp4":
        return mp4_canvas(part)
    with Image.open(io.BytesIO(part), formats=["WEBP", "PNG"]) as image:
        return image.height, image.width


def _pictures(parts: Sequence[bytes], count: int) -> Iterator[tuple[Image.Image, int]]:
    """Yield each stored picture, and how many equal frames it stands for; PNGs aren't decoded yet."""
    kind = _kind(parts)
    if kind == "PNG":
        if len(parts) != count:
            raise ValueError(f"it holds {len(parts)} frames, {count} are expected")
        return ((Image.open(io.BytesIO(part), formats=["PNG"]), 1) for part in parts)
    return mp4_pictures(parts[0]) if kind == "mp4" else webp_pictures(parts[0], count)


def _chosen(parts: Sequence[bytes], count: int, chosen: Sequence[int]) -> Iterator[tuple[slice, Image.Image]]:
    """Yield the pictures of the chosen frames, and which of those each stands for."""
    end = done = 0
    for image, lasting in _pictures(parts, count):
        end += lasting
        # Those that this stored picture stands for: none, one, or several equal ones.
        same = bisect_left(chosen, end) - done
        if same:
            yield slice(done, done + same), image
            done += same
        if done == len(chosen) and chosen[-1] < count - 1:
            return
    if end != count:
        raise ValueError(f"it holds {end} frames, {count} are expected")
