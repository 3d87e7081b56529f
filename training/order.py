"""Which sample comes when: an endless order, in which a position is all there is to know."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.draws import shuffled

# Two permutations of each group cover a batch over the end of an epoch; a third spares an odd access.
_KEPT = 3


class SampleOrder:
    """The sample at each position 0, 1, 2, … without end, a function of the seed.

    Without weights all samples are one group. Epoch e of a group is a permutation of it, drawn from (seed, e), and the
    epochs follow each other without a gap: each sample comes exactly once in each, none is dropped and none repeated to
    fill a batch. A batch over the end of an epoch holds the last samples of one and the first of the next.

    With weights each corpus is a group of its own, with epochs of its own, and the positions are dealt out evenly:
    after any number of them the first corpus is within one sample of its share, the second within two, and so on.

    Args:
        sizes: number of samples of each corpus; the samples are numbered through, corpus after corpus.
        seed: of the shuffling.
        weights: share of each corpus, in any unit; without them each has the share of its samples.

    Raises:
        ValueError: weights that don't fit the corpora; says which.
    """

    def __init__(self, sizes: Sequence[int], *, seed: int, weights: Sequence[float] = ()) -> None:
        check_weights(weights, len(sizes))
        assert all(size > 0 for size in sizes), f"empty corpora are refused when they are read: {sizes}"
        self.seed = seed
        self.sizes = tuple(sizes) if weights else (sum(sizes),)
        self._starts = tuple(sum(self.sizes[:group]) for group in range(len(self.sizes)))
        self._splits = _splits([Fraction(str(weight)) for weight in weights] or [Fraction(1)])
        self._remember()

    def __len__(self) -> int:
        """Samples in all: without weights, the length of an epoch."""
        return sum(self.sizes)

    def sample(self, position: int, later: int = 0) -> int:
        """Number of the sample at a position, or of one of those after it, which stand in for one that is damaged."""
        return self.in_group(*self.group(position + later))

    def group(self, position: int) -> tuple[int, int]:
        """Group that a position falls to, and how many positions before it did."""
        for group, share in enumerate(self._splits):
            before, after = int(position * share), int((position + 1) * share)
            if after > before:
                return group, before
            position -= before
        raise AssertionError("the last group takes all that is left")

    def in_group(self, group: int, turn: int) -> int:
        """Number of the sample that comes after `turn` others of its group."""
        epoch, place = divmod(turn, self.sizes[group])
        return self._starts[group] + int(self._permutation(group, epoch)[place])

    def _shuffle(self, group: int, epoch: int) -> NDArray[np.int64]:
        return shuffled(self.sizes[group], "order", self.seed, group, epoch)

    def __getstate__(self) -> dict[str, object]:
        """What a loader worker on another operating system is sent: all but the permutations."""
        return {name: value for name, value in self.__dict__.items() if not hasattr(value, "cache_info")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__ |= state
        self._remember()

    def _remember(self) -> None:
        """Keep the last permutations, here and in the copy that another process was sent."""
        self._permutation = lru_cache(maxsize=_KEPT * len(self.sizes))(self._shuffle)


def positions(step: int, *, batch: int, rank: int = 0, world: int = 1) -> range:
    """Positions of one process's batch at a step.

    Step s of all processes together covers s·world·batch to (s+1)·world·batch - 1, rank after rank. So no two processes
    see the same position, all have as many batches as they like, and 2 processes with batch 2 make up the step of
    1 process with batch 4.
    """
    start = (step * world + rank) * batch
    return range(start, start + batch)


def check_weights(weights: Sequence[float], corpora: int) -> None:
    """Raise ValueError unless there are no weights or one above 0 for each of the corpora."""
    if weights and len(weights) != corpora:
        raise ValueError(f"weights are {tuple(weights)} for {corpora} corpora: give one for each, or none")
    for weight in weights:
        if not 0 < weight < float("inf"):
            raise ValueError(f"weights are {tuple(weights)}: each must be above 0; leave out the corpus instead")


def _splits(weights: list[Fraction]) -> list[Fraction]:
    """Share of each group in what those before it left: the last takes it all. Exact, so that no position is lost."""
    return [weight / sum(weights[group:], Fraction(0)) for group, weight in enumerate(weights)]
