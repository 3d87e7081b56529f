"""What the tests of training share besides fixtures."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import torch

from underpaint.training.batch import Batch
from underpaint.training.loader import Batches


def take(batches: Batches, count: int) -> list[Batch]:
    return list(islice(batches, count))


def keys(batches: list[Batch]) -> list[str]:
    return [key for batch in batches for key in batch.keys]


def assert_equal(one: Batch, two: Batch) -> None:
    for name in ("frames", "indices", "stored", "draws", "positions"):
        assert torch.equal(getattr(one, name), getattr(two, name)), name
    assert (one.keys, one.captions, one.skipped) == (two.keys, two.captions, two.skipped)


def damage(corpus: Path, key: str, extension: str = "webp") -> str:
    """Overwrite a member of a sample with zeros; return the name of its shard."""
    for sidecar in sorted(corpus.glob("[0-9]*.json")):
        for entry in json.loads(sidecar.read_bytes())["samples"]:
            if entry["key"] == key:
                offset, size = entry["members"][extension]
                tar = sidecar.with_suffix(".tar")
                data = bytearray(tar.read_bytes())
                data[offset : offset + size] = bytes(size)
                tar.write_bytes(data)
                return tar.name
    raise KeyError(key)
