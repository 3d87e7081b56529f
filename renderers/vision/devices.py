"""Where a network runs: the processor, or a CUDA device."""

from __future__ import annotations

import os
import re

_NAMES = re.compile(r"auto|cpu|cuda(:\d+)?")


def check_device(name: str) -> None:
    """Raise ValueError unless a device is `auto`, `cpu`, `cuda` or one of several, as `cuda:1`."""
    if not _NAMES.fullmatch(name):
        raise ValueError(f"unknown device {name!r}; use auto, cpu, cuda or cuda:1")


def chosen_device(name: str, *, has_cuda: bool, finder: str) -> str:
    """Return the device that `auto` stands for here, or the one that was asked for.

    Args:
        name: of the device, see `check_device`.
        has_cuda: whether the library finds a CUDA device.
        finder: of the library, for the message.

    Raises:
        ValueError: no such device.
    """
    check_device(name)
    if name == "auto":
        return "cuda" if has_cuda else "cpu"
    if name.startswith("cuda") and not has_cuda:
        raise ValueError(f"device is {name!r}, but {finder} finds no CUDA device; use auto or cpu")
    return name


def threads() -> int:
    """Return how many threads a network may use; 0 leaves it to the library. Workers share their machine's cores."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() else 0
