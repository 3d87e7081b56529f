"""Pairs of 64-bit hashes that differ in few bits, without comparing all with all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BITS = 64
# Rows of a bucket that are compared at once: 8 MB for the differences.
_ROWS = 1 << 20


def near_pairs(hashes: NDArray[np.uint64], distance: int) -> Iterator[tuple[int, int]]:
    """Yield all (i, j), i < j, whose hashes differ in at most `distance` bits, each once, in ascending order.

    Cut into `distance` + 1 bands, two such hashes are equal in at least one (the pigeonhole principle), so only hashes
    that share a band are compared. For n even hashes that takes about n² (d + 1) / 2 ^ (1 + 64 / (d + 1)) comparisons:
    for a million and 6 bits about 6 · 10⁹, a minute.

    Args:
        hashes: uint64 (n,), all different.
        distance: 0 to 63.
    """
    assert 0 <= distance < BITS
    found: list[NDArray[np.int64]] = []
    edges = np.linspace(0, BITS, distance + 2).astype(int)
    for low, high in pairwise(edges):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order], prepend=~band[order][:1], append=~band[order][-1:]))
        for start, end in pairwise(starts):
            if end - start > 1:
                found += _within(hashes, order[start:end], distance)
    pairs = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), np.int64)
    yield from ((int(one), int(other)) for one, other in pairs)


def _within(hashes: NDArray[np.uint64], bucket: NDArray[np.int64], distance: int) -> list[NDArray[np.int64]]:
    """Return the pairs of one bucket, (m, 2) each, block by block."""
    rows, pairs = max(1, _ROWS // len(bucket)), []
    for start in range(0, len(bucket), rows):
        block = bucket[start : start + rows]
        near = _ones(hashes[block][:, None] ^ hashes[bucket][None]) <= distance
        one, other = np.nonzero(near)
        pair = np.stack([block[one], bucket[other]], axis=1)
        pairs.append(pair[pair[:, 0] < pair[:, 1]])
    return pairs


def _ones(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Count the ones in each word, in pairs, fours and bytes at once; NumPy has `bitwise_count` only from 2.0 on."""
    twos, fours, bytes_ = (np.uint64(mask) for mask in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F))
    words = words - ((words >> np.uint64(1)) & twos)
    words = (words & fours) + ((words >> np.uint64(2)) & fours)
    words = (words + (words >> np.uint64(4))) & bytes_
    counts: NDArray[np.uint64] = (words * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return counts
