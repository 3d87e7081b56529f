"""How close and how fast: PSNR, SSIM and CPU seconds of each renderer and quality on five well-known pictures.

    python -m benchmarks.fidelity [--side 512] [--strokes 1000] [--rounds 3] [--renderers bezier oil] [--prototype FILE]

PSNR and SSIM (Wang et al. 2004, as scikit-image has it, over the three channels) compare the finished canvas, in its
light, with the picture. `--prototype` also runs the throwaway fitter that this project started from, in turn with
`bezier` at `standard` on each picture, so that both meet the same noise; it needs opencv-python-headless.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.metrics import structural_similarity

from benchmarks.measuring import cpu_seconds, machine, standard_pictures
from underpaint import renderers

UInt8 = npt.NDArray[np.uint8]
Paint = Callable[[UInt8], UInt8]


# Its row is what the prototype is compared with.
STANDARD = "bezier standard"


def ours(renderer: str, quality: str, strokes: int) -> Paint:
    """A function that paints a picture; its replay is a small part of the time."""
    return lambda image: renderers.paint(image, renderer=renderer, strokes=strokes, quality=quality).canvas()


def prototype(path: Path, strokes: int) -> Paint:
    """The prototype with its best-known schedule: greedy, 25 steps at half and 25 at full resolution."""
    # By its own name: numba imports it again under that name when it loads the compiled kernels.
    sys.path.insert(0, str(path.resolve().parent))
    module: Any = importlib.import_module(path.stem)

    def paint(image: UInt8) -> UInt8:
        side = image.shape[0]
        shapes, colours, ground = module.fit_greedy(image, side, strokes, K0=64, HC=120)
        half = module.area(image, side // 2).transpose(2, 0, 1).astype(np.float32) / 255
        full = np.ascontiguousarray(image.transpose(2, 0, 1).astype(np.float32) / 255)
        shapes, colours, _ = module.refine(
            np.ascontiguousarray(half), module.scaleP(shapes, 0.5), colours, ground, 25, 0.5
        )
        shapes, colours, _ = module.refine(full, module.scaleP(shapes, 2.0), colours, ground, 25, 0.5)
        canvas = np.clip(module.render(side, shapes, colours, ground), 0, 1).transpose(1, 2, 0)
        return np.asarray(np.round(canvas * 255), np.uint8)

    return paint


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=512, choices=(256, 512))
    parser.add_argument("--strokes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--renderers", nargs="+", default=["bezier", "oil"], choices=renderers.names())
    parser.add_argument("--prototype", type=Path, default=None)
    args = parser.parse_args()

    pictures = standard_pictures(args.side)
    painters = {
        f"{renderer} {quality}": ours(renderer, quality, args.strokes)
        for renderer in args.renderers
        for quality in renderers.QUALITIES
    }
    if args.prototype is not None:
        painters["prototype"] = prototype(args.prototype, args.strokes)
        painters.setdefault(STANDARD, ours("bezier", "standard", args.strokes))
    for paint in painters.values():
        # Kernels are loaded, or compiled, before anything is measured.
        paint(next(iter(pictures.values())))

    print(f"{machine()}, one core, {args.side} px, {args.strokes} strokes, median of {args.rounds} rounds")
    seconds = {name: np.zeros((args.rounds, len(pictures))) for name in painters}
    decibels, similarity = ({name: np.zeros(len(pictures)) for name in painters} for _ in range(2))
    for column, image in enumerate(pictures.values()):
        for row in range(args.rounds):
            for name, paint in painters.items():
                seconds[name][row, column], canvas = cpu_seconds(lambda paint=paint, image=image: paint(image))  # type: ignore[misc]
                decibels[name][column] = renderers.psnr(canvas, image)
                similarity[name][column] = structural_similarity(canvas, image, channel_axis=2)
    print(f"{'':16} {'PSNR dB':>8} {'SSIM':>6} {'CPU s':>7}   " + "  ".join(f"{name:>9}" for name in pictures))
    for name in painters:
        each = "  ".join(f"{value:9.2f}" for value in decibels[name])
        means = f"{decibels[name].mean():8.2f} {similarity[name].mean():6.3f}"
        print(f"{name:16} {means} {np.median(seconds[name], axis=0).mean():7.3f}   {each}")
    if args.prototype is not None:
        ratio = np.median(seconds["prototype"].mean(axis=1) / seconds[STANDARD].mean(axis=1))
        gain = decibels[STANDARD].mean() - decibels["prototype"].mean()
        print(f"{STANDARD} is {ratio:.1f} times faster than the prototype, at {gain:+.2f} dB")


if __name__ == "__main__":
    main()
