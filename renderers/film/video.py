"""Films for players: H.264 in .mp4 and VP9 in .webm, encoded by FFmpeg's libraries through PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, repeat
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from underpaint.extras import needing
from underpaint.renderers.film.frames import check_sides
from underpaint.renderers.film.timing import Timing

UInt8 = npt.NDArray[np.uint8]

# By container: the codec, and how it is asked to work. One thread: more take memory, and are no faster on one core.
_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    # Next to `slow` it takes two fifths of the time and is 1 dB worse; both are smaller than a phone's films.
    "mp4": ("libx264", {"crf": "17", "preset": "veryfast", "rc-lookahead": "20"}),
    # By `good` it takes several times as long as the painting.
    "webm": ("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "7"}),
}
_BT709 = 1  # the colours of high definition, by their number in ISO/IEC 23091-2; unsaid, players guess


def import_av(suffix: str) -> Any:
    """Return the module PyAV, which brings all of FFmpeg along.

    Raises:
        MissingExtra: it isn't installed.
    """
    with needing(f"an {suffix}", "video"):
        import av
    return av


def write_video(frames: Iterator[UInt8], file: IO[bytes], timing: Timing, container: str) -> None:
    """Write frames, uint8 (H, W, 3) each, as a film in yuv420p, which every player knows.

    Chroma is halved, so sides must be even: odd ones get their last row or column twice.

    Args:
        frames: all of one size.
        file: open for writing, and at its start.
        timing: of the frames.
        container: `mp4` or `webm`.

    Raises:
        MissingExtra: PyAV isn't installed.
        ValueError: a side of more than 16384 px, or 65535 in .webm.
    """
    av = import_av(f".{container}")
    codec, options = _CODECS[container]
    first = next(frames)
    height, width = first.shape[:2]
    check_sides(container, height, width)
    with av.open(file, "w", format=container, options={"movflags": "faststart"} if container == "mp4" else {}) as film:
        stream = film.add_stream(codec, rate=Fraction(timing.fps).limit_denominator(1000), options=options)
        stream.pix_fmt, stream.thread_count = "yuv420p", 1
        stream.width, stream.height = width + width % 2, height + height % 2
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        last = first
        for last in chain([first], frames):
            film.mux(stream.encode(_picture(av, last)))
        for held in repeat(last, timing.held):
            film.mux(stream.encode(_picture(av, held)))
        film.mux(stream.encode(None))


def _picture(av: Any, frame: UInt8) -> Any:
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
    return picture.reformat(format="yuv420p", dst_colorspace=_BT709)
