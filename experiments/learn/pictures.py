"""The pictures to learn from: chosen, cropped where they are few, captioned, and kept apart from the unseen ones.

Training holds pictures out by a hash of their names (training/split.py). Crops of one picture must lie on one side, so
every picture is stored under a name that hashes to the side of its original.
"""

from __future__ import annotations

import dataclasses
import heapq
import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.format.atomic import write_json
from underpaint.datagen.format.draws import draw
from underpaint.datagen.format.sample import slug
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.scenes import are_scenes
from underpaint.datagen.sources.source import Source
from underpaint.experiments.commands import HELD_OUT
from underpaint.texts import parse_json
from underpaint.training.split import held_out

ENOUGH = 200  # originals, of which training's own split holds out some
MOST_CROPS = 40  # of one picture: more are too much alike
LEAST = 4  # originals: two to learn from, two unseen ones
SIDE = 144  # px of what is stored, twice the corpus's
# Crops are cut from this many px, and the smallest still has 1.1 times `SIDE`.
_WHOLE, _SMALLEST = 360, 0.45

UInt8 = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of a source.

    Attributes:
        found: pictures that it gave.
        originals: those that were taken and could be used.
        crops: pictures made of each, itself included.
        pictures: in all.
        unseen: of these, held out from training.
        drawn: the source, as `scenes:400`, of pictures that are drawn by code, none of which is stored.
    """

    found: int
    originals: int
    crops: int
    pictures: int
    unseen: int
    drawn: str = ""

    @property
    def few(self) -> bool:
        """Whether they are crops of so few pictures that little can be told of what was learned."""
        return self.crops > 1 and self.originals < ENOUGH


def store_pictures(source: str | None, folder: Path, most: int) -> Stored:
    """Write the pictures to learn from as `folder`/pictures/*.png and captions.jsonl, and what they are as stored.json.

    The same source gives the same pictures: nothing is left to chance but by hashes of their names.

    Args:
        source: whatever `underpaint.datagen.sources.reading.read_sources` takes; None for as many scenes as may be.
            Scenes aren't written: whoever paints them draws them, with the maps beside them.
        folder: of everything.
        most: pictures at most.

    Raises:
        ValueError, FileNotFoundError: no such source, or too few pictures in it.
    """
    source = source or f"scenes:{most}"
    if are_scenes(source):
        return _draw(folder, source, most)
    found, chosen = _chosen(source, most)
    crops = max(1, min(MOST_CROPS, most // len(chosen)))
    out = folder / "pictures"
    out.mkdir(parents=True, exist_ok=True)
    unseen, taken, rows, used = _unseen(chosen), set[str](), [], 0
    for each in chosen:
        pixels = _pixels(each)
        if pixels is None:
            continue
        used += 1
        for number in range(crops):
            name = _free_name(each, each.name in unseen, taken)
            _crop(pixels, each.name, number).save(out / name)
            rows.append({"file": name, "caption": caption_of(each)})
    (out / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    held = sum(held_out(row["file"], HELD_OUT) for row in rows)
    if held in (0, len(rows)):
        raise ValueError(f"{source}: {len(rows)} pictures can be used, {held} of them held out: more are needed")
    stored = Stored(found=found, originals=used, crops=crops, pictures=len(rows), unseen=held)
    write_json(folder / "stored.json", dataclasses.asdict(stored))
    return stored


def _draw(folder: Path, source: str, most: int) -> Stored:
    """Settle on scenes: they are drawn anew whenever they are asked for, the maps beside them too."""
    kind, _, rest = source.partition(":")
    at, seed = rest.partition("@")[1:]
    found = sum(1 for _ in read_sources(source))
    if found < LEAST:
        raise ValueError(f"{source} has {found} pictures: give {LEAST} or more, some hundred are good")
    used = min(found, most)
    drawn = f"{kind}:{used}{at}{seed}"
    held = sum(held_out(each.name, HELD_OUT) for each in read_sources(drawn))
    if held in (0, used):
        raise ValueError(f"{source}: {used} pictures can be used, {held} of them held out: more are needed")
    stored = Stored(found=found, originals=used, crops=1, pictures=used, unseen=held, drawn=drawn)
    write_json(folder / "stored.json", dataclasses.asdict(stored))
    return stored


def painted_from(folder: Path) -> str:
    """Return the source that a chain's corpus is painted from: its own pictures, or scenes that are drawn."""
    stored = read_stored(folder)
    return stored.drawn if stored is not None and stored.drawn else str(folder / "pictures")


def png_of(source: Source) -> bytes:
    """Return the middle square of a picture, with a side of `SIDE` px, as PNG.

    Raises:
        ValueError: it can't be used.
    """
    pixels = _pixels(source)
    if pixels is None:
        raise ValueError(f"{source.name} can't be used: see `underpaint-data generate` for why")
    content = io.BytesIO()
    _crop(pixels, source.name, 0).save(content, "PNG")
    return content.getvalue()


def read_stored(folder: Path) -> Stored | None:
    """What `store_pictures` wrote last of all; None if it didn't get there."""
    path = folder / "stored.json"
    return Stored(**parse_json(path.read_bytes())) if path.is_file() else None


def caption_of(source: Source) -> str:
    """The caption of a picture, or the words of its file's name."""
    return source.caption or " ".join(PurePosixPath(source.name).stem.replace("_", " ").replace("-", " ").split())


def _chosen(source: str, most: int) -> tuple[int, list[Source]]:
    """How many pictures there are, and those with the smallest hashes, in the source's order."""
    found = 0

    def counted() -> Iterator[Source]:
        nonlocal found
        for each in read_sources(source):
            found += 1
            yield each

    chosen = heapq.nsmallest(most, counted(), key=lambda each: draw("learn", each.name))
    if found < LEAST:
        raise ValueError(f"{source} has {found} pictures: give {LEAST} or more, some hundred are good")
    return found, sorted(chosen, key=lambda each: each.index)


def _unseen(chosen: list[Source]) -> set[str]:
    """Names of the pictures that are held out: those that training would; of few as large a share, but two at least."""
    names = [each.name for each in chosen]
    if len(names) >= ENOUGH:
        return {name for name in names if held_out(name, HELD_OUT)}
    return set(sorted(names, key=lambda name: draw("crop", name))[: max(2, round(HELD_OUT * len(names)))])


def _free_name(source: Source, unseen: bool, taken: set[str]) -> str:
    """A file's name that lies on the wanted side of the split; numbers that don't are left out."""
    stem = slug(PurePosixPath(source.name).stem)
    for number in count():
        name = f"{stem}-{number:03d}.png"
        if name not in taken and held_out(name, HELD_OUT) == unseen:
            break
    taken.add(name)
    return name


def _pixels(source: Source) -> UInt8 | None:
    """A picture with a short side of `_WHOLE` px; None if it can't be used."""
    canvas = Canvas(
        size=_WHOLE, square=False, background=(255,) * 3, min_side=16, max_pixels=50_000_000, max_aspect=float("inf")
    )
    try:
        return decode_picture(source.path, canvas).pixels
    except BadPicture:
        return None


def _crop(pixels: UInt8, name: str, number: int) -> Image.Image:
    """The middle square of a picture as crop 0, then squares of chance."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    side, across, down = float(short), 0.5, 0.5
    if number:
        side *= _SMALLEST + (1 - _SMALLEST) * draw("crop", name, number, "side")
        across, down = draw("crop", name, number, "across"), draw("crop", name, number, "down")
    left, top = across * (width - side), down * (height - side)
    box = (left, top, left + side, top + side)
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
