"""How well the saliency map finds what one looks at, and how fast: the table of docs/segmentation.md.

    python -m benchmarks.saliency [--sheet FILE.png]

Pictures: those with the map of a trained network (its half is the border), and of 60 pictures that several people
cut into segments those with a clear object. A person's segment is part of the object if it lies off the picture's
border and takes .3 to 50 % of the picture; a pixel is object if more than 70 % of the people have it in such a segment.
Every second picture of either kind was used to fit the weights of the map (`benchmarks.saliency_weights`); the others
are unseen.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.measuring import SHARED, cpu_seconds, machine
from underpaint.renderers.region.order import prominent
from underpaint.renderers.saliency import saliency
from underpaint.renderers.segment import partition, picture_hierarchy

UInt8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]

# Pictures where what the rule finds is not one thing that one looks at (rocks, towns, a whole wall), named by eye
# before any map was computed for them.
_UNCLEAR = {
    "103078", "112090", "175083", "179084", "188025", "202000", "206097", "207038", "209021",
    "217090", "253016", "334025", "35028", "365072", "48017", "78098", "79073",
}  # fmt: skip
# A person's segment with more of its outline on the picture's border than this is background; on the lower edge,
# where objects stand, half of it counts.
_ON_BORDER = 0.15
_AGREED = 0.7
# Beta² of the F-measure, as in the literature on saliency.
_BETA = 0.3


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """A picture, uint8 (H, W, 3), with its object, bool (H, W); `tuned` if the map's weights have seen it."""

    name: str
    image: UInt8
    mask: Bools
    tuned: bool


def object_of(humans: npt.NDArray[np.integer]) -> Bools:
    """Return the object, bool (H, W), in segmentations by several people, (people, H, W)."""
    votes = np.zeros(humans.shape[1:])
    for labels in humans.astype(np.int64):
        count = int(labels.max()) + 1
        areas = np.bincount(labels.ravel()) / labels.size
        sides = (labels[0], 1.0), (labels[:, 0], 1.0), (labels[:, -1], 1.0), (labels[-1], 0.5)
        border = np.sum([weight * np.bincount(side, minlength=count) for side, weight in sides], axis=0)
        inside = np.zeros(count)
        for one, other in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])):
            differ = one != other
            inside += np.bincount(one[differ], minlength=count) + np.bincount(other[differ], minlength=count)
        votes += ((border < _ON_BORDER * (inside + border)) & (areas > 0.003) & (areas < 0.5))[labels]
    return np.asarray(votes > _AGREED * len(humans))


def labelled_pictures() -> list[Labelled]:
    """Return all pictures with their objects."""
    found: list[Labelled] = []
    for folder in ("salient", "segmented"):
        paths = sorted((SHARED / "images" / folder).glob("*.jpg"))
        if not paths:
            raise SystemExit(f"this benchmark needs its pictures in {SHARED / 'images' / folder}")
        for number, path in enumerate(path for path in paths if path.stem not in _UNCLEAR):
            if folder == "salient":
                mask = np.asarray(Image.open(path.with_suffix(".png")).convert("L")) >= 128
            else:
                mask = object_of(np.load(path.with_suffix(".npz"), allow_pickle=False)["labels"])
            image = np.asarray(Image.open(path).convert("RGB"))
            found.append(Labelled(name=path.stem, image=image, mask=mask, tuned=number % 2 == 0))
    return found


def f_measure(found: list[Float32], masks: list[Bools]) -> float:
    """Largest over 256 thresholds, of the mean precision and recall over the pictures."""
    precision, recall = np.zeros(256), np.zeros(256)
    for one, salient in zip(found, masks, strict=True):
        level = np.round(one * 255).astype(np.int64)
        hits = np.bincount(level[salient], minlength=256)[::-1].cumsum()[::-1]
        marked = np.bincount(level.ravel(), minlength=256)[::-1].cumsum()[::-1]
        # No pixel marked, none wrongly.
        precision += np.where(marked > 0, hits / np.maximum(marked, 1), 1)
        recall += hits / salient.sum()
    precision, recall = precision / len(found), recall / len(found)
    return float(((1 + _BETA) * precision * recall / np.maximum(_BETA * precision + recall, 1e-9)).max())


def subject_overlap(image: UInt8, found: Float32, mask: Bools) -> float:
    """Return the IoU of the object with the regions that are painted as the subject."""
    labels = partition(image)
    subject = prominent(labels, found)[labels]
    return float((subject & mask).sum() / (subject | mask).sum())


def centre_square(image: UInt8, side: int) -> UInt8:
    """Return the middle of a picture as a square, uint8 (side, side, 3)."""
    height, width = image.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    square = Image.fromarray(image).crop((left, top, left + short, top + short))
    return np.asarray(square.resize((side, side), Image.Resampling.LANCZOS))


def print_table(pictures: list[Labelled], found: list[Float32]) -> None:
    """Print how the maps agree with the objects, on the pictures tuned on and on the others."""
    overlaps = [subject_overlap(one.image, look, one.mask) for one, look in zip(pictures, found, strict=True)]
    print(f"{'':12} {'pictures':>8} {'max F':>6} {'MAE':>6} {'IoU':>6} {'IoU > .5':>9}")
    for name, tuned in (("tuned on", True), ("unseen", False)):
        rows = [k for k, one in enumerate(pictures) if one.tuned == tuned]
        error = np.mean([np.abs(found[k] - pictures[k].mask).mean() for k in rows])
        best = f_measure([found[k] for k in rows], [pictures[k].mask for k in rows])
        overlap = np.array([overlaps[k] for k in rows])
        print(f"{name:12} {len(rows):8} {best:6.3f} {error:6.3f} {overlap.mean():6.3f} {(overlap > 0.5).mean():9.0%}")


def print_times(pictures: list[Labelled]) -> None:
    """Print the CPU seconds of hierarchy, map and regions, medians over eight pictures."""
    print(f"{'CPU s':12} {'hierarchy':>10} {'saliency':>10} {'regions':>10} {'together':>10}")
    for side in (256, 512):
        rows = []
        for image in [centre_square(one.image, side) for one in pictures[:: len(pictures) // 8]]:
            first, hierarchy = cpu_seconds(lambda image=image: picture_hierarchy(image))  # type: ignore[misc]
            second, _ = cpu_seconds(lambda image=image, tree=hierarchy: saliency(image, tree))  # type: ignore[misc]
            third, _ = cpu_seconds(
                lambda image=image, tree=hierarchy: partition(image, hierarchy=tree)  # type: ignore[misc]
            )
            rows.append((first, second, third, first + second + third))
        print(f"{side:9} px " + " ".join(f"{seconds:10.3f}" for seconds in np.median(rows, axis=0)))


def write_sheet(path: Path, pictures: list[Labelled], found: list[Float32]) -> None:
    """Write picture, object, map and subject of every picture into one PNG file, the unseen ones last."""
    width, columns = 120, 4
    order = sorted(range(len(pictures)), key=lambda k: not pictures[k].tuned)
    sheet = Image.new("RGB", (columns * (4 * width + 8), -(-len(order) // columns) * (width + 4)), "white")
    for place, k in enumerate(order):
        one, look = pictures[k], found[k]
        labels = partition(one.image)
        for number, layer in enumerate((one.image, one.mask * 255, look * 255, prominent(labels, look)[labels] * 255)):
            tile = Image.fromarray(layer.astype(np.uint8)).convert("RGB")
            tile.thumbnail((width, width))
            left, top = place % columns * (4 * width + 8) + number * width, place // columns * (width + 4)
            sheet.paste(tile, (left, top))
    sheet.save(path)


def main() -> None:
    """Print the table, and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheet", type=Path, help="write picture, object, map and subject of each picture here")
    args = parser.parse_args()
    pictures = labelled_pictures()
    found = [saliency(one.image) for one in pictures]
    print_table(pictures, found)
    print(f"{machine()}, one core")
    print_times(pictures)
    if args.sheet:
        write_sheet(args.sheet, pictures, found)


if __name__ == "__main__":
    main()
