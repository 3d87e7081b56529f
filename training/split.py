"""The samples of several corpora that a run trains on, and those it holds out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.format.index import CorpusIndex, Wanted, read_index
from underpaint.training.data_config import DataConfig
from underpaint.training.stored import canvas_and_frames

Side = Literal["train", "validation"]

# How many samples are looked at for one that tells a corpus' size; more are hardly damaged in a row.
_TRIES = 16


def held_out(source: str, share: float) -> bool:
    """Whether a picture is held out for validation.

    By a hash of its name alone: the same in all media, corpora, stages and runs, or a model would be judged by what an
    earlier stage has learned.
    """
    return validation_draw(source) < share


def is_wanted(source: str, renderer: str, side: Side, config: DataConfig) -> bool:
    """Whether a sample belongs to a side of the split, and to the media that are asked for."""
    if config.renderer and renderer not in config.renderer:
        return False
    return config.validation == 0 or held_out(source, config.validation) == (side == "validation")


def read_sides(config: DataConfig) -> dict[Side, list[CorpusIndex]]:
    """Find the samples of both sides of the split in each corpus of the config; those without any are left out.

    Raises:
        ValueError: as `read_index`; a corpus without a sample to train on; nothing at all to validate on.
    """
    sides: dict[Side, list[CorpusIndex]] = {"train": [], "validation": []}
    for folder in config.corpus:
        found = read_index(Path(folder), *(_wanted(side, config) for side in sides))
        for side, index in zip(sides, found, strict=True):
            if len(index):
                sides[side].append(index)
            elif side == "train":
                raise ValueError(f"corpus {folder} has no sample to train on{_media(config)}{_split(config)}")
    if not sides["validation"]:
        raise ValueError(
            f"no sample is left to validate on: validation {config.validation} of the pictures of "
            f"{', '.join(config.corpus)}{_media(config)} is none; raise it, or give 0 to validate on what is trained"
        )
    return sides


def _wanted(side: Side, config: DataConfig) -> Wanted:
    return lambda source, renderer: is_wanted(source, renderer, side, config)


def smallest_canvas(corpora: Sequence[CorpusIndex], config: DataConfig) -> tuple[int, int]:
    """Short side in pixels and number of frames that every corpus can give, by the first sound sample of each.

    Raises:
        ValueError: less than the config asks for, or nothing but damaged samples; says which corpus and what to do.
    """
    sides, counts = [], []
    for corpus in corpora:
        (height, width), stored = _first_record(corpus)
        if min(height, width) < config.size:
            raise ValueError(
                f"corpus {corpus.folder} holds canvases of {height} x {width} px, size is {config.size}: train with a "
                f"size of at most {min(height, width)}, or generate with --size {config.size}"
            )
        if stored < max(config.frames, 2):
            raise ValueError(
                f"corpus {corpus.folder} stores {stored} frames of each process, frames is {config.frames}: train with "
                f"at most {stored}, or generate with --frames {config.frames}"
            )
        sides.append(min(height, width))
        counts.append(stored)
    return min(sides), min(counts)


def _first_record(corpus: CorpusIndex) -> tuple[tuple[int, int], int]:
    for number in range(min(len(corpus), _TRIES)):
        try:
            return canvas_and_frames(corpus.read(number)[1])
        except ValueError as error:
            reason = f"{corpus.key(number)} in {corpus.tar_of(number)}: {error}"
    raise ValueError(f"corpus {corpus.folder} is damaged, the last of {number + 1} samples looked at is {reason}")


def _media(config: DataConfig) -> str:
    return f" by {' or '.join(config.renderer)}" if config.renderer else ""


def _split(config: DataConfig) -> str:
    return f" when {config.validation} of the pictures are held out" if config.validation else ""
