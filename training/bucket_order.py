"""Which sample comes when where a batch may hold one bucket only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.draws import shuffled
from underpaint.training.order import SampleOrder


class BucketOrder(SampleOrder):
    """An order whose positions 0..b-1, b..2b-1, ... are batches of b samples of one bucket, a function of the seed.

    Each bucket has an endless order of its own, as in `SampleOrder`: one permutation of its samples after the other.
    Epoch e takes as many whole batches of each bucket as its e + 1 permutations fill and earlier epochs haven't taken,
    and shuffles the batches of all buckets. The samples that fill no batch, fewer than b of each bucket, are the first
    of the next epoch: none is dropped, none is repeated, and all batches are of equal size. A batch over the end of a
    bucket's permutation holds the last samples of one and the first of the next.

    With weights the batches are dealt out to the corpora as `SampleOrder` deals out samples, each corpus has epochs of
    its own, and no batch holds samples of two corpora.

    Args:
        sizes: number of samples of each corpus; the samples are numbered through, corpus after corpus.
        buckets: (n,), the bucket of each sample.
        batch: samples of a batch.
        seed: of the shuffling.
        weights: share of each corpus, in any unit; without them all samples are one pool.

    Raises:
        ValueError: weights that don't fit the corpora; says which.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        buckets: NDArray[np.uint8],
        *,
        batch: int,
        seed: int,
        weights: Sequence[float] = (),
    ) -> None:
        super().__init__(sizes, seed=seed, weights=weights)
        assert len(buckets) == len(self), f"{len(buckets)} buckets of {len(self)} samples"
        self.batch = batch
        corpora = np.arange(len(self.sizes))
        pair = np.repeat(corpora, self.sizes) * 256 + buckets
        # The samples, those of a corpus and a bucket together.
        self._members = np.argsort(pair, kind="stable")
        pairs, counts = np.unique(pair, return_counts=True)
        # For each corpus, which of the pairs of corpus and bucket are its own.
        self._pairs = [np.flatnonzero(pairs // 256 == corpus).tolist() for corpus in corpora]
        self._counts = counts.tolist()
        # What is dealt out here is batches: only the orders within the pairs are asked for.
        self._within = SampleOrder(self._counts, seed=seed, weights=self._counts)

    def sample(self, position: int, later: int = 0) -> int:
        """Number of the sample at a position, or of one of those that come after it in its bucket."""
        batch, place = divmod(position, self.batch)
        pair, turn = self._find(batch)
        return int(self._members[self._within.in_group(pair, turn * self.batch + place + later)])

    def _locate(self, batch: int) -> tuple[int, int]:
        """Pair of corpus and bucket that a batch holds, and how many batches of the pair come before it."""
        group, turn = self.group(batch)
        # Of each pair less than a batch is left over, so that many epochs hold more than `turn` batches.
        epochs = (turn + len(self._pairs[group])) * self.batch // self.sizes[group] + 2
        epoch = bisect_right(range(epochs), turn, key=lambda epoch: sum(self._before(group, epoch))) - 1
        before = self._before(group, epoch)
        slot = int(self._shuffled(group, epoch)[turn - sum(before)])
        for pair, first, end in zip(self._pairs[group], before, self._before(group, epoch + 1), strict=True):
            if slot < end - first:
                return pair, first + slot
            slot -= end - first
        raise AssertionError("an epoch has as many places as batches")

    def _before(self, group: int, epoch: int) -> list[int]:
        """How many batches of each of a corpus' pairs come before an epoch."""
        return [epoch * self._counts[pair] // self.batch for pair in self._pairs[group]]

    def _shuffle_batches(self, group: int, epoch: int) -> NDArray[np.int64]:
        count = sum(self._before(group, epoch + 1)) - sum(self._before(group, epoch))
        return shuffled(count, "batches", self.seed, group, epoch)

    def _remember(self) -> None:
        super()._remember()
        self._find = lru_cache(maxsize=4)(self._locate)
        # A training step asks for one epoch; ranks and workers look a little ahead.
        self._shuffled = lru_cache(maxsize=2 * len(self.sizes))(self._shuffle_batches)
