"""Corpora as a map from positions to samples."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import accumulate, count

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from underpaint.datagen.format.index import CorpusIndex
from underpaint.training.batch import Loaded, empty_frames
from underpaint.training.bucket_order import BucketOrder
from underpaint.training.buckets import Buckets
from underpaint.training.data_config import DataConfig
from underpaint.training.order import SampleOrder
from underpaint.training.sample import BadSample, TrainingSample, make_sample

# A corpus in which so many in a row are damaged isn't worth training on.
_MAX_SKIPPED = 100
# Loads the sample of a number in a corpus, with what is drawn for a position: also where it stands in for another.
Load = Callable[[CorpusIndex, int, int], TrainingSample]


class Paintings(Dataset[Loaded]):
    """The samples at any positions of an endless order.

    Each depends on its position and on the config alone, so any process may ask for any of them.

    Args:
        corpora: where the samples are.
        order: of the samples of all corpora, numbered through.
        buckets: which of the samples are trained in which shape.
        config: what is taken from a sample.
        training: whether captions are dropped.
    """

    def __init__(
        self,
        corpora: Sequence[CorpusIndex],
        *,
        order: SampleOrder,
        buckets: Buckets,
        config: DataConfig,
        training: bool,
    ) -> None:
        self.corpora = tuple(corpora)
        self.order, self.buckets, self.config, self.training = order, buckets, config, training
        self._ends = tuple(accumulate(len(corpus) for corpus in corpora))
        assert self._ends[-1] == len(order), "an order of other corpora"

    def in_batches(self, batch: int) -> Paintings:
        """Return the same samples in an order whose batches hold one bucket each, or themselves if there is but one."""
        if len(self.buckets.shapes) == 1:
            return self
        found = copy(self)
        found.order = BucketOrder(
            [len(corpus) for corpus in self.corpora],
            self.buckets.of,
            batch=batch,
            seed=self.order.seed,
            weights=self.config.weights,
        )
        return found

    def bucket_at(self, position: int) -> int:
        """Return the bucket of the sample at a position, by its place among those that occur."""
        return int(self.buckets.of[self.order.sample(position)])

    def __getitem__(self, positions: Sequence[int]) -> Loaded:
        """The samples at some positions of one bucket; with `on_bad_sample` "skip" the next sound one for a bad one.

        Raises:
            BadSample: one is damaged and isn't to be skipped, or a hundred are in a row.
            OSError: a shard can't be read.
        """
        frames = empty_frames(len(positions), self.config.frames, self.buckets.loaded[self.bucket_at(positions[0])])
        pairs = zip(positions, frames.numpy(), strict=True)
        return frames, [self.sound_sample(position, partial(self.decode, out=out)) for position, out in pairs]

    def sound_sample(self, position: int, load: Load) -> TrainingSample:
        """Load the sample at a position, or the next sound one of its bucket in its place."""
        skipped: list[str] = []
        bucket = self.bucket_at(position)
        for later in count():
            number = self.order.sample(position, later)
            if self.buckets.of[number] != bucket:
                continue
            group = bisect_right(self._ends, number)
            corpus = self.corpora[group]
            try:
                sample = load(corpus, number - self._ends[group] + len(corpus), position)
                return replace(sample, skipped=tuple(skipped))
            except BadSample as bad:
                if self.config.on_bad_sample == "stop" or len(skipped) == _MAX_SKIPPED:
                    raise
                skipped.append(str(bad))
        raise AssertionError("the sample itself comes again and again")

    def decode(self, corpus: CorpusIndex, number: int, position: int, *, out: NDArray[np.uint8]) -> TrainingSample:
        """Load a sample; its frames are written to `out`, uint8 (F, H, W, 3)."""
        frames, record = corpus.read(number)
        return make_sample(
            corpus.key(number),
            str(corpus.tar_of(number)),
            frames,
            record,
            position=position,
            shape=self.buckets.shapes[self.bucket_at(position)],
            out=out,
            config=self.config,
            training=self.training,
        )
