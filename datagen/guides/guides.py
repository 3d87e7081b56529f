"""`guides`: maps and captions are made once, and lie beside the pictures for whoever paints them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import TextIO

from underpaint.datagen.guides.beside import Beside
from underpaint.datagen.guides.config import GuidesConfig
from underpaint.datagen.guides.making import GuidePortion, Made, NotMade, is_wanted
from underpaint.datagen.guides.models import check_models, identities, load_models
from underpaint.datagen.jobs.executors import Outcome, run_shards
from underpaint.datagen.jobs.progress import Display, Meter
from underpaint.datagen.jobs.writing import sigterm_as_interrupt
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import Source, batches

logger = logging.getLogger(__name__)


@dataclass
class GuidesResult:
    """How a run ended.

    Attributes:
        pictures: number of pictures in the source.
        made: number of each guide that this run made: `saliency`, `depth`, `captions`.
        there: number of each that were there already, by this model or by none.
        failures: what couldn't be made.
        errors: what went wrong with whole batches, each message once.
        interrupted: whether it was stopped.
    """

    pictures: int = 0
    made: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    failures: list[NotMade] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    interrupted: bool = False


def guides(config: GuidesConfig, *, stream: TextIO | None = None) -> GuidesResult:
    """Make the maps and captions that are missing beside the pictures of a source.

    What a person made is kept, and so is what the same models made before: the same call continues. Each file appears
    whole or not at all. Ctrl-C and SIGTERM stop it cleanly.

    Args:
        config: source and models.
        stream: where progress is shown, see `Display`.

    Raises:
        FileNotFoundError: no such source.
        ValueError: a model that is missing, damaged or of another kind; maps that another model made, unless they are
            to be made again; a source whose pictures are no files.
        MissingExtra: what runs a model isn't installed.
    """
    check_models(config)
    sources = read_sources(config.source)
    first = next(sources)  # a mistake there is reported before gigabytes of weights are read
    models = identities(config)
    result, to_do = _survey(chain([first], sources), config, models)
    for line in sources.notes.lines():
        logger.warning("%s", line)
    if not to_do:
        return result
    if config.workers == 0:
        load_models(config)
    meter = Meter(total=result.pictures, resumed=result.pictures - to_do)
    try:
        with (
            sigterm_as_interrupt(),
            Display(meter, stream) as display,
            closing(_outcomes(config, models, display)) as outcomes,  # closing it stops Ray
        ):
            for outcome in outcomes:
                _add(result, outcome)
    except KeyboardInterrupt:
        result.interrupted = True
    return result


def _survey(sources: Iterator[Source], config: GuidesConfig, models: dict[str, str]) -> tuple[GuidesResult, int]:
    """Look at what lies beside all pictures; return it, and how many of them lack something.

    Raises:
        ValueError: maps or captions of other models, which aren't to be made again.
    """
    result, to_do = GuidesResult(), 0
    others: dict[str, list[str]] = {}
    for source in sources:
        beside = Beside(source)
        states = {name: beside.state(name, model) for name, model in models.items()}
        result.pictures += 1
        result.there.update(name for name, state in states.items() if state in ("done", "own"))
        to_do += any(is_wanted(state, config) for state in states.values())
        for name, state in states.items():
            if state == "shared":
                why = f"{beside.name(name)} is that of a picture called the same but for its ending: rename one of them"
                result.failures.append(NotMade(source.stored_name, name, why))
            elif state == "other":
                others.setdefault(name, []).append(f"{beside.name(name)} of {source.stored_name}")
    if others and not config.remake:
        found = "; ".join(f"{len(files)} of {name}, such as {files[0]}" for name, files in others.items())
        raise ValueError(
            f"other models than {', '.join(models[name] for name in others)} have made {found}: --remake makes them "
            "again, or give those models"
        )
    return result, to_do


def _outcomes(config: GuidesConfig, models: dict[str, str], display: Display) -> Generator[Outcome, None, None]:
    yield from run_shards(_portions(config, models), display.update, config)


def _portions(config: GuidesConfig, models: dict[str, str]) -> Iterator[GuidePortion]:
    """Stream the pictures that lack something, in batches; listed again, as millions of them fill the memory."""
    lacking = filter(lambda source: _lacks(source, config, models), read_sources(config.source))
    for index, batch in enumerate(batches(lacking, config.batch)):
        yield GuidePortion(index=index, sources=batch, config=config, models=models)


def _lacks(source: Source, config: GuidesConfig, models: dict[str, str]) -> bool:
    beside = Beside(source)
    return any(is_wanted(beside.state(name, model), config) for name, model in models.items())


def _add(result: GuidesResult, outcome: Outcome) -> None:
    """Add how a batch ended.

    Raises:
        ValueError: a model can't be loaded, and so it is everywhere.
    """
    if outcome.error is None:
        assert isinstance(outcome.told, Made)
        result.made += Counter(outcome.told.counts)  # without the zeros
        result.failures += outcome.told.failures
    elif outcome.error.startswith("ValueError: "):
        raise ValueError(outcome.error.removeprefix("ValueError: "))
    elif outcome.error not in result.errors:
        result.errors.append(outcome.error)
