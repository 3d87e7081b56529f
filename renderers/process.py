"""A painting process: the target, the program that paints it, and its frames."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from underpaint.renderers.film.frames import ReplayedFrames
from underpaint.renderers.film.small import SHOWN_FRAMES, film_html
from underpaint.renderers.film.timing import Timing, paced
from underpaint.renderers.film.writing import (
    OF_STROKES,
    Advance,
    check_writable,
    film_format,
    write_film,
    write_strokes,
)
from underpaint.renderers.frames import stroke_counts
from underpaint.renderers.limits import check_canvas, check_quality, check_seed, check_strokes
from underpaint.renderers.medium import Medium
from underpaint.renderers.metrics import psnr
from underpaint.renderers.registry import get_medium
from underpaint.renderers.replay import Program

UInt8 = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Process:
    """How a picture comes to be painted.

    Attributes:
        target: uint8 (H, W, 3), the picture that was to be painted.
        program: the marks.
    """

    target: UInt8
    program: Program

    def canvas(self) -> UInt8:
        """Return the finished painting, uint8 (H, W, 3)."""
        return self.program.replay()

    def psnr(self) -> float:
        """Return the PSNR of the finished painting against the target, in dB."""
        return psnr(self.canvas(), self.target)

    @property
    def schedule(self) -> str:
        """The frame schedule of its medium, which holds where none is asked for."""
        return get_medium(self.program.medium).schedule

    def stroke_counts(self, n: int, schedule: str | None = None) -> npt.NDArray[np.int64]:
        """Return after how many strokes each of `n` frames is taken -> int64 (n,).

        Args:
            n: number of frames, at least 2.
            schedule: one of SCHEDULES, what grows evenly from frame to frame: `error` (what the medium calls progress),
                `time` (the time that a painter takes), `change` (the mean absolute changes of the canvas, summed),
                `log` (the logarithm of the stroke count) or `strokes` (the stroke count). None is the medium's own.
        """
        schedule = schedule or self.schedule
        return stroke_counts(self._curve(schedule), n, schedule)

    def _curve(self, schedule: str) -> npt.NDArray[np.float64]:
        if schedule not in self._curves:
            self._curves[schedule] = self._measured(schedule)
        return self._curves[schedule]

    @functools.cached_property
    def _curves(self) -> dict[str, npt.NDArray[np.float64]]:
        """Curves by schedule, as they are asked for: frames and moments take the same."""
        return {}

    def _measured(self, schedule: str) -> npt.NDArray[np.float64]:
        medium, program = get_medium(self.program.medium), self.program
        if schedule == "error":
            return medium.progress(program, self.target)
        if schedule == "time":
            return _summed(medium.times(program))
        if schedule == "change":
            return _summed(medium.painter(program, *program.size).changes(len(program)))
        return np.arange(len(program) + 1, dtype=np.float64)

    def moments(self, n: int, schedule: str | None = None) -> list[dict[str, Any]]:
        """Return what there is to say of each of `n` frames, as JSON values.

        These are `strokes`, `phase`, and what the medium adds."""
        medium = get_medium(self.program.medium)
        counts = (int(count) for count in self.stroke_counts(n, schedule))
        return [{"strokes": count, **medium.moment(self.program, count)} for count in counts]

    def frames(self, n: int, schedule: str | None = None) -> UInt8:
        """Return `n` moments of the process, uint8 (n, H, W, 3), from the blank ground to `canvas()`."""
        return self.replayed(n, schedule).stacked()

    def replayed(
        self, n: int, schedule: str | None = None, size: int | tuple[int, int] | None = None
    ) -> ReplayedFrames:
        """Return the same moments one by one, at any size: each is painted when it is asked for, and none is kept.

        Raises:
            ValueError: fewer than two frames, an unknown schedule, or a size of other proportions.
        """
        self.program.canvas_size(size)
        return ReplayedFrames(self.program, self.stroke_counts(n, schedule).tolist(), size)

    def film(
        self,
        out: str | Path,
        *,
        seconds: float = 8.0,
        fps: float = 30.0,
        hold: float = 1.5,
        size: int | tuple[int, int] | None = None,
        schedule: str | None = None,
        format: str | None = None,
        advance: Advance | None = None,
    ) -> Path:
        """Write the process as a film, or whatever the suffix says; memory doesn't grow with its length.

        Args:
            out: .mp4 or .webm (both need the extra `video`), .webp (lossless), .gif, .png (the finished painting), .svg
                (`bezier` alone) or .npz (the marks), or no suffix: a folder of frames. It is written over.
            seconds: from the blank ground to the finished painting, 0.1 to 3600.
            fps: frames per second, 0.1 to 100.
            hold: seconds for which the finished painting then stays.
            size: short side in pixels, or (height, width); None is the picture's own.
            schedule: what grows evenly from frame to frame, see `stroke_counts`.
            format: `mp4`, ..., `frames` or `filmstrip` (eight frames side by side), where the suffix doesn't say it.
            advance: is called after each frame with the number of frames done, and of all.

        Returns:
            The path of what was written.

        Raises:
            ValueError: out of range, an unknown suffix, or marks that the format can't express.
        """
        out = Path(out)
        form = film_format(out, format)
        check_writable(out, form, fps=fps, medium=self.program.medium)
        n, fps = paced(0, frames=None, seconds=seconds, fps=fps, usual=fps)
        timing = Timing(fps=fps, hold=hold)
        if form in OF_STROKES:
            write_strokes(self.program, out, form)
        else:
            write_film(self.replayed(n, schedule, size), out, form, timing=timing, advance=advance)
        return out

    def _repr_html_(self) -> str:
        """Return the process as notebooks show it: a small film."""
        return film_html(self.replayed(SHOWN_FRAMES), f"painted in {self.program.medium}")


def _summed(steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(steps)])


def paint(
    image: UInt8,
    *,
    renderer: str = "bezier",
    strokes: int = 1000,
    quality: str = "standard",
    seed: int = 0,
    options: Any = None,
    guides: Mapping[str, npt.NDArray[np.float32]] | None = None,
    **option_values: Any,
) -> Process:
    """Turn a picture into a painting process.

    Args:
        image: uint8 (H, W, 3), any aspect ratio, sides from 16 px up.
        renderer: the medium, one of `renderers.names()`.
        strokes: the most marks it may take, up to a million; fewer are used when no more can be found that help.
        quality: `draft`, `standard` or `high`: how long to look for the marks, about 1 : 3 : 12.
        seed: 0..2**63-1; the same picture, settings and seed give the same program.
        options: the medium's options, an instance of `renderers.options_class(renderer)`.
        guides: maps that belong to the picture, such as `depth`, each float32 (H, W) in 0..1, for options that need or
            welcome them; others aren't looked at.
        **option_values: the same options one by one, as in `paint(image, ground="black")`.

    Returns:
        The process; nothing is rendered until it is asked for.

    Raises:
        ValueError: for a picture, number or name that can't be used.
    """
    medium = get_medium(renderer)
    check_pixels(image)
    check_strokes(strokes)
    check_quality(quality)
    check_seed(seed)
    if options is not None and option_values:
        raise ValueError("give the medium's options either as `options` or one by one, not both")
    options = _make_options(renderer, option_values) if options is None else options
    if not isinstance(options, medium.options):
        raise ValueError(f"options={options!r}: the renderer {renderer!r} takes {medium.options.__name__}")
    check_canvas(image.shape[0], image.shape[1], medium.longest_side(options))
    # A copy of our own, so that the process stays what it is when the caller's array changes.
    target = np.array(image, order="C")
    taken = _taken_guides(medium, options, guides or {}, target)
    program = medium.fit(target, strokes=int(strokes), quality=quality, seed=seed, options=options, guides=taken)
    return Process(target=target, program=Program.of(program))


def check_pixels(image: Any) -> None:
    """Raise ValueError unless this is a picture that can be painted, uint8 (H, W, 3)."""
    if not isinstance(image, np.ndarray):
        raise ValueError(f"expected a uint8 array (H, W, 3), got {type(image).__name__}; try numpy.asarray(image)")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected a uint8 picture (H, W, 3), got {image.dtype} {image.shape}")


def _taken_guides(
    medium: Medium, options: Any, guides: Mapping[str, npt.NDArray[np.float32]], image: UInt8
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the maps that the options need, and those given that they welcome."""
    needed = medium.guides(options)
    taken = {}
    for name in (*needed, *(name for name in medium.welcome(options) if name in guides)):
        if name not in guides:
            raise ValueError(f"these options need a {name} map: give guides={{{name!r}: float32 (H, W)}}")
        guide = np.asarray(guides[name], np.float32)
        if guide.shape != image.shape[:2] or not ((guide >= 0) & (guide <= 1)).all():
            found = f"{guide.shape}, {guide.min(initial=np.inf):g} to {guide.max(initial=-np.inf):g}"
            raise ValueError(f"the {name} map must be float32 {image.shape[:2]} in 0..1, like the picture, not {found}")
        taken[name] = guide
    return taken


def _make_options(renderer: str, values: dict[str, Any]) -> Any:
    options = get_medium(renderer).options
    known = [field.name for field in dataclasses.fields(options)]
    for name in values:
        if name not in known:
            raise ValueError(f"the renderer {renderer!r} has no option {name!r}; it has: {', '.join(known)}")
    return options(**values)


def warm_up(renderer: str = "bezier") -> None:
    """Load a medium's compiled kernels, or compile them (once per machine, about 20 s), before they are needed."""
    # Long enough to be seen at a reduced size, with a subject to be drawn, and with accents (those of seed 1).
    picture = np.linspace(0, 255, 24 * 400 * 3).astype(np.uint8).reshape(24, 400, 3).copy()
    picture[6:18, 180:220] = (200, 40, 30)
    paint(picture, renderer=renderer, strokes=200, quality="standard", seed=1).frames(2)
