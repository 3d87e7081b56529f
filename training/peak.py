"""How much memory a computation takes at its height, found out on fake tensors."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class PeakMemory(TorchDispatchMode):
    """Notes what comes into being and what goes, while it is open as a context.

    Storages count, so views and what is done in place cost nothing. Works on fake tensors, whose storages are as large
    as real ones would be, in microseconds for each operation.

    Args:
        known: tensors that are there before, and don't count.
    """

    def __init__(self, known: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self._known = [tensor.untyped_storage() for tensor in known]
        self._alive = {storage._cdata for storage in self._known}
        self._numbers = count()
        self._changes: list[tuple[int, int]] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Do an operation, and note what it makes."""
        found = func(*args, **(kwargs or {}))
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

    def highest(self) -> int:
        """Return the most bytes that were in use at once, without those of tensors that are still there: results."""
        gone = {number for number, size in self._changes if size < 0}
        now = most = 0
        for number, size in self._changes:
            if number in gone:
                now += size
                most = max(most, now)
        return most
