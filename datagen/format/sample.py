"""Samples: the files that go into a shard under one key each, and why there are none where there are none."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

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


def sample_key(index: int, name: str, renderer: str) -> str:
    """Return the key of the sample of picture `index`, called `name`: `00000012-a-red-barn-bezier`, without dots.

    A dot would end the key for every WebDataset reader.
    """
    return f"{index:08d}-{slug(PurePosixPath(name).stem)}-{renderer}"


def slug(text: str) -> str:
    """Return `text` in a-z, 0-9 and single hyphens, at most 40 of them; `picture` when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:SLUG_LENGTH].rstrip("-") or "picture"


def rounded_psnr(psnr: float) -> float | None:
    """Return dB with four digits; None for infinity (equal pictures), which JSON doesn't have.

    Raises:
        ValueError: NaN, which says that something went wrong.
    """
    if math.isnan(psnr):
        raise ValueError("a PSNR is NaN")
    return None if math.isinf(psnr) else round(psnr, 4)
