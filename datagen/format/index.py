"""An index of a corpus: where the samples that are wanted lie, as columns, and their bytes without unpacking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tarfile import BLOCKSIZE

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.frames import Stored, frame_members, numbered_name
from underpaint.datagen.format.sidecar import SampleEntry, Sidecar, parse_sidecar, sidecar_paths
from underpaint.datagen.format.tar import split_members

# Asked with the source and the renderer of a sample, whether it is wanted.
Wanted = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True)
class CorpusIndex:
    """Places of samples of one corpus, as columns: a million of them take about 90 MB, which loader workers share.

    Attributes:
        folder: of the corpus.
        tars: its shards.
        sha256: of each shard, in hex.
        tar: int32 (n,), which of `tars` each sample is in, rising.
        keys: UTF-8 (n,), the samples' keys.
        spans: int64 (n, 4), offset and size in the tar of the member that holds the frames, then of KEY.json. Of frames
            in several members, their part of the tar, headers included.
        files: int32 (n,), how many members hold the frames.
        samples: int64 (n, 2), offset and size of the whole sample, headers included.
    """

    folder: Path
    tars: tuple[Path, ...]
    sha256: tuple[str, ...]
    tar: NDArray[np.int32]
    keys: NDArray[np.bytes_]
    spans: NDArray[np.int64]
    files: NDArray[np.int32]
    samples: NDArray[np.int64]

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

    def read(self, number: int) -> tuple[Stored, bytes]:
        """Return the stored frames, as `decode_frames` takes them, and KEY.json.

        They end early where the tar is cut short; a picture of a sequence that is gone is empty.
        """
        frames_start, frames_size, json_start, json_size = (int(value) for value in self.spans[number])
        # The two are neighbours in our shards: one read, a few hundred bytes of header included.
        start = min(frames_start, json_start)
        end = max(frames_start + frames_size, json_start + json_size)
        data = memoryview(self._part(number, start, end - start))
        frames, record = (
            bytes(data[frames_start - start :][:frames_size]),
            bytes(data[json_start - start :][:json_size]),
        )
        count = int(self.files[number])
        if count == 1:
            return frames, record
        members = split_members(frames)
        return [members.get(numbered_name(frame), b"") for frame in range(count)], record

    def members(self, number: int) -> dict[str, bytes]:
        """Return all of a sample in one read: extension -> content; what the tar no longer holds is missing."""
        offset, size = (int(value) for value in self.samples[number])
        return split_members(self._part(number, offset, size))

    def _part(self, number: int, start: int, size: int) -> bytes:
        with self.tar_of(number).open("rb") as file:
            file.seek(start)
            return file.read(size)

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
            span, files = _span(entry, path)
            for function, found in zip(wanted, columns, strict=True):
                if function(entry.source, entry.renderer):
                    found.tar.append(len(tars))
                    found.keys.append(entry.key.encode())
                    found.spans.append(span)
                    found.files.append(files)
                    found.samples.append((entry.offset, entry.bytes))
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
            files=np.array(found.files, np.int32),
            samples=np.array(found.samples, np.int64).reshape(-1, 2),
        )
        for found in columns
    )


class _Columns:
    """Columns of an index while it is read."""

    def __init__(self) -> None:
        self.tar: list[int] = []
        self.keys: list[bytes] = []
        self.spans: list[tuple[int, int, int, int]] = []
        self.files: list[int] = []
        self.samples: list[tuple[int, int]] = []


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


def _span(entry: SampleEntry, path: Path) -> tuple[tuple[int, int, int, int], int]:
    """Return the row of `CorpusIndex.spans`, and how many members hold the frames."""
    try:
        names, record = frame_members(entry.members), entry.members["json"]
    except KeyError as error:
        raise ValueError(f"{path} is not a sidecar: sample {entry.key} has no {error}") from None
    except ValueError as error:
        raise ValueError(f"{path} is not a sidecar: of sample {entry.key}: {error}") from None
    offset, size = entry.members[names[0]]
    if len(names) > 1:
        last, last_size = entry.members[names[-1]]
        offset -= BLOCKSIZE  # the first one's header
        size = -(-(last + last_size - offset) // BLOCKSIZE) * BLOCKSIZE
    return (offset, size, *record), len(names)


def _check_tar(tar: Path, sidecar: Sidecar) -> None:
    found = tar.stat().st_size if tar.is_file() else None
    if found != sidecar.bytes:
        state = "is missing" if found is None else f"has {found} bytes"
        raise ValueError(
            f"{tar} {state}, its sidecar says {sidecar.bytes} bytes: copy it again, or delete the sidecar and generate "
            "it anew"
        )
