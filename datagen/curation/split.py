"""A corpus becomes two: one to train on, one to validate with, and no picture is in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from underpaint.datagen.curation.merge import complete_plan
from underpaint.datagen.curation.moving import Move, refuse_within, write_moved
from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.jobs.plan import Part, Plan
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.storage.store import Store, as_store


def split(
    location: Store | Path | str,
    out: Store | Path | str,
    *,
    validation: float = 0.05,
    workers: int | None = 0,
    on_shard: Callable[[str], None] = lambda shard: None,
) -> dict[str, Sums]:
    """Write `out`/train and `out`/validation, two corpora; the same call continues.

    By a hash of a picture's name it is held out or not, the same in all corpora, media and runs; training that holds
    out the same share of the undivided corpus holds out the same pictures. Samples keep their keys, shards their
    numbers. Both corpora can be verified, repaired and merged.

    Args:
        location: folder or URL of a complete corpus.
        out: folder or URL in which the two are made.
        validation: share of the pictures to hold out, above 0 and below 1.
        workers: processes; 0 works in this one, None on all cores.
        on_shard: called with the name of every shard that is written.

    Raises:
        ValueError: a share that leaves one side without a picture; a corpus that isn't complete, or damaged.
    """
    if not 0 < validation < 1:
        raise ValueError(f"validation is {validation}: give a share of the pictures between 0 and 1, such as 0.05")
    store, target = as_store(location).absolute(), as_store(out).absolute()
    refuse_within(target, [store])
    plan = complete_plan(store)
    _refuse_empty_side(store, validation)
    result = {}
    for side, low, high in (("train", validation, 1.0), ("validation", 0.0, validation)):
        parts = tuple(_narrowed(part, low, high) for part in plan.parts)
        here, there = Plan(parts), Store(target.url(side))
        moves = (
            Move(source=store, index=index, target=there, shard=index, part=_part_of(here, index))
            for index in range(plan.shards)
        )
        result[side] = write_moved(here, moves, there, workers, on_shard)
    return result


def _narrowed(part: Part, low: float, high: float) -> Part:
    """Keep of a part the pictures whose draw lies in [low, high); a corpus may be split again."""
    return replace(part, draws=(max(part.draws[0], low), min(part.draws[1], high)))


def _part_of(plan: Plan, shard: int) -> Part:
    part = plan.part_of(shard)
    assert part is not None
    return part


def _refuse_empty_side(store: Store, validation: float) -> None:
    samples = held = 0
    for sidecar in read_sidecars(store):
        samples += sidecar.count
        held += sum(validation_draw(sample.source) < validation for sample in sidecar.samples)
    if held in (0, samples):
        raise ValueError(
            f"validation {validation} holds out {held} of the {samples} samples of {store}: give another share"
        )
