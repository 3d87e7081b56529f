"""Which processor the kernels are compiled for, and when their cache is out of date.

By default numba compiles for the processor it runs on: fastest, and the same picture and seed give the same program on
every machine of that kind. A processor of another kind sums in another order and may fit slightly different strokes.
With UNDERPAINT_PORTABLE=1 in the environment kernels are compiled for x86-64-v3 (AVX2 and FMA: server processors since
about 2015), and programs are the same on all of those that have the same C library and library versions; it takes half
as long again where there is AVX-512. Replaying a program gives the same bytes everywhere, either way.

One exception: numpy picks its own code by processor, whatever numba does, and `ink` takes a power of its tones. Where
only some machines have AVX-512, its programs are the same on all of them once numpy's AVX-512 code is switched off as
well, before it is imported, by NPY_DISABLE_CPU_FEATURES (`numpy.show_config()` lists the names).
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

PORTABLE = "UNDERPAINT_PORTABLE"

_BASELINE = "x86-64-v3"
_BASELINE_FEATURES = ("avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe")


def is_portable() -> bool:
    """Return whether the environment asks for portable kernels."""
    return os.environ.get(PORTABLE, "0") not in ("", "0")


def choose_target() -> None:
    """Tell numba which processor to compile for; it reads that once, when it is first imported.

    Raises:
        ValueError: if portable kernels are wanted and numba is loaded already, or this processor can't run them.
    """
    # Without the features numba would add whatever else the host can do to the named processor.
    baseline = {"NUMBA_CPU_NAME": _BASELINE, "NUMBA_CPU_FEATURES": ",".join(f"+{name}" for name in _BASELINE_FEATURES)}
    if not is_portable() or baseline.items() <= os.environ.items():
        return
    if "NUMBA_CPU_NAME" in os.environ:
        raise ValueError(
            f"{PORTABLE}=1 and NUMBA_CPU_NAME={os.environ['NUMBA_CPU_NAME']} exclude each other: unset one"
        )
    if "numba" in sys.modules:
        raise ValueError(f"{PORTABLE}=1 must be set before numba is imported; import renderers first")
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    missing = [name for name in _BASELINE_FEATURES if not features.get(name, False)]
    if missing:
        raise ValueError(f"{PORTABLE}=1 needs a processor with {', '.join(missing)}; unset it on this machine")
    os.environ.update(baseline)


def kernel_target() -> str:
    """Return the processor that kernels are compiled for, as LLVM names it, such as `znver4` or `x86-64-v3`."""
    if "NUMBA_CPU_NAME" in os.environ:
        return os.environ["NUMBA_CPU_NAME"]
    import llvmlite.binding as llvm

    return str(llvm.get_host_cpu_name())


def choose_cache(package: Path) -> None:
    """Give numba a folder for compiled kernels where it would end in an error, as it can write to none of its own.

    That is so for a package that another user has installed, in a process without a home, as batch systems have them.
    """
    if sys.platform != "linux":
        return
    # Not of pathlib, which raises where there is no home.
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    own = (os.environ.get("NUMBA_CACHE_DIR"), str(package), user)
    if any(_can_be_made(Path(folder).absolute()) for folder in own if folder):
        return
    folder = Path(tempfile.gettempdir()) / f"underpaint-kernels-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():  # what is loaded from there is run
        raise ValueError(f"{folder} is another user's: set NUMBA_CACHE_DIR to a folder for compiled kernels")
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def _can_be_made(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def drop_stale_kernels(folder: Path) -> None:
    """Delete the cache indices in `folder` and below that are older than any of the sources there.

    numba renews a kernel's cache when its own file changes, but not when a file changes whose functions it inlined: an
    edit of one module would leave others running the old code.
    """
    newest = max(source.stat().st_mtime for source in folder.rglob("*.py"))
    for index in folder.rglob("__pycache__/*.nbi"):
        # Another process may be doing the same, or the folder may be read-only (then nobody edits the sources).
        with contextlib.suppress(OSError):
            if index.stat().st_mtime < newest:
                index.unlink()
