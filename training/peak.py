"""How much memory a computation takes at its height, and how much arithmetic, found out on fake tensors."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter
from torch.utils.flop_counter import flop_registry, sdpa_backward_flop_count, sdpa_flop_count

# How the operations of attention's kernels for CPUs are counted, and from how many of their arguments.
_ATTENTION: dict[Any, tuple[Callable[..., Any], int]] = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: (sdpa_flop_count, 3),
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: (sdpa_backward_flop_count, 4),
}


class PeakMemory(TorchDispatchMode):  # type: ignore[no-untyped-call, unused-ignore]
    """Notes what comes into being and what goes, while it is open as a context.

    Storages count, so views and what is done in place cost nothing. Works on fake tensors, whose storages are as large
    as real ones would be. (torch's FlopCounterMode, which follows the modules too, holds on to what checkpointing
    computes anew, and would seem to be the height.)

    Attributes:
        operations: floating-point operations so far, of products, convolutions and attention.

    Args:
        known: tensors that are there before, and don't count.
    """

    def __init__(self, known: Iterable[Tensor] = ()) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self._known = [tensor.untyped_storage() for tensor in known]
        self._alive = {storage._cdata for storage in self._known}
        self._numbers = count()
        self._changes: list[tuple[int, int]] = []
        self.operations = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Do an operation, and note what it makes."""
        found = func(*args, **(kwargs or {}))
        self.operations += _operations(func, args, kwargs or {}, found)
        for value in tree_iter(found):
            if isinstance(value, Tensor):
                self._note(value)
        return found

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._alive:
            return
        self._alive.add(key)
        number, size = next(self._numbers), storage.nbytes()
        self._changes.append((number, size))
        weakref.finalize(storage, self._gone, key, number, size)

    def _gone(self, key: int, number: int, size: int) -> None:
        self._alive.discard(key)
        self._changes.append((number, -size))

    def highest(self, *, results: bool) -> int:
        """Return the most bytes that were in use at once.

        Args:
            results: whether to count those of tensors that are still there, too.
        """
        gone = {number for number, size in self._changes if size < 0}
        now = most = 0
        for number, size in self._changes:
            if results or number in gone:
                now += size
                most = max(most, now)
        return most


def _operations(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], found: Any) -> int:
    packet = getattr(func, "_overloadpacket", None)
    # Torch's table has attention's kernels for GPUs, and not that of CPUs.
    if packet in _ATTENTION:
        count_attention, tensors = _ATTENTION[packet]
        return int(count_attention(*(tensor.shape for tensor in args[:tensors])))
    count_operations = flop_registry.get(packet)
    return int(count_operations(*args, **kwargs, out_val=found)) if count_operations else 0
