"""`underpaint paint`: pictures to films, by the media alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from underpaint import renderers
from underpaint.datagen.format.sample import Failure, slug
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.writing import Source, read_sources
from underpaint.pipelines.checks import check_apart, check_out
from underpaint.pipelines.film_config import FilmConfig
from underpaint.pipelines.photo import Photo, read_photo
from underpaint.pipelines.progress import PaintingProgress
from underpaint.renderers.compiling import telling_of_compilation
from underpaint.renderers.film.frames import check_sides
from underpaint.renderers.film.writing import check_writable

_logger = logging.getLogger(__name__)


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
            for medium, out in zip(config.media, own, strict=True):
                _film(photo, out, medium, config, display)
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


def _film(photo: Photo, out: Path, medium: str, config: FilmConfig, display: PaintingProgress) -> None:
    began = time.monotonic()
    with telling_of_compilation(medium, _logger.info):
        process = config.paint(photo.pixels, medium)
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
