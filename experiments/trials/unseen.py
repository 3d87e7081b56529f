"""Pictures and processes that training never saw: by the hash of a picture's name that it holds out by."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.format.draws import draw
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import Canvas
from underpaint.datagen.sources.reading import read_sources
from underpaint.training.frames import choose_sequence, decode_frames
from underpaint.training.split import held_out

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnseenPicture:
    """A picture that was held out.

    Attributes:
        name: in its source.
        caption: empty where there is none.
        pixels: its centre square, uint8 (H, H, 3).
    """

    name: str
    caption: str
    pixels: UInt8


@dataclass(frozen=True, kw_only=True, eq=False)
class UnseenProcess:
    """A painting process of a picture that was held out.

    Attributes:
        source: name of the picture.
        medium: that it is painted in.
        caption: without the medium; empty where there is none.
        frames: uint8 (F, H, H, 3), from the blank ground to the finished picture.
    """

    source: str
    medium: str
    caption: str
    frames: UInt8


def unseen_pictures(source: str, share: float, size: int, number: int) -> list[UnseenPicture]:
    """Some of the pictures that were held out, in an order of chance that is always the same.

    Args:
        source: whatever `underpaint.datagen.sources.reading.read_sources` takes.
        share: of the pictures that training held out.
        size: side of the centre squares in pixels.
        number: how many at most.

    Raises:
        ValueError: none was held out.
    """
    unseen = sorted(
        (each for each in read_sources(source) if held_out(each.name, share)), key=lambda each: _turn(each.name)
    )
    if not unseen:
        raise ValueError(f"{source}: none of its pictures is held out when validation is {share}")
    canvas = Canvas(size=size, square=True, background=(255,) * 3, min_side=16, max_pixels=50_000_000, max_aspect=4.0)
    return [
        UnseenPicture(name=each.name, caption=each.caption or "", pixels=decode_picture(each.path, canvas).pixels)
        for each in unseen[:number]
    ]


def unseen_processes(corpus: Path, share: float, frames: int, size: int, number: int) -> dict[str, list[UnseenProcess]]:
    """Processes of held-out pictures by medium, in the same order of pictures in each.

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
    )
