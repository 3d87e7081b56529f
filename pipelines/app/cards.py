"""Samples of a corpus as cards: a small film, its caption, and what it is painted in."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from underpaint.datagen.reading import Corpus, CorpusSample
from underpaint.renderers.film.small import few, shrunk, small_webp

CARDS = 12  # of a page
# Of a film, as in the corpus report; and smaller ones are shown pixel by pixel.
_SIDE, _TINY = 208, 128  # px


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """Some samples of a corpus, one after the other.

    Attributes:
        start: number of the first.
        end: number of the first that doesn't belong to it.
        count: samples of the corpus.
        cards: HTML, of those that are read so far.
    """

    start: int
    end: int
    count: int
    cards: str


def read_page(corpus: Corpus, start: int) -> Iterator[CardPage]:
    """Read a page of a corpus, and yield it after each sample.

    Args:
        corpus: what is shown.
        start: number of the first sample; the first page if there is no such sample.

    Raises:
        ValueError: no samples, damaged frames, or a tar that ends too early.
    """
    if not len(corpus):
        raise ValueError("the corpus has no samples")
    start = start if 0 <= start < len(corpus) else 0
    end, cards = min(start + CARDS, len(corpus)), ""
    for sample in corpus[start:end]:
        cards += card(sample)
        yield CardPage(start=start, end=end, count=len(corpus), cards=f'<div class="films">{cards}</div>')


def card(sample: CorpusSample) -> str:
    """Return a sample as HTML: its film, its caption, its medium and how many strokes it has.

    Raises:
        ValueError: damaged frames, or a tar that ends too early.
    """
    frames = sample.frames()
    data = base64.b64encode(small_webp([shrunk(frame, _SIDE) for frame in few(frames)])).decode()
    caption = html.escape(sample.caption or Path(sample.source).name)
    tiny = ' class="tiny"' if max(frames.shape[1:3]) <= _TINY else ""
    strokes = f", {sample.strokes:,} strokes" if sample.strokes else ""
    return (
        f'<figure><img{tiny} src="data:image/webp;base64,{data}" alt="{caption}" loading="lazy">'
        f"<figcaption>{caption}<span>{html.escape(sample.renderer)}{strokes}</span></figcaption></figure>"
    )
