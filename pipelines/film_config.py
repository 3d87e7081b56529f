"""The settings of `underpaint paint`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from underpaint import renderers
from underpaint.commandline.checks import one_of, within
from underpaint.datagen.format.sample import slug
from underpaint.pipelines.photo import LONGEST_SIDE, STROKES, Aspect, UInt8
from underpaint.renderers.film.timing import Timing, paced
from underpaint.renderers.film.writing import FilmFormat, check_format, film_format
from underpaint.texts import did_you_mean

Quality = Literal["draft", "standard", "high"]
FilmSchedule = Literal["error", "time", "change", "log", "strokes"]
FilmManner = Literal["painter", "error", "layers"]


@dataclass(frozen=True, kw_only=True)
class FilmConfig:
    """Settings of `underpaint paint`: pictures in, films out.

    Args:
        pictures: Pictures: files, folders, globs, and .jsonl or .csv with `file`.
        out: File to write: .mp4, .webm, .webp, .gif, .png (finished), .svg (bezier), .npz (strokes); without a suffix a
            folder of frames. A film that is there is replaced. Of several pictures or media each gets its name, as
            film-PICTURE-MEDIUM.mp4.
        medium: Medium to paint in, `bezier`, `illustration`, `ink`, `oil`, `pencil` or `region`; or several, as
            `oil,ink`.
        size: Short side of the canvas in pixels; by default the picture's own, at most 720. The canvas has 64 million
            pixels at most.
        aspect: What is painted of the picture: `keep` (all of it) or `square` (its centre square).
        strokes: Maximum number of strokes, 1 to 1000000.
        quality: How long the fit searches: `draft`, `standard` or `high`, about 1 : 3 : 12 in time.
        seconds: Length of the film, from the blank canvas to the finished picture, 0.1 to 3600.
        fps: Frames per second, 0.1 to 100; 50 at most in a .gif.
        hold: Seconds for which the finished picture then stays, 0 to 3600.
        schedule: What grows evenly from frame to frame: `error`, `time`, `change`, `log` or `strokes`, as in
            `underpaint-data generate`; by default each medium's own.
        manner: How it is gone about: `painter`, as people do, or coarse to fine by `error` (`bezier`, `oil`), or in
            `layers` (`ink`).
        seed: Random seed; the same picture, settings and seed give the same painting.
        format: Format where the suffix doesn't say it: `frames`, or `filmstrip`, eight frames side by side.
        options: Options of the media: name -> an instance of `renderers.options_class(name)`; else its defaults.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    pictures: list[str]
    out: Path = Path("film.mp4")
    medium: str = "oil"
    size: int | None = None
    aspect: Aspect = "keep"
    strokes: int = STROKES
    quality: Quality = "standard"
    seconds: float = 8.0
    fps: float = 30.0
    hold: float = 1.5
    schedule: FilmSchedule | None = None
    manner: FilmManner | None = None
    seed: int = 0
    format: FilmFormat | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.pictures:
            raise ValueError("no picture is given")
        known = renderers.names()
        for name in self.media:
            if name not in known:
                raise ValueError(f"medium is {name!r}: use one of {', '.join(known)}{did_you_mean(name, known)}")
        if len(set(self.media)) < len(self.media):
            raise ValueError(f"medium is {self.medium!r}: each may stand there only once")
        for name in self.options:
            if name not in self.media:
                raise ValueError(f"options of {name} are given, but the medium is {self.medium}: remove them")
        within(renderers.MIN_SIDE, LONGEST_SIDE, size=self.size)
        one_of(Aspect, aspect=self.aspect)
        within(1, renderers.MAX_STROKES, strokes=self.strokes)
        one_of(Quality, quality=self.quality)
        paced(0, frames=None, seconds=self.seconds, fps=self.fps, usual=self.fps)
        Timing(fps=self.fps, hold=self.hold)
        renderers.check_seed(self.seed)
        for name in self.media:
            check_format(self.form, fps=self.fps, medium=name)

    @property
    def form(self) -> FilmFormat:
        """The format that is written."""
        return film_format(self.out, self.format)

    @property
    def media(self) -> tuple[str, ...]:
        """The media, in the order in which they paint a picture."""
        return tuple(name.strip() for name in self.medium.split(","))

    def options_of(self, medium: str) -> Any:
        """Return the options of a medium, given or its defaults, in the manner that is asked for.

        Raises:
            ValueError: the medium knows one manner only.
        """
        options = self.options.get(medium) or renderers.options_class(medium)()
        if self.manner is None:
            return options
        try:
            return dataclasses.replace(options, manner=self.manner)
        except (TypeError, ValueError):  # it knows no manners, or others
            raise ValueError(f"manner is {self.manner!r}: {medium} has no such manner; leave --manner out") from None

    def paint(self, pixels: UInt8, medium: str) -> renderers.Process:
        """Paint a picture, uint8 (H, W, 3), in one of the media."""
        return renderers.paint(
            pixels,
            renderer=medium,
            strokes=self.strokes,
            quality=self.quality,
            seed=self.seed,
            options=self.options_of(medium),
        )

    def out_of(self, picture: str | None, medium: str) -> Path:
        """Return where a painting goes; `picture` names it among those of several pictures."""
        parts = [self.out.stem, *([slug(Path(picture).stem)] if picture else [])]
        parts += [medium] if len(self.media) > 1 else []
        return self.out.with_name("-".join(parts) + self.out.suffix)
