"""One sample in a format that people open: animation, film, picture or vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.renderers.film.frames import FrameSource, GivenFrames, ReplayedFrames
from underpaint.renderers.film.timing import Timing, paced
from underpaint.renderers.film.writing import (
    OF_STROKES,
    Advance,
    check_writable,
    film_format,
    write_film,
    write_strokes,
)

FPS = 8.0  # of the few frames that a sample has, usually: two seconds


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

    def replayed(self, frames: int | None = None, size: int | tuple[int, int] | None = None) -> ReplayedFrames:
        """Return the process as it is painted again, with this number of frames and at this size."""
        ...


def export(
    sample: Animated,
    out: Path,
    *,
    fps: float | None = None,
    hold: float = 1.5,
    frames: int | None = None,
    seconds: float | None = None,
    size: int | tuple[int, int] | None = None,
    format: str | None = None,
    advance: Advance | None = None,
) -> None:
    """Write a sample as `out`, whose suffix says what becomes of it.

    .webp and .gif are animations (WebP is lossless, GIF has 255 colours for each frame), .mp4 and .webm films in H.264
    and VP9, all resting on the last frame; .png is the finished picture; .svg and .npz are the strokes; without a
    suffix it is a folder of frames.

    Args:
        sample: what is written.
        out: file or folder, written over.
        fps: frames per second; by default 8, or what `frames` and `seconds` make.
        hold: seconds for which the last frame stays longer.
        frames: how many, painted again from the strokes at the same pace; by default the sample's own, or what
            `seconds` and `fps` make.
        seconds: how long the film takes, without `hold`.
        size: short side in pixels, or (height, width), painted again from the strokes; by default the sample's own.
        format: where the suffix doesn't say it, as `filmstrip`; see `film_format`.
        advance: is called after each frame with the number of frames done, and of all.

    Raises:
        ValueError: another suffix, a number out of range, or strokes asked of what has none.
    """
    form = film_format(out, format)
    check_writable(out, form, fps=FPS if fps is None else fps)
    if form in OF_STROKES:
        write_strokes(sample.program() if isinstance(sample, Programmed) else None, out, form)
        return
    own = sample.frames()
    count, fps = paced(len(own), frames=frames, seconds=seconds, fps=fps, usual=FPS)
    source: FrameSource = GivenFrames(own)
    if size is not None or count != len(own):
        if not isinstance(sample, Programmed):
            raise ValueError("another size or number of frames is painted from strokes, and there are none")
        source = sample.replayed(count, size)
    write_film(source, out, form, timing=Timing(fps=fps, hold=hold), advance=advance)
