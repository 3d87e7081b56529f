"""What happens behind the first tab, without the page: a photo to a draft, a painting and films."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint import renderers
from underpaint.datagen.format.sample import slug
from underpaint.pipelines.app.shown import STAGE_FRAMES, stage
from underpaint.pipelines.app.waiting import one_at_a_time, while_it_runs
from underpaint.pipelines.film_config import FilmConfig
from underpaint.pipelines.photo import Photo
from underpaint.renderers import Process
from underpaint.renderers.compiling import telling_of_compilation

UInt8 = NDArray[np.uint8]

# A draft shows within a second what the painting is going to be like. A region is revealed as it is, so it needs more
# pixels, and its fit takes no longer for them.
_DRAFT_SIDE, _DRAFT_SIDES, _DRAFT_STROKES = 128, {"region": 224}, 200
_DRAFT_FRAMES, _DRAFT_SECONDS = 12, 0.8

_logger = logging.getLogger(__name__)


def film_config(picture: str, medium: str, habits: Mapping[str, Any], **settings: Any) -> FilmConfig:
    """Return the settings of the `underpaint paint` that would paint the same, file names aside.

    Args:
        picture: name of its file.
        medium: one of `renderers.names()`.
        habits: options of the medium; None, and an empty text, stand for the default.
        settings: others of `FilmConfig`; None stands for the default.

    Raises:
        ValueError: a setting out of range, or settings that don't go together.
    """
    given = {name: value for name, value in habits.items() if value not in (None, "")}
    return FilmConfig(
        pictures=[picture],
        out=Path("painting.webp"),
        medium=medium,
        options={medium: renderers.options_class(medium)(**given)},
        **{name: value for name, value in settings.items() if value is not None},
    )


def scaled(photo: UInt8, side: int) -> UInt8:
    """Scale a picture, uint8 (H, W, 3), down to a short side of so many pixels; a smaller one stays as it is."""
    height, width = photo.shape[:2]
    scale = side / min(height, width)
    if scale >= 1:
        return photo
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))


def draft(photo: UInt8, config: FilmConfig) -> Process:
    """Paint a picture small, roughly and with few strokes: a first look, in a fraction of a second."""
    quick = dataclasses.replace(config, quality="draft", strokes=min(config.strokes, _DRAFT_STROKES))
    return quick.paint(scaled(photo, _DRAFT_SIDES.get(config.medium, _DRAFT_SIDE)), config.medium)


def sitting(photo: Photo, config: FilmConfig, size: int) -> Iterator[dict[str, Any]]:
    """Paint a photo, and yield what there is to see meanwhile: a draft first, the painting at last.

    Yields:
        `note`, a line; `stage`, what the stage shows; and with the last, `painting`, a Process.
    """
    began, pixels = time.monotonic(), scaled(photo.pixels, size)

    def waiting(what: str) -> dict[str, Any]:
        return {"note": f"{what}, {time.monotonic() - began:.0f} s"}

    short = min(pixels.shape[:2])
    quick = yield from while_it_runs(
        one_at_a_time(lambda: draft(pixels, config)), lambda: waiting("getting the medium ready")
    )
    frames = quick.replayed(_DRAFT_FRAMES, config.schedule, short)
    what = f"a draft; painting up to {config.strokes:,} strokes in {config.medium}"
    yield {"stage": stage(frames, seconds=_DRAFT_SECONDS, label="draft"), "note": what}
    process = yield from while_it_runs(
        one_at_a_time(lambda: config.paint(pixels, config.medium)), lambda: waiting(what)
    )
    height, width = pixels.shape[:2]
    yield {
        "stage": stage(process.replayed(STAGE_FRAMES, config.schedule), seconds=config.seconds),
        "painting": process,
        "note": f"{len(process.program):,} strokes in {config.medium}, {width} × {height} px, "
        f"in {time.monotonic() - began:.1f} s",
    }


def write_painting(process: Process, config: FilmConfig, folder: Path, kind: str) -> Path:
    """Write a painting as `mp4`, `webp`, `svg` or another of `Process.film`'s formats into a folder.

    Raises:
        MissingExtra, ValueError: it can't be written so.
    """
    out = folder / f"{slug(Path(config.pictures[0]).stem)}-{config.medium}.{kind}"
    return process.film(out, seconds=config.seconds, fps=config.fps, hold=config.hold, schedule=config.schedule)


def warm_up(media: Iterable[str], tell: Callable[[str], object] = _logger.info) -> None:
    """Load the media's kernels, or compile them, so that no visitor has to wait for them."""
    for medium in media:
        with telling_of_compilation(medium, tell):
            renderers.warm_up(medium)
