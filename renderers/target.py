"""Which instruction set the kernels are compiled for, and when their cache is out of date.

Left alone, numba compiles for the processor it runs on, and a sum over a tile comes out differently on a machine with
wider vectors: the same picture would get other strokes on another node. So on x86 all kernels are compiled for
x86-64-v3 (AVX2 and FMA: every server processor since about 2015). It costs 5-10 % on processors with AVX-512, and one
kernel cache serves a whole cluster. A NUMBA_CPU_NAME from the environment is respected.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from pathlib import Path

_BASELINE = "x86-64-v3"
_BASELINE_FEATURES = ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe")


def pin_target() -> None:
    """Set numba's target before its first import; does nothing if numba is loaded or the processor lacks AVX2."""
    if platform.machine().lower() not in ("x86_64", "amd64") or "numba" in sys.modules:
        return
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    if all(features.get(name, False) for name in _BASELINE_FEATURES):
        os.environ.setdefault("NUMBA_CPU_NAME", _BASELINE)


def drop_stale_kernels(folder: Path) -> None:
    """Delete the cache indices beside the sources in `folder` that are older than any of these sources.

    numba renews a kernel's cache when its own file changes, but not when a file changes whose functions it inlined: an
    edit of one module would leave others running the old code.
    """
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    for index in (folder / "__pycache__").glob("*.nbi"):
        # Another process may be doing the same, or the folder may be read-only (then nobody edits the sources).
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if index.stat().st_mtime < newest:
                index.unlink()
