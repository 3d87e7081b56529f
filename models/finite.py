"""Numbers that are none: NaN and infinity among weights, found before they are used, stored or averaged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def first_non_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor that holds NaN or infinity, or None; of integers none does."""
    return next((name for name, tensor in tensors.items() if not _finite(tensor)), None)


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Return whether no number of some tensors of one device is NaN or infinity; waits for a GPU once, not for each."""
    return bool(finite_flag(tensors))


def finite_flag(tensors: Iterable[Tensor]) -> Tensor:
    """Return what `all_finite` does, bool () on the tensors' device, without waiting for a GPU."""
    largest = torch._foreach_norm([tensor.detach() for tensor in tensors], math.inf)
    return torch.stack(largest).isfinite().all()


def check_finite(tensors: Mapping[str, Tensor], where: str) -> None:
    """Raise ValueError if a tensor holds NaN or infinity, naming it and `where`, a file or folder."""
    if (name := first_non_finite(tensors)) is not None:
        hint = "; fp16 ends at 65504, bf16 and fp32 go on" if tensors[name].dtype == torch.float16 else ""
        raise ValueError(f"{where} holds numbers that are not finite (NaN or infinity) in {name}{hint}")


@torch.no_grad()
def _finite(tensor: Tensor) -> bool:
    if tensor.numel() == 0 or not (tensor.is_floating_point() or tensor.is_complex()):
        return True
    # Torch compares no 8-bit floats; those fit in float32.
    wide = tensor.float() if tensor.is_floating_point() and tensor.element_size() == 1 else tensor
    return bool(torch.isfinite(wide).all())
