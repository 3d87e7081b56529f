"""Networks on their device, or in main memory until they are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from underpaint.models.weights import SAVED_IN
from underpaint.pipelines.settings import ComputeConfig, Precision


class DevicePlacement:
    """A device, and what is brought there when.

    Args:
        compute: names the device and the precision.

    Raises:
        ValueError: a device that torch doesn't find.
    """

    def __init__(self, compute: ComputeConfig) -> None:
        self.offload = compute.offload
        try:
            self.device = torch.device(compute.device or _best_device())
            torch.empty(0, device=self.device)
        # A build of torch without CUDA asserts.
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"device is {compute.device!r}, which torch can't use here: {reason}") from None
        self.precision: Precision = compute.precision or ("fp16" if self.device.type == "cuda" else "fp32")
        self.dtype = SAVED_IN[self.precision]

    def place(self, module: nn.Module, dtype: torch.dtype) -> None:
        """Bring a network to the device, or to main memory until it is wanted; it won't be trained any more."""
        # diffusers' own `to` warns of layers that must stay in float32, also where there are none.
        nn.Module.to(module, "cpu" if self.offload else self.device, dtype).requires_grad_(False)

    @contextmanager
    def using(self, *modules: nn.Module | None) -> Iterator[None]:
        """Have networks on the device for the time being."""
        if not self.offload:
            yield
            return
        wanted = [module for module in modules if module is not None]
        for module in wanted:
            nn.Module.to(module, self.device)
        try:
            yield
        finally:
            for module in wanted:
                nn.Module.to(module, "cpu")
            if self.device.type == "cuda":
                torch.cuda.empty_cache()


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
