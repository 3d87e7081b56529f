"""`manifest.json` and the summary: what a corpus holds, derived from its sidecars alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from underpaint.datagen.format.sidecar import FORMAT_VERSION, SampleEntry, Sidecar
from underpaint.texts import parse_json

MANIFEST_FILE = "manifest.json"


@dataclass
class Share:
    """Samples of one renderer, or of all."""

    samples: int = 0
    strokes: int = 0
    _psnr_sum: float = 0.0
    _psnr_count: int = 0

    @property
    def psnr(self) -> float | None:
        """Mean PSNR of the finished pictures in dB; pictures equal to their targets have none."""
        return round(self._psnr_sum / self._psnr_count, 4) if self._psnr_count else None

    @property
    def rated(self) -> int:
        """Number of samples that have a PSNR."""
        return self._psnr_count

    def add(self, sample: SampleEntry) -> None:
        """Count one sample in."""
        self.samples += 1
        self.strokes += sample.strokes
        if sample.psnr is not None:
            self._psnr_sum += sample.psnr
            self._psnr_count += 1


@dataclass
class Sums:
    """Sums over the sidecars of a corpus."""

    shards: list[dict[str, Any]] = field(default_factory=list)
    fingerprints: set[str] = field(default_factory=set)
    bytes: int = 0
    total: Share = field(default_factory=Share)
    renderers: defaultdict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    failures: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def add(self, sidecar: Sidecar) -> None:
        """Count one shard in."""
        self.shards.append(
            {"shard": sidecar.shard, "count": sidecar.count, "bytes": sidecar.bytes, "sha256": sidecar.sha256}
        )
        self.fingerprints.add(sidecar.fingerprint)
        self.bytes += sidecar.bytes
        self.failures.update(failure.reason for failure in sidecar.failures)
        self.seconds.update(sidecar.seconds)
        for sample in sidecar.samples:
            self.total.add(sample)
            self.renderers[sample.renderer].add(sample)


def summed(sidecars: Iterable[Sidecar]) -> Sums:
    """Sum up sidecars, which are read one at a time when they come as a stream."""
    sums = Sums()
    for sidecar in sidecars:
        sums.add(sidecar)
    return sums


def manifest_record(sums: Sums) -> dict[str, Any]:
    """Return the content of `manifest.json`; equal corpora have equal manifests, however they were made."""
    return {
        "format": FORMAT_VERSION,
        "fingerprints": sorted(sums.fingerprints),
        "shards": sums.shards,
        "samples": sums.total.samples,
        "bytes": sums.bytes,
        "strokes": sums.total.strokes,
        "psnr": sums.total.psnr,
        "renderers": {
            name: {"samples": share.samples, "strokes": share.strokes, "psnr": share.psnr}
            for name, share in sums.renderers.items()
        },
        "failures": dict(sums.failures),
    }


def media_of(corpus: Path) -> list[str]:
    """Return the names of the renderers whose samples a corpus holds; none where it has no `manifest.json`."""
    path = corpus / MANIFEST_FILE
    return sorted(parse_json(path.read_bytes())["renderers"]) if path.is_file() else []
