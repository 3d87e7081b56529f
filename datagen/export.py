"""One sample in a format that people open: animation, film, picture or vectors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint import renderers
from underpaint.commandline.checks import within
from underpaint.datagen.format.atomic import naming, temporary_name
from underpaint.extras import needing

HOLD_SECONDS = 1.5  # how long the finished picture stays before an animation starts again


class Animated(Protocol):
    """What has frames: a sample of a corpus, or a painting that was never in one."""

    def frames(self) -> NDArray[np.uint8]:
        """Return the painting process, uint8 (n, H, W, 3)."""
        ...


@runtime_checkable
class Programmed(Animated, Protocol):
    """What has strokes as well as frames."""

    def program(self) -> renderers.Program:
        """Return the program: all strokes."""
        ...


def export(sample: Animated, out: Path, *, fps: float = 8.0) -> None:
    """Write a sample as `out`, whose suffix says what becomes of it.

    .webp and .gif are animations (WebP is lossless, GIF has 256 colours), .mp4 a film in H.264, all at `fps`
    frames per second and resting on the last; .png is the finished picture; .svg the strokes as vectors.

    Raises:
        ValueError: another suffix, an fps out of range, or .svg of what has no strokes.
    """
    writer = WRITERS.get(out.suffix.lower())
    if writer is None:
        raise ValueError(f"{out} ends in {out.suffix or 'nothing'}: use one of {', '.join(WRITERS)}")
    within(0.1, 100, fps=fps)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(out)
    try:
        with naming(out):
            writer(sample, temporary, fps)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _webp(sample: Animated, out: Path, fps: float) -> None:
    _animation(sample.frames(), out, fps, format="WEBP", lossless=True, method=4, quality=50)


def _gif(sample: Animated, out: Path, fps: float) -> None:
    _animation(sample.frames(), out, fps, format="GIF", optimize=False)


def _animation(frames: NDArray[np.uint8], out: Path, fps: float, **options: Any) -> None:
    durations = [round(1000 / fps)] * len(frames)
    durations[-1] += round(1000 * HOLD_SECONDS)
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(out, save_all=True, append_images=rest, duration=durations, loop=0, **options)


def _mp4(sample: Animated, out: Path, fps: float) -> None:
    with needing("an .mp4", "video"):
        import av  # brings all of FFmpeg along

    frames = sample.frames()
    count, height, width = frames.shape[:3]
    rate = Fraction(fps).limit_denominator(1000)
    with av.open(str(out), "w", format="mp4", options={"movflags": "faststart"}) as film:
        stream = film.add_stream("libx264", rate=rate, options={"crf": "17", "preset": "slow"})
        stream.pix_fmt = "yuv420p"  # the one that every player knows; it needs even sides
        stream.width, stream.height = width - width % 2, height - height % 2
        for index in [*range(count), *[count - 1] * round(HOLD_SECONDS * fps)]:
            even = np.ascontiguousarray(frames[index, : stream.height, : stream.width])
            film.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        film.mux(stream.encode(None))


def _png(sample: Animated, out: Path, fps: float) -> None:
    Image.fromarray(sample.frames()[-1]).save(out, format="PNG", optimize=True)


def _svg(sample: Animated, out: Path, fps: float) -> None:
    if not isinstance(sample, Programmed):
        raise ValueError("an .svg holds strokes, and there are none: use .webp, .mp4, .gif or .png")
    out.write_text(sample.program().to_svg(), encoding="utf-8")


WRITERS: dict[str, Callable[[Animated, Path, float], None]] = {
    ".webp": _webp,
    ".mp4": _mp4,
    ".gif": _gif,
    ".png": _png,
    ".svg": _svg,
}
