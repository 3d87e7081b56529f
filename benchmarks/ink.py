"""Ink on photographs: structure kept, CPU seconds, and whether luminance ever rises.

    python -m benchmarks.ink [--photos 40] [--side 512] [--strokes 1000]

Structure is the SSIM of luminance (scikit-image, data_range 255) of the finished painting against the ink-toned picture
(`renderers/ink/tones.py`). Photographs are evenly spaced ones of the folder, in centre squares, as a corpus has
them.
"""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

from benchmarks.measuring import SHARED, cpu_seconds, machine
from underpaint import renderers
from underpaint.renderers.ink.tones import ink_target
from underpaint.renderers.media.ink import InkOptions

UInt8 = npt.NDArray[np.uint8]


def photos(count: int, side: int) -> list[UInt8]:
    """`count` photographs, uint8 (side, side, 3)."""
    files = sorted((SHARED / "images" / "photos").glob("*.jpg"))
    if len(files) < count:
        raise SystemExit(f"this benchmark needs {count} pictures in {SHARED / 'images' / 'photos'}")
    chosen = (files[i * len(files) // count] for i in range(count))
    return [np.asarray(ImageOps.fit(Image.open(file).convert("RGB"), (side, side))) for file in chosen]


def luma(picture: UInt8) -> UInt8:
    """Brightness as Pillow reckons it, uint8 (H, W)."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def rises(process: renderers.Process) -> int:
    """In how many pixels of 16 frames any channel, or the luminance, is higher than in the frame before."""
    frames = process.frames(16)
    bright = np.stack([luma(frame) for frame in frames])
    return int((frames[1:] > frames[:-1]).sum() + (bright[1:] > bright[:-1]).sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--strokes", type=int, default=1000)
    args = parser.parse_args()

    pictures, options = photos(args.photos, args.side), InkOptions()
    print(f"{machine()}, one core, {args.photos} photos, {args.side} px, {args.strokes} strokes")
    print(f"{'':10} {'SSIM':>6} {'lowest':>7} {'CPU s':>7} {'most':>6} {'rises':>6}")
    for quality in renderers.QUALITIES:
        similar, seconds, risen = [], [], 0
        renderers.paint(pictures[0], renderer="ink", strokes=args.strokes, quality=quality)
        for picture in pictures:
            spent, process = cpu_seconds(
                lambda picture=picture, quality=quality: renderers.paint(  # type: ignore[misc]
                    picture, renderer="ink", strokes=args.strokes, quality=quality, options=options
                )
            )
            target = ink_target(picture, process.program.ground, options.colour)
            similar.append(structural_similarity(luma(process.canvas()), luma(target), data_range=255))
            seconds.append(spent)
            risen += rises(process)
        print(
            f"{quality:10} {np.mean(similar):6.3f} {min(similar):7.3f} {np.mean(seconds):7.3f} {max(seconds):6.2f} "
            f"{risen:6d}"
        )


if __name__ == "__main__":
    main()
