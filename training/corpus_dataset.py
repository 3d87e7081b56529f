"""Corpora as PyTorch datasets, for training loops other than ours; they need torch, NumPy and Pillow only.

What they give is one dict a sample, see `ProcessDecoder`. Frames of a corpus of `--aspect square` are all of one size;
of others, batches need a transform that makes them so, or `collate_samples`, which leaves as a list what doesn't stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from underpaint.datagen.format.decoding import ProcessDecoder
from underpaint.datagen.format.draws import shuffled
from underpaint.datagen.format.index import CorpusIndex, Wanted, read_index

Decoded = dict[str, Any]
Transform = Callable[[Decoded], Any]


class CorpusDataset(Dataset[Any]):
    """The samples of a local corpus by number: what a `DataLoader` with any sampler takes.

    An index is read from the sidecars once, and shared by the workers; a sample is one read from its shard.

        dataset = CorpusDataset("corpus", ProcessDecoder(frames=16))
        loader = DataLoader(dataset, batch_size=4, shuffle=True, num_workers=2)

    Args:
        folder: of the corpus.
        decode: what is taken from a sample.
        wanted: asked with the source and the renderer of each sample whether to take it; all if not given.
        transform: what to do with each decoded sample.

    Raises:
        ValueError: not a corpus, a damaged sidecar, no wanted sample; while reading, a damaged sample, by its key.
    """

    def __init__(
        self,
        folder: Path | str,
        decode: ProcessDecoder | None = None,
        *,
        wanted: Wanted | None = None,
        transform: Transform | None = None,
    ) -> None:
        self.index = _index(folder, wanted)
        self._decode, self._transform = decode or ProcessDecoder(), transform

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, number: int) -> Any:
        """Return one sample, decoded and transformed."""
        if not 0 <= number < len(self):
            raise IndexError(f"sample {number} of {len(self)}")
        return _read(self.index, number, self._decode, self._transform)


class CorpusStream(IterableDataset[Any]):
    """The samples of a local corpus shard by shard, for disks that like to be read from one end to the other.

    Shards are dealt out to the processes and their workers, so these have different numbers of samples: in distributed
    training use `CorpusDataset` with a `DistributedSampler`, or end each epoch after a number of steps.

    Args:
        folder, decode, wanted, transform: as of `CorpusDataset`.
        seed: shuffle the shards, and the samples within each, another way in each epoch; None keeps the corpus' order.
        rank: number of this process.
        world: number of processes.

    Raises:
        ValueError: as `CorpusDataset`.
    """

    def __init__(
        self,
        folder: Path | str,
        decode: ProcessDecoder | None = None,
        *,
        wanted: Wanted | None = None,
        transform: Transform | None = None,
        seed: int | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.index = _index(folder, wanted)
        self._decode, self._transform = decode or ProcessDecoder(), transform
        self._seed, self._rank, self._world = seed, rank, world
        # Shared, so that workers that live on (`persistent_workers`) see the next epoch.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next, before the loader is iterated; it decides the order."""
        self._epoch.fill_(epoch)

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        workers, worker = (info.num_workers, info.id) if info else (1, 0)
        shards = self._order(len(self.index.tars), "shards")
        for shard in shards[self._rank * workers + worker :: self._world * workers]:
            numbers = self.index.samples_of(shard)
            for place in self._order(len(numbers), shard):
                yield _read(self.index, numbers[place], self._decode, self._transform)

    def _order(self, count: int, what: int | str) -> list[int]:
        if self._seed is None:
            return list(range(count))
        return [int(place) for place in shuffled(count, "stream", self._seed, int(self._epoch), what)]


def collate_samples(samples: Sequence[Decoded]) -> dict[str, Any]:
    """Make a batch of decoded samples: arrays of one shape become a tensor, everything else a list.

    Programs, which differ in their number of strokes, and canvases of several shapes so come through a `DataLoader`.
    """
    return {name: _together([sample[name] for sample in samples]) for name in samples[0]}


def _together(values: list[Any]) -> Any:
    arrays = all(isinstance(value, np.ndarray) for value in values)
    if arrays and len({value.shape for value in values}) == 1:
        return torch.from_numpy(np.stack(values))
    return values


def _index(folder: Path | str, wanted: Wanted | None) -> CorpusIndex:
    (index,) = read_index(Path(folder), wanted or (lambda source, renderer: True))
    if not len(index):
        raise ValueError(f"corpus {folder} holds no sample that is wanted: see `underpaint-data inspect {folder}`")
    return index


def _read(index: CorpusIndex, number: int, decode: ProcessDecoder, transform: Transform | None) -> Any:
    try:
        sample = decode({"__key__": index.key(number), **index.members(number)})
    except ValueError as error:
        raise ValueError(f"{index.tar_of(number)}: {error}; `underpaint-data verify` finds all that are") from error
    return sample if transform is None else transform(sample)
