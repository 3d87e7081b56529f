"""Files of weights, read without running anything that is in them."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from underpaint.models.finite import check_finite
from underpaint.models.weights import one_line


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a .safetensors, or of a .pth that torch saved, by name; on the CPU.

    Raises:
        ValueError: not there, damaged, something else than tensors, or numbers that aren't finite.
    """
    if not path.is_file():
        raise ValueError(f"weights {path} don't exist: give the file")
    try:
        if path.suffix.lower() == ".safetensors":
            content = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch's reader raise anything, IndexError included
        raise ValueError(f"{path} holds no weights that can be read safely: {one_line(error)}") from error
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ValueError(f"{path} holds something else than tensors by name")
    check_finite(content, str(path))
    return content


def on(device: str) -> str:
    """Return the device of torch that `auto` stands for, or the one that was asked for.

    Raises:
        ValueError: torch doesn't have it.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device is {device!r}: {str(error).splitlines()[0]}") from error
    return device
