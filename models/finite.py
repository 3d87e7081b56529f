"""Weights that are numbers: NaN and infinity are neither stored nor loaded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def first_non_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor that holds NaN or infinity; None if all are finite. Integers always are."""
    return next((name for name, value in tensors.items() if value.is_floating_point() and not _finite(value)), None)


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Return whether no number of some tensors of one device is NaN or infinity; waits for a GPU once, not for each."""
    largest = torch._foreach_norm([tensor.detach() for tensor in tensors], math.inf)
    return bool(torch.stack(largest).isfinite().all())


def _finite(value: Tensor) -> bool:
    # float8 has no isfinite of its own.
    return bool((value.float() if value.element_size() == 1 else value).isfinite().all())


def check_finite(tensors: Mapping[str, Tensor], where: str) -> None:
    """Raise ValueError if a tensor holds NaN or infinity, naming it and `where` it lies or was to go."""
    if (name := first_non_finite(tensors)) is not None:
        raise ValueError(f"{where}: {name} holds numbers that are not finite (NaN or infinity)")
