"""Image -> painting process: `renderers.paint(image)` and what comes of it."""

from pathlib import Path

from renderers.target import choose_target, drop_stale_kernels, is_portable, kernel_target

# Before anything imports numba.
choose_target()
drop_stale_kernels(Path(__file__).parent)

from renderers.colour import parse_colour  # noqa: E402
from renderers.frames import SCHEDULES  # noqa: E402
from renderers.medium import QUALITIES, Medium, Painter  # noqa: E402
from renderers.metrics import psnr  # noqa: E402
from renderers.process import MIN_SIDE, Process, paint, warm_up  # noqa: E402
from renderers.program import Program  # noqa: E402
from renderers.registry import get_medium, names, options_class  # noqa: E402

__version__ = "0.1.0"

__all__ = [
    "MIN_SIDE",
    "QUALITIES",
    "SCHEDULES",
    "Medium",
    "Painter",
    "Process",
    "Program",
    "get_medium",
    "is_portable",
    "kernel_target",
    "names",
    "options_class",
    "paint",
    "parse_colour",
    "psnr",
    "warm_up",
]
