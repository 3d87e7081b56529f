"""Several corpora become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.curation.moving import Move, refuse_within, write_moved
from underpaint.datagen.format.frames import is_frame_member
from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.format.sidecar import SampleEntry, sidecar_names
from underpaint.datagen.format.tar import shard_name
from underpaint.datagen.jobs.plan import Part, Plan, read_plan
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.storage.store import Store, as_store

# Readers expect these to be the same all over a corpus.
SHAPE = ("size", "aspect", "frames", "store_target")


def merge(
    corpora: Sequence[Store | Path | str],
    out: Store | Path | str,
    *,
    mixed: bool = False,
    workers: int | None = 0,
    on_shard: Callable[[str], None] = lambda shard: None,
) -> Sums:
    """Write the shards of several corpora into one, those of the first one first; the same call continues.

    Shards and pictures are numbered on through all corpora, so keys stay unique: those of the first corpus keep theirs,
    and its tars their bytes. `job.json` has the plan of every job, the sidecars the fingerprints, times and versions of
    where they come from, so the result can be verified and repaired as each of the corpora can.

    Args:
        corpora: folders or URLs of complete corpora, at least two.
        out: folder or URL; none of them.
        mixed: whether canvases, numbers of frames and stored targets may differ.
        workers: processes; 0 works in this one, None on all cores.
        on_shard: called with the name of every shard that is written.

    Raises:
        ValueError: a corpus that isn't complete, or damaged; corpora of different shapes; the same paintings in two.
    """
    stores = [as_store(corpus).absolute() for corpus in corpora]
    target = as_store(out).absolute()
    if len(stores) < 2 or target in stores or len(set(stores)) < len(stores):
        raise ValueError(f"merge takes at least two different corpora, and another --out than any of them: {target}")
    refuse_within(target, stores)
    plans = [complete_plan(store) for store in stores]
    if not mixed:
        _refuse_other_shapes(stores, plans)
    _refuse_twins(stores)
    plan = _joined(plans)
    return write_moved(plan, _moves(stores, plans, plan, target), target, workers, on_shard)


def complete_plan(store: Store) -> Plan:
    """Return the plan of a corpus that has all its shards.

    Raises:
        ValueError: it hasn't, or there is no plan; says which shards are missing.
    """
    plan, found = read_plan(store), set(sidecar_names(store.sizes()))
    missing = [shard_name(index) for index in range(plan.shards) if f"{shard_name(index)}.json" not in found]
    if missing:
        raise ValueError(
            f"{store} is not complete, {len(missing)} of {plan.shards} shards are missing ({missing[0]} is one): "
            "run the command again that writes it"
        )
    return plan


def _joined(plans: Sequence[Plan]) -> Plan:
    parts: list[Part] = []
    shards = pictures = 0
    for plan in plans:
        for part in plan.parts:
            first_shard, first_picture = part.first_shard + shards, part.first_picture + pictures
            parts.append(replace(part, first_shard=first_shard, first_picture=first_picture))
        shards, pictures = shards + plan.shards, pictures + plan.pictures
    return Plan(tuple(parts))


def _moves(stores: Sequence[Store], plans: Sequence[Plan], joined: Plan, target: Store) -> Iterator[Move]:
    before = 0
    for store, plan in zip(stores, plans, strict=True):
        for index in range(plan.shards):
            part = joined.part_of(before + index)
            assert part is not None
            yield Move(source=store, index=index, target=target, shard=before + index, part=part)
        before += plan.shards


def _refuse_other_shapes(stores: Sequence[Store], plans: Sequence[Plan]) -> None:
    first = plans[0].parts[0].config
    for store, plan in zip(stores, plans, strict=True):
        for part in plan.parts:
            for name in SHAPE:
                if part.config.get(name) != first.get(name):
                    raise ValueError(
                        f"{name} is {first.get(name)} in {stores[0]} and {part.config.get(name)} in {store}, but most "
                        "readers expect one shape: merge corpora that agree, or give --mixed"
                    )


def _refuse_twins(stores: Sequence[Store]) -> None:
    """Refuse corpora that share a painting: whoever trains on them would see it twice."""
    seen: list[_Seen] = []
    for store in stores:
        here = _Seen(store, _prints(store))
        for other in seen:
            twins = np.intersect1d(other.prints, here.prints)
            if len(twins):
                raise ValueError(
                    f"{len(twins)} paintings are in both {other.store} and {store}, such as {here.name_of(twins[0])}: "
                    "merge corpora of different pictures, seeds or media"
                )
        seen.append(here)


@dataclass(frozen=True)
class _Seen:
    store: Store
    prints: NDArray[np.uint64]  # 8 bytes a sample, where its names would take hundreds

    def name_of(self, print_: np.uint64) -> str:
        samples = (sample for sidecar in read_sidecars(self.store) for sample in sidecar.samples)
        return next(sample.key for sample in samples if _print(sample) == print_)


def _prints(store: Store) -> NDArray[np.uint64]:
    samples = (sample for sidecar in read_sidecars(store) for sample in sidecar.samples)
    return np.unique(np.fromiter(map(_print, samples), np.uint64))


def _print(sample: SampleEntry) -> int:
    """Hash what two samples share only if they are the same painting; equal names alone don't make twins."""
    size = sum(size for name, (_, size) in sample.members.items() if is_frame_member(name))
    said = (sample.source, sample.renderer, sample.seed, sample.strokes, sample.psnr, size)
    return int.from_bytes(blake2b(repr(said).encode("utf-8", "surrogateescape"), digest_size=8).digest(), "little")
