"""What the benchmarks share: the pictures, CPU time, and the machine's name."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

SHARED = Path(__file__).resolve().parents[2] / "shared"
STANDARD = ("astronaut", "coffee", "chelsea", "china", "flower")

Result = TypeVar("Result")


def standard_pictures(side: int) -> dict[str, npt.NDArray[np.uint8]]:
    """The five benchmark pictures by name, uint8 (side, side, 3)."""
    folder = SHARED / "images" / "standard"
    if not folder.is_dir():
        raise SystemExit(f"this benchmark needs its pictures in {folder}")
    return {name: np.asarray(Image.open(folder / f"{name}_{side}.png").convert("RGB")) for name in STANDARD}


def cpu_seconds(function: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds that one call takes in this process, and what it returns."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def peak_memory(process: str = "self") -> float:
    """Peak resident memory of a process (its number, or `self`) in MiB, as Linux counts it since the last exec."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def machine() -> str:
    """The processor's name, for the heading of a table."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
