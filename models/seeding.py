"""New weights from a seed of their own, leaving the global random state as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Whatever is drawn on the CPU inside comes from `seed`; afterwards nobody can tell that anything was.

    Not `torch.manual_seed`: that seeds the GPUs as well, and they wouldn't be set back.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
