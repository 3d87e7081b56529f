"""Portions of a job: some of its sources, and what a worker does with them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.places import Nowhere, Place
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.store import is_url

# Called with (sources done, failures among them) after every source of a portion.
Report = Callable[[int, int], None]
Some = TypeVar("Some", bound="Portion")


class Workplace(Protocol):
    """The settings that say where portions are worked on: of a corpus, or of another job."""

    @property
    def workers(self) -> int | None:
        """Number of local worker processes; None is one per core."""

    @property
    def address(self) -> str | None:
        """Address of a running Ray cluster."""

    @property
    def resources(self) -> str | dict[str, float]:
        """what a portion takes of a worker's machine."""

    @property
    def ship_code(self) -> bool:
        """Whether workers get this code."""

    @property
    def max_retries(self) -> int:
        """The most retries of a portion."""


@dataclass(frozen=True)
class Done:
    """How a portion ended: failures among its sources, and what else the job is to know of it."""

    failures: int
    told: Any = None


@dataclass(frozen=True, kw_only=True)
class Portion:
    """Sources that one worker deals with; small, so that it travels well."""

    index: int
    sources: tuple[Source, ...]
    source_folder: Path | None = None  # a folder of the sources that the driver sees, and so must the worker
    last_try: bool = True  # whether it will be reported if it fails

    def do(self, report: Report) -> Done:
        """Deal with the sources, in the process that has got it; doing it again does no harm."""
        raise NotImplementedError

    def elsewhere(self: Some) -> Some:
        """Return it for a worker with another working directory, on a machine that must see the same pictures."""
        sources = tuple(replace(source, path=source.path.absolute()) for source in self.sources)
        folder = _folder(sources[0].path) if sources else None
        source_folder = folder if folder is not None and os.access(folder, os.R_OK | os.X_OK) else None
        return replace(self, sources=sources, source_folder=source_folder)


def _folder(place: Place) -> Path | None:
    """Return the folder of this machine that holds a picture, or the file that it is a part of."""
    if isinstance(place, Path):
        return place.parent
    return None if isinstance(place, Nowhere | Drawn) or is_url(place.location) else Path(place.location).parent
