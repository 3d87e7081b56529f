"""Reading corpora by their format (docs/format.md): the place of every sample, and its bytes, without unpacking."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT_VERSION = 1  # of the corpora that this program reads

# Asked with the source and the renderer of a sample, whether it is wanted.
Wanted = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Samples of one corpus, as columns: a million of them take about 70 MB, which loader workers share.

    Attributes:
        folder: of the corpus.
        tars: its shards.
        tar: int32 (n,), which of `tars` each sample is in.
        keys: UTF-8 (n,), the samples' keys.
        spans: int64 (n, 4), offset and size of KEY.webp, then of KEY.json, in the tar.
    """

    folder: Path
    tars: tuple[Path, ...]
    tar: NDArray[np.int32]
    keys: NDArray[np.bytes_]
    spans: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, number: int) -> str:
        """Key of a sample."""
        return bytes(self.keys[number]).decode()

    def tar_of(self, number: int) -> Path:
        """Shard that holds a sample."""
        return self.tars[int(self.tar[number])]

    def read(self, number: int) -> tuple[bytes, bytes]:
        """Contents of KEY.webp and KEY.json; they are shorter than they should be where the tar is cut short."""
        webp_start, webp_size, json_start, json_size = (int(value) for value in self.spans[number])
        # The two are neighbours in our shards: one read, a few hundred bytes of header included.
        start = min(webp_start, json_start)
        end = max(webp_start + webp_size, json_start + json_size)
        with self.tar_of(number).open("rb") as file:
            file.seek(start)
            data = memoryview(file.read(end - start))
        webp, record = data[webp_start - start :][:webp_size], data[json_start - start :][:json_size]
        return bytes(webp), bytes(record)


def read_corpus(folder: Path, wanted: Wanted) -> Corpus:
    """Find the wanted samples of a corpus, by its sidecars alone.

    Raises:
        ValueError: not a corpus, one of a newer format, a damaged sidecar, or a shard that isn't as long as its sidecar
            says; says which and what to do. A corpus without a wanted sample is not refused here.
    """
    paths = _sidecars(folder)
    tars, tar, keys, spans = [], [], [], []
    for number, path in enumerate(paths):
        tars.append(path.with_suffix(".tar"))
        for entry in _read_sidecar(path):
            source, renderer, key, span = entry
            if wanted(source, renderer):
                tar.append(number)
                keys.append(key.encode())
                spans.append(span)
    return Corpus(
        folder=folder,
        tars=tuple(tars),
        tar=np.array(tar, np.int32),
        keys=np.array(keys, np.bytes_),
        spans=np.array(spans, np.int64).reshape(-1, 4),
    )


def _sidecars(folder: Path) -> list[Path]:
    """All sidecars, by shard number: what has none doesn't exist."""
    if not folder.is_dir():
        raise ValueError(f"corpus {folder} is not a folder; make one with `underpaint-data generate --out {folder}`")
    found = [path for path in folder.glob("[0-9]*.json") if path.stem.isdigit()]
    if not found:
        raise ValueError(f"corpus {folder} holds no finished shard: there is no 000000.json in it")
    return sorted(found, key=lambda path: int(path.stem))


def _read_sidecar(path: Path) -> Iterator[tuple[str, str, str, tuple[int, int, int, int]]]:
    """Source, renderer, key and span of every sample of a shard."""
    try:
        record = json.loads(path.read_bytes())
        version = record["format"]
        entries = [_entry(entry) for entry in record["samples"]] if version == FORMAT_VERSION else []
        size = int(record["bytes"]) if version == FORMAT_VERSION else 0
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is not a sidecar: {type(error).__name__}: {error}") from None
    if version != FORMAT_VERSION:
        raise ValueError(f"{path} has format {version!r}, this program reads {FORMAT_VERSION}: update it")
    _check_tar(path.with_suffix(".tar"), size)
    yield from entries


def _entry(entry: dict[str, Any]) -> tuple[str, str, str, tuple[int, int, int, int]]:
    key, members = str(entry["key"]), entry["members"]
    # The key ends with the renderer, and older corpora say it nowhere else.
    renderer = str(entry.get("renderer", key.rpartition("-")[2]))
    (webp_start, webp_size), (json_start, json_size) = members["webp"], members["json"]
    return str(entry["source"]), renderer, key, (int(webp_start), int(webp_size), int(json_start), int(json_size))


def _check_tar(tar: Path, size: int) -> None:
    found = tar.stat().st_size if tar.is_file() else None
    if found != size:
        state = "is missing" if found is None else f"has {found} bytes"
        raise ValueError(
            f"{tar} {state}, its sidecar says {size} bytes: copy it again, or delete the sidecar and generate it anew"
        )
