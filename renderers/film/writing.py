"""The one way in which frames become files: what a name stands for, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Literal, get_args

import numpy as np
import numpy.typing as npt

from underpaint.datagen.format.atomic import atomic_file, atomic_folder
from underpaint.renderers.film.frames import FrameSource, evenly_spread
from underpaint.renderers.film.gif import check_fps, write_gif
from underpaint.renderers.film.stills import check_folder, tabulated, write_pictures, write_png
from underpaint.renderers.film.timing import Timing
from underpaint.renderers.film.video import import_av, write_video
from underpaint.renderers.film.webp import write_webp
from underpaint.renderers.replay import Program

UInt8 = npt.NDArray[np.uint8]
# Is told after each frame how many are done, and of how many.
Advance = Callable[[int, int], object]

FilmFormat = Literal["mp4", "webm", "webp", "gif", "png", "svg", "npz", "frames", "filmstrip"]
SUFFIX: dict[str, str] = {
    **{name: f".{name}" for name in ("mp4", "webm", "webp", "gif", "png", "svg", "npz")},
    "frames": "",
    "filmstrip": ".png",
}
STRIP_FRAMES = 8  # of a filmstrip

_ANIMATIONS: dict[str, Callable[[Iterator[UInt8], IO[bytes], Timing], None]] = {
    "mp4": partial(write_video, container="mp4"),
    "webm": partial(write_video, container="webm"),
    "webp": write_webp,
    "gif": write_gif,
}
OF_STROKES = ("svg", "npz")  # written by `write_strokes`


def film_format(out: Path, wanted: str | None = None) -> FilmFormat:
    """Return the format of a file, by its suffix unless it is said; without a suffix it is a folder of frames.

    Raises:
        ValueError: an unknown format or suffix, or another suffix than the format's.
    """
    suffix = out.suffix.lower()
    for name in get_args(FilmFormat):
        if wanted in (name, None) and SUFFIX[name] == suffix:
            return name  # type: ignore[no-any-return]
    if wanted is None:
        known = ", ".join(dict.fromkeys(filter(None, SUFFIX.values())))
        raise ValueError(f"{out} ends in {suffix}: use one of {known}, or no suffix for a folder of frames")
    if wanted not in SUFFIX:
        raise ValueError(f"format is {wanted!r}: use {', '.join(get_args(FilmFormat))}")
    raise ValueError(f"{out} is to be of format {wanted}, so its name should end in {SUFFIX[wanted] or 'nothing'}")


def check_writable(out: Path, form: FilmFormat, *, fps: float, medium: str | None = None) -> None:
    """Raise what will keep a film from being written there, before anything is painted.

    Args:
        out: the file, or the folder of frames.
        form, fps, medium: as for `check_format`.

    Raises:
        MissingExtra, ValueError: as `check_format`; or a file is asked for where a folder is, a folder where a file is,
            or one that holds other things than frames.
    """
    check_format(form, fps=fps, medium=medium)
    if form == "frames":
        check_folder(out)
    elif out.is_dir():
        raise ValueError(f"{out} is a folder: give the name of a file")


def check_format(form: FilmFormat, *, fps: float, medium: str | None = None) -> None:
    """Raise what will keep this format from being written anywhere.

    Args:
        form: the format.
        fps: frames per second of a film or animation.
        medium: in which is painted; None if it isn't known.

    Raises:
        MissingExtra: PyAV isn't installed.
        ValueError: an .svg of another medium than `bezier`, or more frames per second than the format shows.
    """
    if form == "gif":
        check_fps(fps)
    if form in ("mp4", "webm"):
        import_av(SUFFIX[form])
    if form == "svg" and medium not in (None, "bezier"):
        raise ValueError(f"an .svg can't express the marks of {medium}, only those of bezier: use another suffix")


def write_film(
    frames: FrameSource,
    out: Path,
    form: FilmFormat,
    *,
    timing: Timing,
    advance: Advance | None = None,
) -> None:
    """Write a painting process to a file, or a folder of frames, which appears whole or not at all.

    Frames are made, encoded and let go one by one, except those few of a filmstrip.

    Args:
        frames: of the process; `png` shows the last alone, `filmstrip` a few.
        out: file or folder; written anew if it is there. Its folder is made.
        form: see `film_format`; none of `OF_STROKES`.
        timing: of films and animations.
        advance: is told after each frame how many are done, and of how many.

    Raises:
        ValueError: what is asked for can't be written; says why.
        MissingExtra: PyAV isn't installed.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    if form == "frames":
        check_folder(out)
        with atomic_folder(out) as folder:
            write_pictures(_watched(frames, advance), folder)
        return
    with atomic_file(out) as file:
        if form == "png":
            (last,) = _watched(frames.at([len(frames) - 1]), advance)
            write_png(last, file)
        elif form == "filmstrip":
            chosen = frames.at(evenly_spread(min(STRIP_FRAMES, len(frames)), len(frames)))
            write_png(tabulated(list(_watched(chosen, advance)), len(chosen)), file)
        else:
            _ANIMATIONS[form](_watched(frames, advance), file, timing)


def _watched(frames: FrameSource, advance: Advance | None) -> Iterator[UInt8]:
    for done, frame in enumerate(frames, 1):
        yield frame
        if advance is not None:
            advance(done, len(frames))


def write_strokes(program: Program | None, out: Path, form: FilmFormat) -> None:
    """Write the marks of a process to a file, `svg` or `npz`, which appears whole or not at all.

    Raises:
        ValueError: there are none, or their surface is more than SVG can express.
    """
    if program is None:
        raise ValueError(f"an .{form} holds strokes, and there are none: use .webp, .mp4, .gif or .png")
    svg = program.to_svg() if form == "svg" else ""
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(out) as file:
        if form == "svg":
            file.write(svg.encode())
        else:
            program.save(file)
