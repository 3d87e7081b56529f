"""What a corpus is like, in figures: from its sidecars alone, and from a few samples how paintings grow."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint.commandline.checks import at_least
from underpaint.datagen.corpus import CorpusSample
from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.format.sidecar import SampleEntry, Sidecar
from underpaint.datagen.storage.sidecars import existing_sidecars, read_sidecars
from underpaint.datagen.storage.store import Store, as_store

# Where curves are read off, as shares of a process: any number of frames gives the same points.
PROGRESS = tuple(step / 10 for step in range(11))
QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}
UNNAMED = "not named"
_UNITS = (("TB", 12), ("GB", 9), ("MB", 6), ("kB", 3))
# Enough for a curve whose mean hardly moves with another choice, and a few seconds of decoding.
SAMPLES = 100


@dataclass
class _Group:
    """The samples of one renderer: 24 bytes each."""

    strokes: array[float] = field(default_factory=lambda: array("d"))
    psnr: array[float] = field(default_factory=lambda: array("d"))
    bytes: array[float] = field(default_factory=lambda: array("d"))
    members: Counter[str] = field(default_factory=Counter)

    def add(self, sample: SampleEntry) -> None:
        self.strokes.append(sample.strokes)
        self.bytes.append(sample.bytes)
        self.members.update({name: size for name, (_, size) in sample.members.items()})
        if sample.psnr is not None:
            self.psnr.append(sample.psnr)

    def record(self) -> dict[str, Any]:
        columns = {"strokes": self.strokes, "psnr": self.psnr, "bytes": self.bytes}
        summaries = {name: _summary(np.asarray(column)) for name, column in columns.items()}
        return {"samples": len(self.strokes), **summaries, "members": dict(sorted(self.members.items()))}


def corpus_statistics(location: Store | Path | str, *, samples: int = SAMPLES) -> dict[str, Any]:
    """Compute figures of a corpus, as JSON values.

    Args:
        location: a folder or URL.
        samples: number of samples to decode for curves, chosen by a hash of their keys; 0 reads only sidecars.

    Returns:
        `shards`, `pictures`, `samples`, `bytes`, `failures` (reason -> number), `failures_by_renderer`, `seconds` by
        step, `versions` (each of them -> shards), `licenses` (each, or `not named` -> samples), and `renderers`: of
        each `samples`, `strokes`, `psnr` in dB and `bytes` as mean and quantiles, `members` (extension -> bytes), and
        `curves`: over `progress`, 0 to 1, the mean `psnr` in dB of the frame and the mean absolute `change` since the
        frame before, of 255, from `samples`.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: a damaged sidecar, or sample.
    """
    store = as_store(location)
    figures, drawn = _Figures(), _RandomSamples(samples)
    for sidecar in read_sidecars(store, existing_sidecars(store)):
        figures.add(sidecar)
        drawn.add(sidecar)
    record = figures.record()
    for name, curves in _curves(store, drawn).items():
        record["renderers"][name]["curves"] = curves
    return record


@dataclass
class _Figures:
    """What `Sums` adds up, and what a manifest doesn't hold."""

    sums: Sums = field(default_factory=Sums)
    pictures: int = 0
    by_renderer: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    versions: Counter[tuple[str, str]] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    groups: defaultdict[str, _Group] = field(default_factory=lambda: defaultdict(_Group))

    def add(self, sidecar: Sidecar) -> None:
        self.sums.add(sidecar)
        self.versions.update(sidecar.versions.items())
        for failure in sidecar.failures:
            self.by_renderer[failure.renderer or "any"][failure.reason] += 1
        for sample in sidecar.samples:
            self.groups[sample.renderer].add(sample)
            self.licenses[sample.license or UNNAMED] += 1
        self.pictures += len({s.source for s in sidecar.samples} | {f.source for f in sidecar.failures})

    def record(self) -> dict[str, Any]:
        return {
            "shards": len(self.sums.shards),
            "pictures": self.pictures,
            "samples": self.sums.total.samples,
            "bytes": self.sums.bytes,
            "failures": dict(self.sums.failures.most_common()),
            "failures_by_renderer": {name: dict(c.most_common()) for name, c in sorted(self.by_renderer.items())},
            "seconds": {step: round(seconds, 3) for step, seconds in sorted(self.sums.seconds.items())},
            "versions": [[name, version, shards] for (name, version), shards in sorted(self.versions.items())],
            "licenses": dict(self.licenses.most_common()),
            "renderers": {name: group.record() for name, group in sorted(self.groups.items())},
        }


class _RandomSamples:
    """The `count` samples with the smallest hashes of their keys: spread evenly, and the same every time."""

    def __init__(self, count: int) -> None:
        at_least(0, samples=count)
        self._count = count
        self._heap: list[tuple[int, str, SampleEntry]] = []  # a heap of the largest, by the negative hash

    def add(self, sidecar: Sidecar) -> None:
        for sample in sidecar.samples if self._count else ():
            rank = -int.from_bytes(
                blake2b(sample.key.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big"
            )
            if len(self._heap) < self._count:
                heapq.heappush(self._heap, (rank, sidecar.shard, sample))
            elif rank > self._heap[0][0]:
                heapq.heapreplace(self._heap, (rank, sidecar.shard, sample))

    def __iter__(self) -> Iterator[tuple[str, SampleEntry]]:
        return ((shard, sample) for _, shard, sample in sorted(self._heap, key=lambda drawn: drawn[2].key))


def _curves(store: Store, drawn: Iterable[tuple[str, SampleEntry]]) -> dict[str, dict[str, Any]]:
    """Return mean curves of the samples of each renderer."""
    psnrs: defaultdict[str, list[NDArray[np.float64]]] = defaultdict(list)
    changes: defaultdict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for shard, entry in drawn:
        sample = CorpusSample(store, shard, entry)
        frames, steps = sample.frames(), sample.record()["frames"]
        at = np.linspace(0, 1, len(frames))
        # A frame that equals its target has none: nothing is said of it, rather than infinity.
        psnr = np.array([np.nan if step["psnr"] is None else step["psnr"] for step in steps])
        psnrs[entry.renderer].append(np.interp(PROGRESS, at, psnr))
        signed = frames.astype(np.int16)
        change = np.abs(np.diff(signed, axis=0)).mean(axis=(1, 2, 3))
        changes[entry.renderer].append(np.interp(PROGRESS[1:], at[1:], change))
    return {
        name: {
            "samples": len(curves),
            "progress": list(PROGRESS),
            "psnr": _means(curves),
            "change": [None, *_means(changes[name])],  # nothing comes before the first frame
        }
        for name, curves in psnrs.items()
    }


def _means(curves: Sequence[NDArray[np.float64]]) -> list[float | None]:
    columns = np.array(curves).T
    return [round(float(np.nanmean(column)), 3) if np.isfinite(column).any() else None for column in columns]


def _summary(values: NDArray[np.float64]) -> dict[str, float] | None:
    if not len(values):
        return None
    quantiles = np.quantile(values, list(QUANTILES.values()))
    said = {name: round(float(value), 4) for name, value in zip(QUANTILES, quantiles, strict=True)}
    return {"mean": round(float(values.mean()), 4)} | said


def size_text(size: int) -> str:
    """Return a number of bytes as people read it: `45.5 MB`, `0.4 kB`."""
    unit, power = next(((unit, power) for unit, power in _UNITS if size >= 10**power), _UNITS[-1])
    return f"{size / 10**power:.1f} {unit}"
