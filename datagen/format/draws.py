"""Chance as a function: what is drawn for a sample follows from the seed and the sample's position, from nothing else.

There is no generator whose state would have to be saved, so a run goes on from a step number alone, whatever the number
of processes and of loader workers.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def number(*names: int | str) -> int:
    """A stable hash of names and numbers, even over 0..2**63-1: a seed for torch, which takes no more bits."""
    digest = blake2b("\0".join(map(str, names)).encode("utf-8", "surrogateescape"), digest_size=8)
    return int.from_bytes(digest.digest(), "little") >> 1


def draw(*names: int | str) -> float:
    """A stable hash of names and numbers, even over [0, 1): `draw(seed, position, "flip")`.

    Each draw is named, so that one more of them leaves the others as they are.
    """
    return (number(*names) >> 10) / 2**53


def shuffled(count: int, *names: int | str) -> NDArray[np.int64]:
    """0..count-1 in an order that follows from the names: they are sorted by a hash of each, SplitMix64.

    A NumPy generator's permutation may change from one version to the next (NEP 19), and with it a resumed run.
    """
    state = np.uint64(number(*names)) + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.argsort(state ^ (state >> np.uint64(31)), kind="stable")


def validation_draw(source: str) -> float:
    """A stable hash of a picture's name, even over [0, 1): `split`, and training, hold out those below their share.

    The same in all corpora, media and runs, so no picture is ever on both sides.
    """
    return draw("validation", source)
