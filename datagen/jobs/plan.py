"""What a corpus is to be, as `job.json` says it: one job's, or the shares of several jobs after `merge` and `split`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.seeds import renderers_of
from underpaint.datagen.storage.store import Store
from underpaint.texts import parse_json

JOB_FILE = "job.json"
# What the fingerprint of a job is taken over.
_FINGERPRINTED = ("format", "version", "portable", "config", "sources")


@dataclass(frozen=True)
class Part:
    """What one job has given to a corpus.

    Args:
        job: its `job.json`, as the job wrote it.
        first_shard: the number here of its first shard.
        first_picture: the number here of the first picture of its source.
        draws: [low, high): the pictures whose `validation_draw` lies in it are here; [0, 1) are all.
    """

    job: dict[str, Any]
    first_shard: int = 0
    first_picture: int = 0
    draws: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        if self.shard_size < 1 or self.pictures < 0:
            raise ValueError(f"shard_size is {self.shard_size} and sources.count {self.pictures}")
        named = {name: self.config.get(name, {}) for name in self.renderers}
        seed = self.config.get("seed", 0)
        if not isinstance(seed, int) or not all(isinstance(options, dict) for options in named.values()):
            raise ValueError(f"seed is {seed!r}, and the options of the renderers are {named}")

    @property
    def config(self) -> dict[str, Any]:
        """Every setting that affects the output bytes."""
        config: dict[str, Any] = self.job["config"]
        return config

    @cached_property
    def pictures(self) -> int:
        """Number of pictures, or recordings, of its source."""
        return int(self.job["sources"]["count"])

    @cached_property
    def shard_size(self) -> int:
        """Pictures per shard."""
        return int(self.config["shard_size"])

    @property
    def fingerprint(self) -> str:
        """That of its job, which stands in all its sidecars."""
        return str(self.job["fingerprint"])

    @cached_property
    def renderers(self) -> tuple[str, ...]:
        """Names of the media, or `recorded`."""
        return tuple(str(self.config["renderer"]).split(","))

    @property
    def shards(self) -> int:
        """Number of its shards."""
        return -(-self.pictures // self.shard_size)

    @property
    def is_whole(self) -> bool:
        """Whether all pictures of its source are here."""
        return self.draws == (0.0, 1.0)

    def pictures_of(self, shard: int) -> tuple[int, int]:
        """Return the numbers here of the first and the last picture that a shard, by its number here, is made of."""
        first = (shard - self.first_shard) * self.shard_size
        last = min(first + self.shard_size, self.pictures) - 1
        return self.first_picture + first, self.first_picture + last

    def has(self, source: str) -> bool:
        """Return whether a picture of its source, by its name, is here; after a split it may be on the other side."""
        return self.is_whole or self.draws[0] <= validation_draw(source) < self.draws[1]

    def media_of(self, source: str) -> tuple[str, ...]:
        """Return the renderers that are to paint a picture."""
        mix = bool(self.config.get("mix", False))  # older corpora have one renderer
        return renderers_of(source, self.renderers, mix=mix, run_seed=int(self.config.get("seed", 0)))

    def record(self) -> dict[str, Any]:
        """Return it as it stands in `job.json`."""
        return {
            "job": self.job,
            "first_shard": self.first_shard,
            "first_picture": self.first_picture,
            "draws": list(self.draws),
        }


@dataclass(frozen=True)
class Plan:
    """The jobs that a corpus is made of, in the order of its shards."""

    parts: tuple[Part, ...]

    @property
    def shards(self) -> int:
        """Number of shards when all is done."""
        return sum(part.shards for part in self.parts)

    @property
    def pictures(self) -> int:
        """Number of pictures of all sources."""
        return sum(part.pictures for part in self.parts)

    @property
    def fingerprint(self) -> str:
        """That of its only job, or a hash of what the parts are."""
        if self.is_plain:
            return self.parts[0].fingerprint
        parts = [part.record() | {"job": part.fingerprint} for part in self.parts]
        return blake2b(canonical_json(parts), digest_size=16).hexdigest()

    @property
    def is_plain(self) -> bool:
        """Whether it is what a single job writes, neither merged nor split."""
        return len(self.parts) == 1 and self.parts[0] == Part(self.parts[0].job)

    def part_of(self, shard: int) -> Part | None:
        """Return the part that a shard belongs to; None if the plan has no such shard."""
        for part in self.parts:
            if part.first_shard <= shard < part.first_shard + part.shards:
                return part
        return None

    def record(self) -> dict[str, Any]:
        """Return the content of `job.json`.

        Of a corpus of several parts, `config` has the settings that all of them share; `renderer` names all media.
        """
        if self.is_plain:
            return self.parts[0].job
        configs = [part.config for part in self.parts]
        shared = {k: v for k, v in configs[0].items() if all(k in other and other[k] == v for other in configs)}
        media = dict.fromkeys(name for part in self.parts for name in part.renderers)
        return {
            "format": self.parts[0].job["format"],
            "version": self.parts[-1].job["version"],
            "config": shared | {"renderer": ",".join(media)},
            "sources": {"count": self.pictures, "digest": self.fingerprint},
            "fingerprint": self.fingerprint,
            "parts": [part.record() for part in self.parts],
        }


def read_plan(store: Store) -> Plan:
    """Read and check `job.json`.

    Raises:
        ValueError: missing or damaged; says how.
    """
    where = store.url(JOB_FILE)
    try:
        record = parse_json(store.read(JOB_FILE))
        plan = Plan(tuple(_part(part) for part in record.get("parts", [{"job": record}])))
        for part in plan.parts:
            if part.fingerprint != fingerprint_of(part.job):
                raise ValueError("a fingerprint doesn't belong to its configuration and sources")
        if plan.fingerprint != record["fingerprint"]:
            raise ValueError("the fingerprint doesn't belong to its parts")
    except FileNotFoundError:
        raise ValueError(f"{where} is missing, and nothing else says what the corpus is to be: restore it") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{where} is damaged ({type(error).__name__}: {error}): restore it") from None
    return plan


def fingerprint_of(job: dict[str, Any]) -> str:
    """Return the fingerprint of a job's plan: its format, version, configuration and sources."""
    plan = {name: job[name] for name in _FINGERPRINTED if name in job}  # older ones lack `portable`
    return blake2b(canonical_json(plan), digest_size=16).hexdigest()


def _part(record: dict[str, Any]) -> Part:
    low, high = record.get("draws", (0.0, 1.0))
    first_shard, first_picture = int(record.get("first_shard", 0)), int(record.get("first_picture", 0))
    return Part(record["job"], first_shard, first_picture, (float(low), float(high)))
