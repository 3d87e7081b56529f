"""An index of a corpus: where the samples that are wanted lie, as columns, and their bytes without unpacking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.sidecar import SampleEntry, Sidecar, parse_sidecar, sidecar_paths

# Asked with the source and the renderer of a sample, whether it is wanted.
Wanted = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True)
class CorpusIndex:
    """Places of samples of one corpus, as columns: a million of them take about 70 MB, which loader workers share.

    Attributes:
        folder: of the corpus.
        tars: its shards.
        sha256: of each shard, in hex.
        tar: int32 (n,), which of `tars` each sample is in, rising.
        keys: UTF-8 (n,), the samples' keys.
        spans: int64 (n, 4), offset and size of KEY.webp, then of KEY.json, in the tar.
    """

    folder: Path
    tars: tuple[Path, ...]
    sha256: tuple[str, ...]
    tar: NDArray[np.int32]
    keys: NDArray[np.bytes_]
    spans: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, number: int) -> str:
        """Return the key of a sample."""
        return bytes(self.keys[number]).decode()

    def tar_of(self, number: int) -> Path:
        """Return the shard that holds a sample."""
        return self.tars[int(self.tar[number])]

    def samples_of(self, shard: int) -> range:
        """Return the numbers of the samples in one of `tars`."""
        first, end = (int(place) for place in np.searchsorted(self.tar, (shard, shard + 1)))
        return range(first, end)

    def read(self, number: int) -> tuple[bytes, bytes]:
        """Return the contents of KEY.webp and KEY.json; they end early where the tar is cut short."""
        webp_start, webp_size, json_start, json_size = (int(value) for value in self.spans[number])
        # The two are neighbours in our shards: one read, a few hundred bytes of header included.
        start = min(webp_start, json_start)
        end = max(webp_start + webp_size, json_start + json_size)
        with self.tar_of(number).open("rb") as file:
            file.seek(start)
            data = memoryview(file.read(end - start))
        webp, record = data[webp_start - start :][:webp_size], data[json_start - start :][:json_size]
        return bytes(webp), bytes(record)

    def records(self) -> Iterator[bytes]:
        """Yield the contents of all KEY.json, in order, each read alone."""
        for shard, tar in enumerate(self.tars):
            numbers = self.samples_of(shard)
            if not numbers:
                continue
            # Unbuffered: what lies between them is a hundred times as long.
            with tar.open("rb", buffering=0) as file:
                for _, _, start, size in self.spans[numbers.start : numbers.stop].tolist():
                    file.seek(start)
                    yield file.read(size)


def read_index(folder: Path, *wanted: Wanted, shards: int | None = None) -> tuple[CorpusIndex, ...]:
    """Find samples of a corpus by its sidecars alone, which are read once, one at a time.

    Args:
        folder: of the corpus.
        wanted: which samples; each gives an index of its own, such as one to train on and one to validate on.
        shards: look at the first ones only; all if not given.

    Raises:
        ValueError: not a corpus, one of a newer format, a damaged sidecar, or a shard that isn't as long as its sidecar
            says; says which and what to do. A corpus without a wanted sample is not refused here.
    """
    tars: list[Path] = []
    digests: list[str] = []
    columns = [_Columns() for _ in wanted]
    for path in find_sidecars(folder)[:shards]:
        sidecar = parse_sidecar(path.read_bytes(), str(path))
        tar = path.with_suffix(".tar")
        _check_tar(tar, sidecar)
        for entry in sidecar.samples:
            span = _span(entry, path)
            for function, found in zip(wanted, columns, strict=True):
                if function(entry.source, entry.renderer):
                    found.tar.append(len(tars))
                    found.keys.append(entry.key.encode())
                    found.spans.append(span)
        tars.append(tar)
        digests.append(sidecar.sha256)
    return tuple(
        CorpusIndex(
            folder=folder,
            tars=tuple(tars),
            sha256=tuple(digests),
            tar=np.array(found.tar, np.int32),
            keys=np.array(found.keys, np.bytes_),
            spans=np.array(found.spans, np.int64).reshape(-1, 4),
        )
        for found in columns
    )


class _Columns:
    """Columns of an index while it is read."""

    def __init__(self) -> None:
        self.tar: list[int] = []
        self.keys: list[bytes] = []
        self.spans: list[tuple[int, int, int, int]] = []


def find_sidecars(folder: Path) -> list[Path]:
    """Return all sidecars of a corpus, by shard number: what has none doesn't exist.

    Raises:
        ValueError: not a corpus; says how to make one.
    """
    if not folder.is_dir():
        raise ValueError(f"corpus {folder} is not a folder; make one with `underpaint-data generate --out {folder}`")
    found = sidecar_paths(folder)
    if not found:
        raise ValueError(f"corpus {folder} holds no finished shard: there is no 000000.json in it")
    return found


def _span(entry: SampleEntry, path: Path) -> tuple[int, int, int, int]:
    try:
        return *entry.members["webp"], *entry.members["json"]
    except KeyError as error:
        raise ValueError(f"{path} is not a sidecar: sample {entry.key} has no {error}") from None


def _check_tar(tar: Path, sidecar: Sidecar) -> None:
    found = tar.stat().st_size if tar.is_file() else None
    if found != sidecar.bytes:
        state = "is missing" if found is None else f"has {found} bytes"
        raise ValueError(
            f"{tar} {state}, its sidecar says {sidecar.bytes} bytes: copy it again, or delete the sidecar and generate "
            "it anew"
        )
