"""How close and how fast: PSNR and CPU seconds of each quality on five well-known pictures.

    python -m benchmarks.fidelity [--side 512] [--strokes 1000] [--rounds 3] [--prototype FILE]

`--prototype` also runs the throwaway fitter that this project started from, in turn with `standard` on each picture, so
that both meet the same noise; it needs opencv-python-headless.
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

import renderers
from benchmarks.measuring import cpu_seconds, machine, standard_pictures

UInt8 = npt.NDArray[np.uint8]
Paint = Callable[[UInt8], UInt8]


def ours(quality: str, strokes: int) -> Paint:
    """A function that paints a picture; its replay is a few milliseconds of the time."""
    return lambda image: renderers.paint(image, strokes=strokes, quality=quality).canvas()


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
    parser.add_argument("--prototype", type=Path, default=None)
    args = parser.parse_args()

    pictures = standard_pictures(args.side)
    painters = {quality: ours(quality, args.strokes) for quality in renderers.QUALITIES}
    if args.prototype is not None:
        painters["prototype"] = prototype(args.prototype, args.strokes)
    renderers.warm_up()
    for paint in painters.values():
        paint(next(iter(pictures.values())))

    print(f"{machine()}, one core, {args.side} px, {args.strokes} strokes, median of {args.rounds} rounds")
    seconds = {name: np.zeros((args.rounds, len(pictures))) for name in painters}
    decibels = {name: np.zeros(len(pictures)) for name in painters}
    for column, image in enumerate(pictures.values()):
        for row in range(args.rounds):
            for name, paint in painters.items():
                seconds[name][row, column], canvas = cpu_seconds(lambda paint=paint, image=image: paint(image))  # type: ignore[misc]
                decibels[name][column] = renderers.psnr(canvas, image)
    print(f"{'':10} {'PSNR dB':>8} {'CPU s':>7}   " + "  ".join(f"{name:>9}" for name in pictures))
    for name in painters:
        each = "  ".join(f"{value:9.2f}" for value in decibels[name])
        print(f"{name:10} {decibels[name].mean():8.2f} {np.median(seconds[name], axis=0).mean():7.3f}   {each}")
    if args.prototype is not None:
        ratio = np.median(seconds["prototype"].mean(axis=1) / seconds["standard"].mean(axis=1))
        gain = decibels["standard"].mean() - decibels["prototype"].mean()
        print(f"standard is {ratio:.1f} times faster than the prototype, at {gain:+.2f} dB")


if __name__ == "__main__":
    main()
