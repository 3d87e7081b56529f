"""What there is to compute on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from underpaint.datagen.jobs.pool import cores as usable_cores
from underpaint.experiments.learn.config import LearnConfig

_LIBRARIES = ("underpaint", "torch", "diffusers", "transformers", "peft", "numpy", "numba", "scikit-image")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where a chain runs.

    Attributes:
        device: `cpu` or `cuda`.
        processes: that train together.
        cores: that paint, and that sample on a CPU.
        precision: mixed precision of training: `bf16`, or `no` where the device has no instructions for it.
    """

    device: str
    processes: int
    cores: int
    precision: str = "bf16"


def find_machine(config: LearnConfig) -> Machine:
    """What the config asks for, or what there is.

    Raises:
        ValueError: a GPU is asked for that torch doesn't find.
    """
    import torch  # takes seconds

    from underpaint.training.hardware import quick_precision

    there = torch.cuda.is_available()
    if config.device == "cuda" and not there:
        raise ValueError("device is 'cuda', and torch finds no GPU here: give --device cpu, or auto")
    cores = usable_cores()
    if there and config.device != "cpu":
        return Machine(device="cuda", processes=1, cores=cores, precision=quick_precision("cuda"))
    processes = config.processes or min(2, cores)
    return Machine(device="cpu", processes=processes, cores=cores, precision=quick_precision("cpu"))


def describe(machine: Machine) -> list[tuple[str, str]]:
    """Names of the hardware and versions of what computes, for the page."""
    rows = [("machine", f"{_processor()}, {machine.cores} core{'s' * (machine.cores != 1)}")]
    if machine.device == "cuda":
        import torch

        rows.append(("GPU", torch.cuda.get_device_name()))
    else:
        rows.append(("training", f"{machine.processes} process{'es' * (machine.processes != 1)}, a thread each"))
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return [*rows, ("versions", f"Python {platform.python_version()}, {versions}")]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
