"""Processes at a glance: one row per sample, time from left to right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from underpaint.commandline.checks import at_least
from underpaint.datagen.corpus import CorpusSample
from underpaint.renderers.film.frames import evenly_spread
from underpaint.renderers.film.stills import GAP
from underpaint.texts import printable

CAPTION = 18  # px of height of a caption
MAX_PIXELS = 64_000_000  # what image viewers still open readily


def filmstrip(
    samples: Sequence[CorpusSample], *, columns: int = 8, height: int = 160, captions: bool = False
) -> Image.Image:
    """Draw samples as rows and `columns` of their frames, first and last included, at even steps in between.

    Every picture is `height` px high and keeps its proportions.

    Raises:
        ValueError: no samples, fewer than two columns, or a strip of more than 64 million pixels.
    """
    if not samples:
        raise ValueError("a filmstrip needs at least one sample")
    at_least(2, columns=columns)  # the first and the last frame
    at_least(16, height=height)
    shapes = [sample.record()["canvas"] for sample in samples]
    width = max(columns * (round(height * w / h) + GAP) + GAP for h, w in shapes)
    row_height = height + GAP + (CAPTION if captions else 0)
    if width * (row_height * len(samples) + GAP) > MAX_PIXELS:
        raise ValueError(f"{len(samples)} rows of {columns} pictures {height} px high are too large: take fewer")
    strip = Image.new("RGB", (width, row_height * len(samples) + GAP), "white")
    for row, sample in enumerate(samples):
        top = GAP + row * row_height
        _draw_row(strip, top, evenly(sample.frames(), columns), height)
        if captions:
            _draw_caption(strip, top + height, sample)
    return strip


def evenly(frames: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """Pick `count` of n frames (n, H, W, 3) at even steps, first and last included; some repeat when n is smaller."""
    picked: NDArray[np.uint8] = frames[evenly_spread(count, len(frames))]
    return picked


def _draw_row(strip: Image.Image, top: int, frames: NDArray[np.uint8], height: int) -> None:
    width = round(height * frames.shape[2] / frames.shape[1])
    for column, frame in enumerate(frames):
        picture = Image.fromarray(frame).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        strip.paste(picture, (GAP + column * (width + GAP), top))


def _draw_caption(strip: Image.Image, top: int, sample: CorpusSample) -> None:
    """Write the medium of a sample, and its caption or else its source, in one line as wide as the strip."""
    draw, font = ImageDraw.Draw(strip), _font()
    text = printable(f"{sample.entry.renderer}: {sample.record().get('caption') or sample.entry.source}")[: strip.width]
    if draw.textlength(text, font) > strip.width - 2 * GAP:
        while text and draw.textlength(f"{text}…", font) > strip.width - 2 * GAP:
            text = text[:-1]
        text += "…"
    draw.text((GAP, top), text, fill="black", font=font)


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(CAPTION - 5)
