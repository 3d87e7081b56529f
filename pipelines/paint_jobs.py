"""What a command is to paint, one by one, before any picture is read."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from underpaint.datagen.pictures.places import Place
from underpaint.datagen.writing import Source, is_part, read_sources, sample_seed
from underpaint.models.captions import in_medium
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.medium import medium_named, usual_medium

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PaintJob:
    """One painting to be made; small, so that it travels well.

    Attributes:
        source: number, name and caption; its path is the task's own picture, if it has one.
        prompt: what the finished picture shows, after the medium if one is chosen.
        seed: of the painting.
        frames: files of the conditioning frames, by number.
    """

    source: Source
    prompt: str
    seed: int
    frames: dict[int, Place]


def subjects(config: PaintConfig) -> Iterator[Source]:
    """Stream the prompts or pictures of a command, numbered from 0.

    Raises:
        FileNotFoundError, ValueError: see `underpaint.datagen.writing.read_sources`.
    """
    if config.task == "text":
        for index, prompt in enumerate(config.subjects):
            yield Source(index, prompt, Path(), prompt)
        return
    numbers = count()
    for location in config.subjects:
        sources = read_sources(location)
        for source in sources:
            yield replace(source, index=next(numbers))
        for line in sources.notes.lines():
            _logger.warning("%s", line)


def usual_of(config: PaintConfig, media: Sequence[str]) -> str | None:
    """Return the medium of prompts that name none; None where a picture or a LoRA says how to paint.

    Args:
        config: of the command.
        media: those that the networks know by name.
    """
    return None if config.conditioned_numbers or config.lora else usual_medium(media)


def paint_job(source: Source, config: PaintConfig, media: Sequence[str]) -> PaintJob:
    """Return what is to be made of a prompt or picture.

    The seed follows from its name, so a painting is the same alone and among others.

    Args:
        source: the prompt or picture.
        config: of the command.
        media: those that the networks know by name.
    """
    frames: dict[int, Place] = {number: path.absolute() for number, path in config.conditioning_frames.items()}
    if config.own_frame is not None:
        # The canvas gets its proportions from the first.
        frames = {config.own_frame: source.path.absolute(), **frames}
    prompt = (source.caption if config.prompt is None or config.task == "text" else config.prompt) or ""
    medium = config.medium or (None if medium_named(prompt, media) else usual_of(config, media))
    return PaintJob(
        source=source,
        prompt=in_medium(medium, prompt) if medium else prompt,
        seed=sample_seed(config.seed, source.name, config.task),
        frames=frames,
    )


def is_several(config: PaintConfig) -> bool:
    """Return whether a command may make several paintings: it names several subjects, or a folder or list of them."""
    first = Path(config.subjects[0])
    single = config.task == "text" or (first.is_file() and not is_part(first.name))
    return len(config.subjects) > 1 or not single
