"""Frames to lossless H.264 in mp4 and back, to the byte: for loaders that read videos and no animations."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.extras import needing

FPS = 10  # as in the other formats, a frame shows for 100 ms
# qp=0 in RGB is lossless. One thread, and the functions that all processors have (cpu-independent), so that equal
# frames and an equal x264 should give equal bytes anywhere. No key frame but the first: a process is read from there.
# ultrafast is 28 % larger than medium, and decoded in 18 ms instead of 31: training reads each film many times.
_X264 = {"preset": "ultrafast", "qp": "0", "x264-params": "cpu-independent=1:keyint=infinite:scenecut=0:bframes=0"}
# Without the muxer's version.
_BITEXACT = {"fflags": "+bitexact"}


def encode_mp4(frames: NDArray[np.uint8]) -> bytes:
    """Encode uint8 (n, H, W, 3) as lossless H.264 (RGB, profile High 4:4:4 Predictive) in mp4.

    Raises:
        MissingExtra: PyAV isn't installed.
    """
    with needing("--frame-format mp4", "video"):
        import av
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", options=_BITEXACT) as film:
        stream = film.add_stream("libx264rgb", rate=FPS, options=_X264)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "rgb24"
        stream.codec_context.thread_count = 1
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode(None))
    return buffer.getvalue()


def mp4_pictures(data: bytes) -> Iterator[tuple[Image.Image, int]]:
    """Yield each frame, which stands for itself alone.

    Raises:
        MissingExtra: PyAV isn't installed.
        ValueError: not an mp4 that FFmpeg can decode.
    """
    with needing("a corpus of --frame-format mp4", "video"):
        import av
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as film:
            film.streams.video[0].codec_context.thread_count = 1  # loaders bring their own workers
            for frame in film.decode(video=0):
                yield Image.fromarray(frame.to_ndarray(format="rgb24")), 1
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"not a readable mp4: {error}") from error


def mp4_canvas(data: bytes) -> tuple[int, int]:
    """Return height and width in pixels; raises as `mp4_pictures`."""
    with needing("a corpus of --frame-format mp4", "video"):
        import av
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as film:
            stream = film.streams.video[0]
            return stream.height, stream.width
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"not a readable mp4: {error}") from error
