"""Samples of a corpus as cards: a small film, its caption, and what it is painted in."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from underpaint.datagen.reading import CorpusSample
from underpaint.renderers.film.frames import evenly_spread
from underpaint.renderers.film.small import SHOWN_FRAMES, shrunk, small_webp

# Of a film, as in the corpus report; and smaller ones are shown pixel by pixel.
_SIDE, _TINY = 208, 128  # px


def card(sample: CorpusSample) -> str:
    """Return a sample as HTML: its film, its caption, its medium and how many strokes it has.

    Raises:
        ValueError: damaged frames, or a tar that ends too early.
    """
    frames = sample.frames()
    few = frames[evenly_spread(min(SHOWN_FRAMES, len(frames)), len(frames))]
    data = base64.b64encode(small_webp([shrunk(frame, _SIDE) for frame in few])).decode()
    caption = html.escape(sample.caption or Path(sample.source).name)
    tiny = ' class="tiny"' if max(frames.shape[1:3]) <= _TINY else ""
    strokes = f", {sample.strokes:,} strokes" if sample.strokes else ""
    return (
        f'<figure><img{tiny} src="data:image/webp;base64,{data}" alt="{caption}" loading="lazy">'
        f"<figcaption>{caption}<span>{html.escape(sample.renderer)}{strokes}</span></figcaption></figure>"
    )
