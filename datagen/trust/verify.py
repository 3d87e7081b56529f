"""Does a corpus hold what it says? Every checksum, count, member, frame and stroke, or those of a share of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.manifest import MANIFEST_FILE, Sums, manifest_record
from underpaint.datagen.format.sidecar import sidecar_names
from underpaint.datagen.format.tar import shard_name
from underpaint.datagen.jobs.plan import Plan, read_plan
from underpaint.datagen.jobs.pool import in_order
from underpaint.datagen.storage.store import Store, as_store
from underpaint.datagen.trust.verify_shard import Fault, ShardCheck, check_shard
from underpaint.texts import parse_json


@dataclass(frozen=True, kw_only=True)
class Thoroughness:
    """The thoroughness of a check. Sidecars, sizes and totals are always checked, all of them.

    Args:
        share: share of the shards to read, 0 to 1; any share above 0 reads at least one. A hash of `seed` and the
            shard's name chooses them.
        seed: seed of that choice.
        replay: whether to decode and paint the samples of these shards again. False checks only their SHA-256 and
            members: enough for what happened to a file since it was written, and at least 25 times faster.
        shards: names of the shards to read, instead of a share.
    """

    share: float = 1.0
    seed: int = 0
    replay: bool = True
    shards: Collection[str] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"a share of {100 * self.share:g}% is to be read: give 0% to 100%, or all")

    def chosen(self, shards: list[str]) -> frozenset[str]:
        """Return which of the shards are read."""
        if self.shards is not None:
            return frozenset(self.shards)
        count = -int(-self.share * len(shards) // 1)  # rounded up
        return frozenset(sorted(shards, key=self._draw)[:count])

    def _draw(self, shard: str) -> bytes:
        return blake2b(f"verify\0{self.seed}\0{shard}".encode()).digest()


EVERYTHING = Thoroughness()


def share_of(text: str) -> float:
    """Parse a share as users write it: `all`, or percent as in `1%`.

    Raises:
        ValueError: anything else.
    """
    try:
        share = 1.0 if text == "all" else float(text.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1 or (text != "all" and not text.endswith("%")):
        raise ValueError(f"sample is {text!r}: give `all`, or a share of the shards such as 1%")
    return share


def verify(
    location: Store | Path | str,
    *,
    thoroughness: Thoroughness = EVERYTHING,
    workers: int | None = 0,
    on_shard: Callable[[str], None] = lambda shard: None,
) -> list[Fault]:
    """Check a corpus from job.json to the last stroke; an empty list means that all is well.

    Whatever is broken becomes a `Fault`, never an exception. Memory holds one sample per worker, and a line per shard.

    Args:
        location: a folder or URL.
        thoroughness: what to read; everything by default.
        workers: processes; 0 works in this one, None on all cores.
        on_shard: called with the name of every shard that has been checked.

    Raises:
        FileNotFoundError: nothing there.
    """
    store = as_store(location).absolute()
    if not (store.local.is_dir() if store.local is not None else store.sizes()):
        raise FileNotFoundError(f"{store} is not a folder with a corpus")
    return list(_Verification(store, thoroughness, workers, on_shard).faults())


@dataclass
class _Verification:
    store: Store
    thoroughness: Thoroughness
    workers: int | None
    on_shard: Callable[[str], None]
    plan: Plan | None = None
    sums: Sums = field(default_factory=Sums)
    ranges: list[tuple[int, int, str]] = field(default_factory=list)  # first and last picture of each shard

    def faults(self) -> Iterator[Fault]:
        try:
            self.plan = read_plan(self.store)
        except (ValueError, OSError) as error:
            yield Fault("", "", "job", f"{error}; missing shards can't be told")
        sizes = self.store.sizes()
        shards = [name.removesuffix(".json") for name in sidecar_names(sizes)]
        yield from self._completeness(shards, sizes)
        for checked in in_order(check_shard, self._checks(shards, sizes), self.workers):
            self.on_shard(checked.shard)
            yield from checked.faults
            if checked.sidecar is not None:
                self.sums.add(checked.sidecar)
                self.ranges.append((checked.sidecar.first, checked.sidecar.last, checked.shard))
        yield from self._overlaps()
        yield from self._manifest()

    def _completeness(self, shards: list[str], sizes: dict[str, int]) -> Iterator[Fault]:
        present = set(shards)
        for index in range(self.plan.shards if self.plan else 0):
            if shard_name(index) not in present:
                yield Fault(shard_name(index), "", "missing-shard", "no sidecar: run the same command again, or repair")
        for name in sorted(sizes):
            if name.endswith(".tar") and not name.startswith(".") and name.removesuffix(".tar") not in present:
                yield Fault(name.removesuffix(".tar"), "", "stray-tar", "a tar without its sidecar doesn't count")
        for shard in shards:
            if self.plan and self.plan.part_of(int(shard)) is None:
                yield Fault(shard, "", "stray-shard", f"the corpus has only {self.plan.shards} shards")

    def _checks(self, shards: list[str], sizes: dict[str, int]) -> Iterator[ShardCheck]:
        chosen = self.thoroughness.chosen(shards)
        for shard in shards:
            yield ShardCheck(
                store=self.store,
                shard=shard,
                part=self.plan.part_of(int(shard)) if self.plan else None,
                size=sizes.get(f"{shard}.tar"),
                read=shard in chosen,
                replay=self.thoroughness.replay,
            )

    def _overlaps(self) -> Iterator[Fault]:
        """Find pictures that are in two shards; a key begins with its picture's number, so this finds keys, too."""
        ranges = sorted(self.ranges)
        for (_, last, shard), (first, _, other) in pairwise(ranges):
            if first <= last:
                yield Fault(other, "", "key", f"its pictures, from number {first} on, are also in shard {shard}")

    def _manifest(self) -> Iterator[Fault]:
        if not self._manifest_agrees():
            yield Fault("", "", "manifest", f"{MANIFEST_FILE} is missing, or doesn't agree with the sidecars")

    def _manifest_agrees(self) -> bool:
        try:
            derived = parse_json(canonical_json(manifest_record(self.sums)))
            stored = parse_json(self.store.read(MANIFEST_FILE))
        except (ValueError, OSError):  # a damaged sidecar may hold a number beyond all bounds
            return False
        if isinstance(stored, dict) and "renderers" not in stored:  # an older corpus
            del derived["renderers"]
        return bool(stored == derived)
