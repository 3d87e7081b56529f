"""`underpaint paint`: pictures to films, by the media alone."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from underpaint import renderers
from underpaint.commandline.checks import one_of, within
from underpaint.datagen.format.sample import Failure, slug
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.writing import Source, read_sources
from underpaint.pipelines.checks import check_apart, check_out
from underpaint.pipelines.photo import LONGEST_SIDE, STROKES, Aspect, Photo, read_photo
from underpaint.pipelines.progress import PaintingProgress
from underpaint.renderers.compiling import telling_of_compilation
from underpaint.renderers.film.frames import check_sides
from underpaint.renderers.film.timing import Timing, paced
from underpaint.renderers.film.writing import FilmFormat, check_format, check_writable, film_format
from underpaint.texts import did_you_mean

Quality = Literal["draft", "standard", "high"]
FilmSchedule = Literal["error", "time", "change", "log", "strokes"]
FilmManner = Literal["painter", "error", "layers"]

_logger = logging.getLogger(__name__)


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

    def out_of(self, picture: str | None, medium: str) -> Path:
        """Return where a painting goes; `picture` names it among those of several pictures."""
        parts = [self.out.stem, *([slug(Path(picture).stem)] if picture else [])]
        parts += [medium] if len(self.media) > 1 else []
        return self.out.with_name("-".join(parts) + self.out.suffix)


@dataclass(frozen=True, kw_only=True)
class Filmed:
    """What `paint_films` has written.

    Attributes:
        written: files, in order.
        failures: pictures that couldn't be used, and why.
    """

    written: list[Path]
    failures: list[Failure]


def paint_films(config: FilmConfig, *, show: bool = True) -> Filmed:
    """Paint pictures in media, and write a film of each.

    Pictures that can't be used are skipped.

    Args:
        config: what to paint and write.
        show: whether to show progress: as a bar on a terminal, by logging elsewhere.

    Raises:
        ValueError, OSError: what is asked for can't be done; says what to do.
    """
    chosen = {medium: config.options_of(medium) for medium in config.media}  # before minutes of painting
    for medium, options in chosen.items():
        for needed in renderers.get_medium(medium).guides(options):
            raise ValueError(f"options of {medium} need a {needed} map, which only underpaint-data generate reads")
    sources = list(_sources(config.pictures))
    outs = _outs(config, sources)
    written: list[Path] = []
    failures: list[Failure] = []
    with PaintingProgress(show=show) as display:
        for source, own in zip(sources, outs, strict=True):
            try:
                photo = _photo(source, config, chosen)
            except BadPicture as bad:
                failures.append(
                    Failure(
                        source=source.stored_name,
                        index=source.index,
                        renderer=None,
                        reason=bad.reason,
                        detail=bad.detail,
                    )
                )
                continue
            _tell_of_size(source.name, photo)
            for (medium, options), out in zip(chosen.items(), own, strict=True):
                _film(photo, out, medium, options, config, display)
                written.append(out)
    return Filmed(written=written, failures=failures)


def _sources(locations: list[str]) -> Iterator[Source]:
    for location in locations:
        sources = read_sources(location)
        yield from sources
        for line in sources.notes.lines():
            _logger.warning("%s", line)


def _outs(config: FilmConfig, sources: Sequence[Source]) -> list[list[Path]]:
    """Return for each picture where its paintings go, one for each medium.

    Raises:
        ValueError: one can't be written, or would take the place of a picture.
    """
    names: set[str] = set()
    outs = []
    for number, source in enumerate(sources):
        name = _unused(source.name, number, names) if len(sources) > 1 else None
        outs.append([config.out_of(name, medium) for medium in config.media])
    pictures = [source.path for source in sources if isinstance(source.path, Path)]
    check_apart([out for own in outs for out in own], pictures)
    for own in outs:
        for out in own:
            check_writable(out, config.form, fps=config.fps)
            check_out(out, folder=config.form == "frames")
    return outs


def _photo(source: Source, config: FilmConfig, chosen: Mapping[str, Any]) -> Photo:
    photo = read_photo(source.path, size=config.size, aspect=config.aspect)
    height, width = photo.pixels.shape[:2]
    try:
        check_sides(config.form, height, width)
        for medium, options in chosen.items():
            renderers.check_canvas(height, width, renderers.get_medium(medium).longest_side(options))
    except ValueError as error:  # before minutes of painting
        raise BadPicture("too-long", str(error)) from None
    return photo


def _unused(name: str, number: int, names: set[str]) -> str:
    """Return a name for the paintings of a picture; of pictures of one name, in other folders, with its number."""
    own = slug(Path(name).stem)
    while own in names:
        own = f"{own}-{number}"
    names.add(own)
    return own


def _tell_of_size(name: str, photo: Photo) -> None:
    (width, height), (rows, columns) = photo.size, photo.pixels.shape[:2]
    cut = ", cut to its centre square" if photo.cut else ""
    _logger.info("%s: %d x %d px%s, painted at %d x %d", name, width, height, cut, columns, rows)


def _film(photo: Photo, out: Path, medium: str, options: Any, config: FilmConfig, display: PaintingProgress) -> None:
    began = time.monotonic()
    with telling_of_compilation(medium, _logger.info):
        process = renderers.paint(
            photo.pixels,
            renderer=medium,
            strokes=config.strokes,
            quality=config.quality,
            seed=config.seed,
            options=options,
        )
        _logger.info("%s: %d strokes in %.1f s", medium, len(process.program), time.monotonic() - began)
        display.name = out.name
        process.film(
            out,
            seconds=config.seconds,
            fps=config.fps,
            hold=config.hold,
            schedule=config.schedule,
            format=config.form,
            advance=display.count,
        )
