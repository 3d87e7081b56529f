"""What a command is to paint, one by one, before any picture is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from underpaint.datagen.pictures.places import Place
from underpaint.datagen.seeds import sample_seed
from underpaint.datagen.sources.reading import is_part, read_sources
from underpaint.datagen.sources.source import Source
from underpaint.pipelines.config import PaintConfig

# The frame that a task's own picture is.
PLACE = {"reconstruct": -1, "complete": 0}


@dataclass(frozen=True, kw_only=True)
class Commission:
    """One painting to be made; small, so that it travels well.

    Attributes:
        source: number, name and caption; its path is the task's own picture, if it has one.
        prompt: what the finished picture shows.
        seed: of the painting.
        pictures: files of the known frames, by number.
    """

    source: Source
    prompt: str
    seed: int
    pictures: dict[int, Place]


def subjects(config: PaintConfig) -> Iterator[Source]:
    """The prompts or pictures of a command, numbered from 0.

    Raises:
        FileNotFoundError, ValueError: as `underpaint.datagen.sources.reading.read_sources`.
    """
    if config.task == "text":
        for index, prompt in enumerate(config.subjects):
            yield Source(index, prompt, Path(), prompt)
        return
    numbers = count()
    for location in config.subjects:
        for source in read_sources(location):
            yield replace(source, index=next(numbers))


def commission(source: Source, config: PaintConfig) -> Commission:
    """What is to be made of a prompt or picture.

    The seed follows from its name, so a painting is the same alone and among others.

    Raises:
        ValueError: the task's own frame is also given as `frame`.
    """
    pictures: dict[int, Place] = {number: path.absolute() for number, path in config.known_frames().items()}
    if config.task != "text":
        place = PLACE[config.task]
        if place in pictures:
            raise ValueError(f"frame {place} is the picture to {config.task}: leave out {pictures[place]}")
        pictures[place] = source.path.absolute()
        # The canvas gets its proportions from the first.
        pictures = {place: pictures.pop(place), **pictures}
    prompt = source.caption if config.prompt is None or config.task == "text" else config.prompt
    return Commission(
        source=source,
        prompt=prompt or "",
        seed=sample_seed(config.seed, source.name, config.task),
        pictures=pictures,
    )


def known_numbers(config: PaintConfig) -> list[int]:
    """Numbers of the frames that a command shows."""
    return [*config.known_frames(), *([PLACE[config.task]] if config.task in PLACE else [])]


def is_several(config: PaintConfig) -> bool:
    """Whether a command may make more than one painting: it names several subjects, or a folder or list of them."""
    first = Path(config.subjects[0])
    single = config.task == "text" or (first.is_file() and not is_part(first.name))
    return len(config.subjects) > 1 or not single
