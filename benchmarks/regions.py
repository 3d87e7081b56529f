"""How well regions agree with people, and how fast: the first table of docs/segmentation.md.

    python -m benchmarks.regions [--search]

Covering: each human segment's best overlap (IoU) with a region, weighted by its size, averaged over annotators, then
pictures (Arbeláez et al., PAMI 2011). `--search` looks for the best fixed setting of the baselines on the very pictures
that they are then measured on; without it they run with the ones found so.
"""

from __future__ import annotations

import argparse
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from skimage.segmentation import felzenszwalb, slic

from benchmarks.measuring import SHARED, cpu_seconds, machine
from underpaint.renderers.segment import partition

UInt8 = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Segment = Callable[[UInt8], Any]

# The best fixed settings that `--search` finds.
BASELINES: dict[str, Segment] = {
    "felzenszwalb": functools.partial(felzenszwalb, scale=900, sigma=0.5, min_size=500),
    "slic": functools.partial(slic, n_segments=4, compactness=10, sigma=3, start_label=0),
}
_TIMED_SIDE = 512


def felzenszwalb_grid() -> Iterator[tuple[str, Segment]]:
    """Every setting that the search tries."""
    for scale, sigma, size in itertools.product((400, 600, 900, 1300, 2000), (0.5, 0.8), (200, 500, 1000, 2000)):
        yield f"{scale=} {sigma=} {size=}", functools.partial(felzenszwalb, scale=scale, sigma=sigma, min_size=size)


def slic_grid() -> Iterator[tuple[str, Segment]]:
    """Every setting that the search tries."""
    for count, compactness, sigma in itertools.product((2, 3, 4, 6, 8, 12), (0.1, 1, 3, 10), (1, 3)):
        yield (
            f"{count=} {compactness=} {sigma=}",
            functools.partial(slic, n_segments=count, compactness=compactness, sigma=sigma, start_label=0),
        )


def load(name: str) -> UInt8:
    """A picture, uint8 (H, W, 3)."""
    return np.asarray(Image.open(SHARED / "images" / name).convert("RGB"))


def covering(human: Labels, labels: Labels) -> float:
    """Of one human segmentation by one of ours, both (H, W): 0..1."""
    count = int(labels.max()) + 1
    both = np.bincount((human * count + labels).ravel(), minlength=(int(human.max()) + 1) * count).reshape(-1, count)
    segments, regions = both.sum(axis=1, keepdims=True), both.sum(axis=0)
    overlap = both / np.maximum(segments + regions - both, 1)
    return float((segments[:, 0] * overlap.max(axis=1)).sum() / human.size)


def mean_covering(segment: Segment, pictures: list[tuple[UInt8, Labels]]) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Covering of each picture, averaged over its annotators, and its number of regions."""
    scores, counts = [], []
    for image, humans in pictures:
        labels = np.asarray(segment(image), np.int64)
        scores.append(np.mean([covering(human, labels) for human in humans]))
        counts.append(len(np.unique(labels)))
    return np.array(scores), counts


def region_table(search: bool) -> None:
    """Print how `classic` and the baselines cover the human segmentations."""
    folder = SHARED / "images" / "segmented"
    if not folder.is_dir():
        raise SystemExit(f"this benchmark needs its pictures in {folder}")
    pictures = [
        (load(f"segmented/{path.stem}.jpg"), np.load(path, allow_pickle=False)["labels"].astype(np.int64))
        for path in sorted(folder.glob("*.npz"))
    ]
    segmenters: dict[str, Segment] = {"classic": partition, **BASELINES}
    if search:
        for name, grid in (("felzenszwalb", felzenszwalb_grid()), ("slic", slic_grid())):
            score, setting, segmenters[name] = max(
                ((float(mean_covering(segment, pictures)[0].mean()), setting, segment) for setting, segment in grid),
                key=lambda found: found[0],
            )
            print(f"best {name}: {setting} ({score:.4f})")
    square = [np.asarray(Image.fromarray(image).resize((_TIMED_SIDE, _TIMED_SIDE))) for image, _ in pictures[::6]]
    print(f"{len(pictures)} pictures\n{'':14} {'covering':>8} {'regions':>14} {'CPU s at 512 px':>16}")
    for name, segment in segmenters.items():
        scores, counts = mean_covering(segment, pictures)
        low, middle, high = np.quantile(counts, (0.1, 0.5, 0.9))
        spread = f"{middle:.0f} ({low:.0f}-{high:.0f})"
        print(f"{name:14} {scores.mean():8.3f} {spread:>14} {best_seconds(segment, square):16.3f}")
    for detail in (0.5, 2.0, 4.0):
        scores, counts = mean_covering(functools.partial(partition, detail=detail), pictures)
        print(f"classic, detail {detail}: covering {scores.mean():.3f}, {np.median(counts):.0f} regions")


def best_seconds(function: Callable[[UInt8], Any], images: list[UInt8]) -> float:
    """CPU seconds a picture, the best of three rounds."""
    return min(
        cpu_seconds(lambda: [function(image) for image in images])[0] / len(images)  # one expression, one clock
        for _ in range(3)
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--search", action="store_true")
    args = parser.parse_args()
    print(f"{machine()}, one core")
    region_table(args.search)


if __name__ == "__main__":
    main()
