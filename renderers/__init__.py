"""Image -> painting process: `renderers.paint(image)` and what comes of it."""

from pathlib import Path

from underpaint.renderers.target import choose_cache, choose_target, drop_stale_kernels, is_portable, kernel_target

# Before anything imports numba.
choose_target()
choose_cache(Path(__file__).parent)
drop_stale_kernels(Path(__file__).parent)

from underpaint.renderers.colour import parse_colour  # noqa: E402
from underpaint.renderers.frames import SCHEDULES  # noqa: E402
from underpaint.renderers.limits import (  # noqa: E402
    MAX_STROKES,
    MIN_SIDE,
    QUALITIES,
    check_canvas,
    check_frames,
    check_quality,
    check_seed,
    check_strokes,
)
from underpaint.renderers.medium import Medium, Painter  # noqa: E402
from underpaint.renderers.metrics import psnr  # noqa: E402
from underpaint.renderers.process import Process, paint, warm_up  # noqa: E402
from underpaint.renderers.program import ProgramData  # noqa: E402
from underpaint.renderers.registry import get_medium, names, options_class  # noqa: E402
from underpaint.renderers.replay import Program  # noqa: E402

# The release that last changed what is painted: equal versions paint equal bytes, whatever else has changed.
PAINTING_VERSION = "0.2.0"

__all__ = [
    "MAX_STROKES",
    "MIN_SIDE",
    "PAINTING_VERSION",
    "QUALITIES",
    "SCHEDULES",
    "Medium",
    "Painter",
    "Process",
    "Program",
    "ProgramData",
    "check_canvas",
    "check_frames",
    "check_quality",
    "check_seed",
    "check_strokes",
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
