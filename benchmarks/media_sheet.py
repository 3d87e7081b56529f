"""Sheets for README and docs/renderers.md: the same pictures in every medium, as rows of frames.

    python -m benchmarks.media_sheet docs/images/all-media.jpg
    python -m benchmarks.media_sheet docs/images/media.jpg --pictures varied/l3.jpg \\
        --renderers oil bezier ink pencil illustration region
    python -m benchmarks.media_sheet docs/images/painter.jpg --renderers oil bezier --frames 16 --thumbnail 96 \\
        --pictures varied/l3.jpg varied/s8.jpg standard/astronaut_512.png

Each picture takes one row per medium: blank canvas at the left, finished painting at the right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from benchmarks.measuring import SHARED
from underpaint import renderers

PICTURES = (
    "varied/a0.jpg",
    "varied/l3.jpg",
    "varied/s8.jpg",
    "varied/b9.jpg",
    "paintings/starry-night.jpg",
    "paintings/tubingen.jpg",
)
SIDE = 512
# Width of the column of names, and gaps between rows and between pictures, in px.
NAMES, GAP, BREAK = 56, 2, 10


def load(name: str) -> npt.NDArray[np.uint8]:
    """The centre square of a picture, uint8 (SIDE, SIDE, 3)."""
    with Image.open(SHARED / "images" / name) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS))


def row(picture: npt.NDArray[np.uint8], renderer: str, thumbnail: int, seed: int, count: int) -> Image.Image:
    """`count` frames of one process side by side, its medium's name before them."""
    frames = renderers.paint(picture, renderer=renderer, seed=seed).frames(count)
    strip = Image.new("RGB", (NAMES + count * thumbnail, thumbnail), "white")
    ImageDraw.Draw(strip).text((4, thumbnail // 2 - 6), renderer, fill="black")
    for index, frame in enumerate(frames):
        small = Image.fromarray(frame).resize((thumbnail, thumbnail), Image.Resampling.LANCZOS)
        strip.paste(small, (NAMES + index * thumbnail, 0))
    return strip


def main() -> None:
    """Paint, lay out, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", nargs="+", default=PICTURES, help="paths below ../shared/images")
    parser.add_argument("--renderers", nargs="+", default=renderers.names())
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--thumbnail", type=int, default=144, help="side of a frame on the sheet, px")
    options = parser.parse_args()
    if not (SHARED / "images").is_dir():
        raise SystemExit(f"this needs its pictures in {SHARED / 'images'}")
    rows = []
    for seed, name in enumerate(options.pictures):
        picture = load(name)
        rows.append([row(picture, renderer, options.thumbnail, seed, options.frames) for renderer in options.renderers])
    height = sum(len(group) * (options.thumbnail + GAP) + BREAK for group in rows) - BREAK
    sheet = Image.new("RGB", (rows[0][0].width, height), "white")
    top = 0
    for group in rows:
        for strip in group:
            sheet.paste(strip, (0, top))
            top += options.thumbnail + GAP
        top += BREAK
    sheet.save(options.out, quality=85)
    print(f"{options.out}: {sheet.width} x {sheet.height} px")


if __name__ == "__main__":
    main()
