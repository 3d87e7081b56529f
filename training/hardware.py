"""How a run uses the machine, and how much of it."""

from __future__ import annotations

import sys

import torch
from torch import Tensor, nn

from underpaint.training.config import MixedPrecision, TrainConfig

# Dense 16-bit operations per second with sums in float32, from the makers' data sheets. The first that fits counts: a
# PCIe card is slower than what else bears its name.
_PEAK = {
    ("B200",): 2250e12, ("GB200",): 2500e12, ("H200",): 989e12, ("H100", "PCIe"): 756e12, ("H100", "NVL"): 835e12,
    ("GH200",): 989e12, ("H100",): 989e12, ("A100",): 312e12, ("A800",): 312e12, ("A40",): 150e12, ("A10G",): 70e12,
    ("A10",): 125e12, ("A6000",): 155e12, ("RTX", "6000", "Ada"): 364e12, ("L40S",): 362e12, ("L40",): 181e12,
    ("L4",): 121e12, ("V100",): 125e12, ("T4",): 65e12, ("5090",): 209e12, ("5080",): 113e12, ("4090",): 165e12,
    ("4080",): 97e12, ("3090",): 71e12, ("3080",): 59e12,
}  # fmt: skip


def quick_precision(device: str | None = None) -> MixedPrecision:
    """Return `bf16` where a device has instructions for it, `no` where it would only pretend to.

    A processor without them (x86 without AVX-512, say) takes up to thirty times as long for it as for float32.

    Args:
        device: `cpu` or `cuda`; a GPU if there is one, if not given.
    """
    if (device or ("cuda" if torch.cuda.is_available() else "cpu")) == "cuda":
        there = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        # What decides whether oneDNN computes a product or convolution, or a plain loop does.
        mkldnn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call, unused-ignore]
        there = mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return "bf16" if there else "no"


def prepare(config: TrainConfig) -> None:
    """Let a GPU compute float32 products in TF32 where that is allowed, and try which convolution is fastest.

    Under autocast little is left in float32, none of it the sum of a loss: there it is always allowed.
    """
    quick = config.allow_tf32 or config.mixed_precision != "no"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = quick
    # Shapes come again at every step, or are those of a few buckets.
    torch.backends.cudnn.benchmark = True


def caches_casts(config: TrainConfig) -> bool:
    """Return whether autocast keeps the 16-bit copies of weights until a forward pass ends.

    Where activations are computed anew, so are the copies: kept, they would be all weights that train once more.
    """
    return not config.gradient_checkpointing


def lay_out(network: nn.Module, config: TrainConfig) -> None:
    """Put kernels of a network that don't train channels last, as tensor cores of a GPU take them in 16 bits."""
    if config.mixed_precision == "no" or not torch.cuda.is_available():
        return
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and not part.weight.requires_grad:
            part.weight.data = part.weight.data.contiguous(memory_format=torch.channels_last)


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor of main memory on a device; a GPU isn't waited for, as plain `to` does."""
    if device.type != "cuda" or tensor.device == device:
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


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
        words = set(name.replace("-", " ").split())
        peaks = [peak for key, peak in _PEAK.items() if words.issuperset(key)]
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
