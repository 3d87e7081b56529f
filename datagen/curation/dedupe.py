"""Near-duplicates among the pictures of a source, found before anything is painted."""

from __future__ import annotations

import json
import logging
import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.commandline.checks import one_of, within
from underpaint.datagen.config import PILLOW_MAX_PIXELS
from underpaint.datagen.curation.near import near_pairs
from underpaint.datagen.format.atomic import atomic_file
from underpaint.datagen.jobs.pool import in_order
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.store import is_url
from underpaint.extras import needing
from underpaint.texts import well_formed

logger = logging.getLogger(__name__)

Keep = Literal["largest", "first"]
# Of 473 unrelated photos and paintings no two are closer than 12 bits; halved, stored as JPEG of quality 30, made 15 %
# brighter or grey, none of 120 is farther than 6 from itself, and of those cropped by 3 % a half is.
DISTANCE = 6
# Below this deviation, of 255, there is nothing that a hash could tell.
_PLAIN = 2.0


@dataclass(frozen=True)
class HashedPicture:
    """A picture's hash of 64 bits (None if it is plain or unusable), number of pixels, and what makes it unusable."""

    bits: int | None
    pixels: int
    unusable: str | None = None


@dataclass(frozen=True)
class Duplicates:
    """What was found: `groups` are names, of each the first is kept; `unusable` maps a name to what is wrong."""

    pictures: int
    groups: list[list[str]]
    unusable: dict[str, str]

    @property
    def dropped(self) -> int:
        """Pictures that are left out."""
        return sum(len(group) - 1 for group in self.groups)

    def record(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        groups = [[well_formed(name) for name in group] for group in self.groups]
        unusable = {well_formed(name): well_formed(why) for name, why in self.unusable.items()}
        return {"pictures": self.pictures, "dropped": self.dropped, "groups": groups, "unusable": unusable}


def dedupe(
    source: str,
    out: Path,
    *,
    distance: int = DISTANCE,
    keep: Keep = "largest",
    report: Path | None = None,
    workers: int | None = 0,
    on_picture: Callable[[int], None] = lambda number: None,
) -> Duplicates:
    """Write a list of the pictures of a source without near-duplicates, to be the source of `generate`.

    Pictures are compared by their perceptual hash (pHash: the signs of the 64 lowest frequencies of the grey picture,
    Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010). One is left out only if it is
    close to one that is kept. Those that can't be used stay in the list: `generate` puts on record what is wrong with
    them. Plain ones, in which there is nothing to compare, stay too.

    Args:
        source: a folder, glob, list or URL of pictures that are files of their own, not parts of tars or Parquet.
        out: the list, a .jsonl with `file`, relative to its folder, and what else the source says of the pictures. Put
            it into the folder of the source, and the pictures keep their names, by which they are seeded and split.
        distance: bits, 0 to 16, in which the hashes of near-duplicates may differ.
        keep: the `largest` picture of a group, or the `first`.
        report: where the groups are written, as JSON; nowhere if None.
        workers: processes; 0 works in this one, None on all cores.
        on_picture: called after each picture with the number of pictures hashed so far.

    Raises:
        FileNotFoundError: no such source.
        ValueError: a distance out of range; a source whose pictures are no files.
        MissingExtra: imagehash isn't installed.
    """
    _check(source, out, report, distance, keep)
    pictures = _HashedPictures()
    sources = read_sources(source)
    for number, picture in enumerate(in_order(hash_picture, _files(sources, source), workers), 1):
        pictures.add(picture)
        on_picture(number)
    for line in sources.notes.lines():
        logger.warning("%s", line)
    groups = pictures.groups(distance, keep)
    dropped = {number for group in groups for number in group[1:]}
    named = {number for group in groups for number in group} | pictures.unusable.keys()
    names: dict[int, str] = {}
    with atomic_file(out) as file:
        for item in _files(read_sources(source), source):
            if item.index in named:
                names[item.index] = item.name
            if item.index not in dropped:
                file.write(_line(_row(item, out)))
    result = Duplicates(
        pictures=len(pictures.bits),
        groups=[[names[number] for number in group] for group in groups],
        unusable={names[number]: why for number, why in pictures.unusable.items()},
    )
    if report is not None:
        with atomic_file(report) as file:
            file.write(json.dumps(result.record(), indent=1, allow_nan=False).encode() + b"\n")
    return result


def hash_picture(source: Source) -> HashedPicture:
    """Decode a picture and hash it."""
    import imagehash

    # The smallest canvas that the hash doesn't enlarge; proportions don't matter to it.
    canvas = Canvas(
        size=64,
        square=False,
        background=(255, 255, 255),
        min_side=1,
        max_pixels=PILLOW_MAX_PIXELS,
        max_aspect=float("inf"),
    )
    try:
        picture = decode_picture(source.path, canvas)
    except BadPicture as bad:
        if bad.reason == "unreachable":
            raise OSError(f"{source.stored_name}: {bad.detail}: run the same command again later") from None
        return HashedPicture(None, 0, str(bad))
    width, height = picture.size
    if picture.pixels.std(axis=(0, 1)).max() < _PLAIN:
        return HashedPicture(None, width * height)
    hashed = imagehash.phash(Image.fromarray(picture.pixels))
    return HashedPicture(int(str(hashed), 16), width * height)


@dataclass
class _HashedPictures:
    """What comparing needs of all pictures, 17 bytes each."""

    bits: array[int] = field(default_factory=lambda: array("Q"))
    pixels: array[int] = field(default_factory=lambda: array("q"))
    comparable: array[int] = field(default_factory=lambda: array("b"))
    unusable: dict[int, str] = field(default_factory=dict)

    def add(self, picture: HashedPicture) -> None:
        if picture.unusable:
            self.unusable[len(self.bits)] = picture.unusable
        self.bits.append(picture.bits or 0)
        self.pixels.append(picture.pixels)
        self.comparable.append(picture.bits is not None)

    def groups(self, distance: int, keep: Keep) -> list[list[int]]:
        sizes = np.array(self.pixels if keep == "largest" else [0] * len(self.pixels), np.int64)
        return _groups(np.array(self.bits, np.uint64), sizes, np.array(self.comparable, bool), distance)


def _check(source: str, out: Path, report: Path | None, distance: int, keep: str) -> None:
    within(0, 16, distance=distance)  # from 12 on, unrelated pictures meet
    one_of(Keep, keep=keep)
    for written in (out, report):
        if written is not None and not is_url(source) and written.resolve() == Path(source).resolve():
            raise ValueError(f"{written} is the source itself: give the list another name")
    if report is not None and report.resolve() == out.resolve():
        raise ValueError(f"out and report are both {out}: give the report another name")
    if out.suffix != ".jsonl":
        raise ValueError(f"out is {out}: give a file that ends in .jsonl, which `generate` takes as a source")
    with needing("dedupe", "dedupe"):
        import imagehash  # noqa: F401, here so that it fails at once


def _files(sources: Iterator[Source], source: str) -> Iterator[Source]:
    for item in sources:
        if not isinstance(item.path, Path) and not (isinstance(item.path, Extent) and item.path.size is None):
            raise ValueError(f"{item.name} of {source} is part of a larger file, or drawn, which a list can't name")
        yield item


def _groups(
    bits: NDArray[np.uint64], sizes: NDArray[np.int64], comparable: NDArray[np.bool_], distance: int
) -> list[list[int]]:
    """Return the numbers of each group's pictures: the one to keep, then the others in the order of the source."""
    numbers = np.flatnonzero(comparable)
    numbers = numbers[np.lexsort((numbers, -sizes[numbers]))]  # who is to stay comes first
    hashes, best, which = np.unique(bits[numbers], return_index=True, return_inverse=True)
    near = _neighbours(hashes, distance)
    leader = np.full(len(hashes), -1)
    for place in np.argsort(best, kind="stable"):
        if leader[place] < 0:
            leader[place] = place
            for other in near.get(int(place), ()):
                if leader[other] < 0:
                    leader[other] = place
    groups = defaultdict[int, list[int]](list)
    crowded = np.bincount(leader[which], minlength=len(hashes)) > 1
    for number, place in zip(numbers, leader[which], strict=True):
        if crowded[place]:
            groups[int(place)].append(int(number))
    # The leader's own best comes before all others of its group, and they are sorted by their number.
    ordered = [[int(numbers[best[p]]), *sorted(set(g) - {int(numbers[best[p]])})] for p, g in groups.items()]
    return sorted(ordered, key=min)


def _neighbours(hashes: NDArray[np.uint64], distance: int) -> dict[int, list[int]]:
    near = defaultdict[int, list[int]](list)
    for one, other in near_pairs(hashes, distance):
        near[one].append(other)
        near[other].append(one)
    return near


def _line(row: dict[str, str]) -> bytes:
    r"""Return the line of a row: readable, unless a name isn't UTF-8: then its bytes are escaped, as `\udcff`."""
    text = json.dumps(row, ensure_ascii=False)
    return (text if well_formed(text) == text else json.dumps(row)).encode() + b"\n"


def _row(item: Source, out: Path) -> dict[str, str]:
    """Return the row of the list for a picture."""
    described = {"caption": item.caption, "trigger": item.trigger} | dict(item.credits)
    return {"file": _file(item, out)} | {name: value for name, value in described.items() if value is not None}


def _file(item: Source, out: Path) -> str:
    if isinstance(item.path, Path):
        path = Path(os.path.relpath(item.path.absolute(), out.absolute().parent)).as_posix()
        return f"./{path}" if is_url(path) else path  # of a file called `a::b.jpg`
    assert isinstance(item.path, Extent)
    return item.path.location
