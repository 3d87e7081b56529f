"""Samples: the files that go into a shard under one key each, and why there are none where there are none."""

from __future__ import annotations

import math
import re
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from underpaint import renderers
from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.sources.source import Source

SLUG_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One painting process as files.

    `files` maps extensions (without the first dot) to contents, in the order in which they go into the tar;
    `record` is what KEY.json holds.
    """

    key: str
    files: dict[str, bytes]
    record: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A sample that couldn't be made: `reason` is one of the words of `underpaint.datagen.pictures.picture.Reason`.

    `renderer` is None if the picture itself can't be used, and then it has no samples at all.
    """

    source: str
    index: int
    renderer: str | None
    reason: str
    detail: str


@dataclass
class Stopwatch:
    """Seconds spent in each named step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the block's wall time towards `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def failure(source: Source, renderer: str | None, bad: BadPicture) -> Failure:
    """Put on record why a source, or one renderer on it, gives no sample."""
    return Failure(source=source.name, index=source.index, renderer=renderer, reason=bad.reason, detail=bad.detail)


def canvas_of(config: CorpusConfig) -> Canvas:
    """The canvas that a config asks for."""
    return Canvas(
        size=config.size,
        square=config.aspect == "square",
        background=renderers.parse_colour(config.background),
        min_side=config.min_side,
        max_pixels=config.max_pixels,
        max_aspect=config.max_aspect,
    )


def sample_key(source: Source, renderer: str) -> str:
    """Key of a sample, such as `00000012-a-red-barn-bezier`: unique by its number, and without dots.

    A dot would end the key for every WebDataset reader.
    """
    return f"{source.index:08d}-{slug(PurePosixPath(source.name).stem)}-{renderer}"


def slug(text: str) -> str:
    """`text` in a-z, 0-9 and single hyphens, at most 40 of them; `picture` when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:SLUG_LENGTH].rstrip("-") or "picture"


def rounded_psnr(psnr: float) -> float | None:
    """dB with four digits; None for infinity (equal pictures), which JSON can't say."""
    return None if math.isinf(psnr) else round(psnr, 4)
