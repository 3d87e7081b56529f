"""Pictures and processes that training never saw: by the hash of a picture's name that it holds out by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.format.draws import draw
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.picture import Canvas
from underpaint.datagen.sources.reading import read_sources
from underpaint.training.frames import choose_sequence, decode_frames
from underpaint.training.split import held_out

UInt8 = NDArray[np.uint8]
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True, eq=False)
class UnseenPicture:
    """A picture that was held out.

    Attributes:
        name: in its source.
        caption: empty where there is none.
        scene: whether it is of the small world.
        pixels: its centre square, uint8 (H, H, 3).
    """

    name: str
    caption: str
    scene: bool
    pixels: UInt8


@dataclass(frozen=True, kw_only=True, eq=False)
class UnseenProcess:
    """A painting process of a picture that was held out.

    Attributes:
        source: name of the picture.
        medium: that it is painted in.
        caption: without the medium; empty where there is none.
        frames: uint8 (F, H, H, 3), from the blank ground to the finished picture.
        scene: whether the picture is of the small world.
    """

    source: str
    medium: str
    caption: str
    frames: UInt8
    scene: bool = False


def unseen_pictures(
    sources: Sequence[str], share: float, size: int, number: int, first: Collection[str] = ()
) -> list[UnseenPicture]:
    """Some of the pictures that were held out, scenes and others by turns, in an order that is always the same.

    Args:
        sources: each whatever `underpaint.datagen.sources.reading.read_sources` takes.
        share: of the pictures that training held out.
        size: side of the centre squares in pixels.
        number: how many at most.
        first: names of pictures that go before others.

    Raises:
        ValueError: none was held out.
    """
    unseen = sorted(
        (each for source in sources for each in read_sources(source) if held_out(each.name, share)),
        key=lambda each: (each.name not in first, _turn(each.name)),
    )
    if not unseen:
        raise ValueError(f"{', '.join(sources)}: none of the pictures is held out when validation is {share}")
    groups = ([each for each in unseen if isinstance(each.path, Drawn) == drawn] for drawn in (True, False))
    chosen = [each for pair in itertools.zip_longest(*groups) for each in pair if each is not None]
    canvas = Canvas(size=size, square=True, background=(255,) * 3, min_side=16, max_pixels=50_000_000, max_aspect=4.0)
    return [
        UnseenPicture(
            name=each.name,
            caption=each.caption or "",
            scene=isinstance(each.path, Drawn),
            pixels=decode_picture(each.path, canvas).pixels,
        )
        for each in chosen[:number]
    ]


def unseen_processes(corpus: Path, share: float, frames: int, size: int, number: int) -> dict[str, list[UnseenProcess]]:
    """Processes of held-out pictures by medium, in the same order of pictures in each, as far as a medium has them.

    Args:
        corpus: folder.
        share: of the pictures that training held out.
        frames: of each process, evenly over all that are stored.
        size: side of the frames in pixels.
        number: how many of each medium at most.

    Raises:
        ValueError: none was held out.
    """
    unseen = sorted(
        (sample for sample in Corpus(corpus) if held_out(sample.entry.source, share)),
        key=lambda sample: (sample.entry.renderer, _turn(sample.entry.source)),
    )
    if not unseen:
        raise ValueError(f"{corpus}: none of its processes is held out when validation is {share}")
    return {
        medium: [_read(sample, frames, size) for sample in itertools.islice(samples, number)]
        for medium, samples in itertools.groupby(unseen, key=lambda sample: str(sample.entry.renderer))
    }


def apart(items: Sequence[_Item], is_scene: Callable[[_Item], bool]) -> dict[str, list[_Item]]:
    """Return what belongs to scenes, and to photographs, by these words; nothing where all of it is of one kind."""
    found = {
        name: [each for each in items if is_scene(each) == scene]
        for name, scene in (("scenes", True), ("photographs", False))
    }
    return found if all(found.values()) else {}


def _turn(name: str) -> float:
    """Names are alphabetical, and crops of one picture neighbours: not an order to take the first of."""
    return draw("trials", name)


def _read(sample: CorpusSample, count: int, size: int) -> UnseenProcess:
    record = sample.record()
    stored = len(record["frames"])
    frames = np.empty((count, size, size, 3), np.uint8)
    decode_frames(sample.stored_frames(), stored, choose_sequence(stored, count), frames, least=(size, size))
    return UnseenProcess(
        source=sample.entry.source,
        medium=str(sample.entry.renderer),
        caption=record["caption"] or "",
        frames=frames,
        scene="scene" in record,
    )
