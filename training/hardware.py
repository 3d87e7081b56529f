"""How much of the machine a run uses."""

from __future__ import annotations

import sys

import torch

# Dense 16-bit operations per second, from the makers' data sheets.
_PEAK = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12, "L4": 121e12}


class Hardware:
    """Memory, and on a known GPU the share of its arithmetic that the model uses (MFU, Chowdhery et al. 2022).

    Args:
        device: that is computed on.
        precision: of the run; MFU is told for 16 bits only.
        operations: of the network for one sample, forward and backward, if known.
    """

    def __init__(self, device: torch.device, precision: str, operations: float | None) -> None:
        self._device = device
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
        peaks = [peak for key, peak in _PEAK.items() if key in name.replace("-", " ").split()]
        self._peak = peaks[0] if peaks and precision != "no" else None
        self._operations = operations

    def values(self, samples_per_second: float, processes: int) -> dict[str, float]:
        """Highest memory so far in GiB, and MFU.

        Args:
            samples_per_second: of all processes.
            processes: how many there are, each with a GPU.
        """
        if self._device.type != "cuda":
            return _main_memory()
        found = {"memory_gib": torch.cuda.max_memory_allocated(self._device) / 2**30}
        if self._peak and self._operations:
            found["mfu"] = self._operations * samples_per_second / processes / self._peak
        return found


def _main_memory() -> dict[str, float]:
    """Highest memory of this process so far in GiB, where the operating system tells."""
    if sys.platform == "win32":
        return {}
    import resource  # Windows has none

    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 2**10
    return {"memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30}
