"""Region by region over many photographs: what must hold, how long it takes, and whether the subject comes first.

    python -m benchmarks.region_process [--photos 40] [--side 512] [--strokes 1000] [--fill reveal]

CPU seconds are medians over the pictures; those of the parts are of calls of their own, so they needn't add up.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from benchmarks.measuring import SHARED, cpu_seconds, machine
from underpaint import renderers
from underpaint.renderers.saliency import saliency
from underpaint.renderers.segment import partition

UInt8 = npt.NDArray[np.uint8]

FRAMES = 16
# From this value on (of 255) a pixel of a saliency map counts as salient.
SALIENT = 128


def load(path: Path, side: int) -> UInt8:
    """The centre square of a picture, uint8 (side, side, 3)."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.LANCZOS))


def pictures(folder: str, count: int | None = None) -> list[Path]:
    """`count` pictures of a folder in ../shared/images, evenly spread over their names; all of them by default."""
    files = sorted((SHARED / "images" / folder).glob("*.jpg"))
    if not files:
        raise SystemExit(f"this benchmark needs its pictures in {SHARED / 'images' / folder}")
    if count is None or count >= len(files):
        return files
    return [files[round(place)] for place in np.linspace(0, len(files) - 1, count)]


def violations(process: renderers.Process, frames: UInt8, moments: list[dict[str, int]], reveal: bool) -> Counter[str]:
    """How often what holds of every region process doesn't, by name."""
    arrays = process.program.arrays
    labels, ends = arrays["labels"], arrays["ends"]
    found: Counter[str] = Counter()
    used = np.unique(labels).tolist() == list(range(len(ends))) and ends[-1] == len(process.program)
    found["not every pixel belongs to a region that is painted"] += not used
    if reveal:
        found["the first frame is not blank paper"] += not (frames[0] == 255).all()
        found["the last frame is not the target"] += not np.array_equal(frames[-1], process.target)
    found["the first frame is not the program's ground"] += not np.array_equal(
        frames[0], process.program.replay(strokes=0)
    )
    for frame, moment in zip(frames, moments, strict=True):
        finished = labels < moment["regions"]
        by_ends = labels < np.searchsorted(ends, moment["strokes"], side="right")
        found["`regions` is not the number of finished regions"] += not np.array_equal(finished, by_ends)
        found["a finished region changes later"] += not np.array_equal(frame[finished], frames[-1][finished])
    return found


def bare_at_last_mark(process: renderers.Process) -> float:
    """The share of the canvas that is less than half bare before the last wipe of its region: what pops in."""
    ends, labels, target = process.program.arrays["ends"], process.program.arrays["labels"], process.target.astype(int)
    hidden = 0
    for region, end in enumerate(ends):
        canvas = process.program.replay(strokes=int(end) - 1)
        inside = labels == region
        paper = (255 - target[inside]).sum(axis=1)
        hidden += int(((canvas[inside] - target[inside]).sum(axis=1) > 0.5 * paper + 2).sum())
    return hidden / labels.size


def report_processes(files: list[Path], side: int, strokes: int, fill: str) -> None:
    """Check and time a process of each photograph."""
    found: Counter[str] = Counter()
    seconds: dict[str, list[float]] = {}
    regions, popping = [], []
    for path in files:
        image = load(path, side)
        fit, process = cpu_seconds(
            lambda image=image: renderers.paint(image, renderer="region", strokes=strokes, fill=fill)  # type: ignore[misc]
        )
        replay, frames = cpu_seconds(lambda process=process: process.frames(FRAMES))  # type: ignore[misc]
        cut, _ = cpu_seconds(lambda image=image: partition(image))  # type: ignore[misc]
        look, _ = cpu_seconds(lambda image=image: saliency(image))  # type: ignore[misc]
        parts = {
            "in all": fit + replay,
            "segmentation": cut,
            "saliency": look,
            "order and fill": fit - cut - look,
            f"{FRAMES} frames": replay,
        }
        for name, value in parts.items():
            seconds.setdefault(name, []).append(value)
        found += violations(process, frames, process.moments(FRAMES), fill == "reveal")
        regions.append(len(process.program.arrays["ends"]))
        if fill == "reveal":
            popping.append(bare_at_last_mark(process))
    print(f"{len(files)} photos, {side} px, {strokes} strokes, {fill}, {machine()}, one core")
    print(f"  violations: {dict(found) if found else 'none'}")
    print(f"  regions: median {np.median(regions):.0f}, {min(regions)} to {max(regions)}")
    if popping:
        print(f"  uncovered only by a region's last wipe: mean {np.mean(popping):.1%}, at most {max(popping):.1%}")
    for name, values in seconds.items():
        print(f"  CPU s {name:16} median {np.median(values):.3f}, at most {max(values):.3f}")


def painted_first(labels: npt.NDArray[np.uint16], share: float) -> npt.NDArray[np.float64]:
    """How much of each pixel is among the first `share` of painted pixels, 0..1: regions in order, the last in part."""
    areas = np.bincount(labels.ravel()).astype(np.float64)
    left = np.clip((share * labels.size - (np.cumsum(areas) - areas)) / areas, 0, 1)
    return np.asarray(left[labels], np.float64)


def report_subjects(strokes: int, side: int) -> None:
    """How much of what `order=saliency` paints first is salient, by the maps beside the pictures."""
    rows = []
    for path in pictures("salient"):
        image = load(path, side)
        with Image.open(path.with_suffix(".png")) as mask:
            fitted = ImageOps.fit(mask.convert("L"), (side, side), Image.Resampling.LANCZOS)
        salient = np.asarray(fitted) >= SALIENT
        process = renderers.paint(image, renderer="region", strokes=strokes, order="saliency", flats=False)
        labels = process.program.arrays["labels"]
        first = painted_first(labels, 0.5)
        rows.append((float((first * salient).sum() / first.sum()), float(salient.mean())))
    early, overall = np.array(rows).T
    print(f"{len(rows)} pictures with saliency maps: share of salient pixels")
    print(f"  among the first half of painted pixels {early.mean():.3f}, overall {overall.mean():.3f}")
    print(f"  higher among the first half on {(early > overall).sum()} of {len(rows)}")


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--strokes", type=int, default=1000)
    parser.add_argument("--fill", default="reveal")
    args = parser.parse_args()
    files = pictures("photos", args.photos)
    # Compiles and imports whatever there is to.
    renderers.paint(load(files[0], args.side), renderer="region", strokes=args.strokes, fill=args.fill).frames(2)
    report_processes(files, args.side, args.strokes, args.fill)
    report_subjects(args.strokes, args.side)


if __name__ == "__main__":
    main()
