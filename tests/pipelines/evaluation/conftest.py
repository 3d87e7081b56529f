"""Corpora that the tests of evaluation share; made by datagen, read by their format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.datagen.helpers import quietly, synthetic
from underpaint.datagen.config import GenerateConfig

# A picture takes milliseconds.
SMALL = {"size": 48, "strokes": 24, "frames": 5, "quality": "draft", "shard_size": 2, "workers": 0}


def paint(folder: Path, count: int, **changes: object) -> Path:
    """A corpus of synthetic pictures p0.png, p1.png, ..., which lie in `pictures` beside it."""
    source = folder / "pictures"
    source.mkdir(parents=True)
    for number in range(count):
        synthetic(number).save(source / f"p{number}.png")
    config = GenerateConfig(**({"source": str(source), "out": folder / "corpus"} | SMALL | changes))
    assert quietly(config).complete
    return config.out


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 pictures in `bezier` and `oil`, 5 frames of 48 px; not to be changed."""
    return paint(tmp_path_factory.mktemp("evaluation"), 3, renderer="bezier,oil")


@pytest.fixture(scope="session")
def with_targets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 2 of these pictures in `oil`, 4 frames of 32 px, and their targets; not to be changed."""
    return paint(tmp_path_factory.mktemp("targets"), 2, renderer="oil", size=32, frames=4, store_target=True)
