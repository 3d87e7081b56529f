"""Bytes of small paintings in every medium, and the version they belong to: what guards `PAINTING_VERSION`.

`python -m tests.renderers.golden` renews golden.json. Nothing else may write it.

Two kinds of bytes are kept. Programs that are written down here replay to the same bytes on every machine, whatever is
installed. Fits are the same on every processor (portable kernels, and numpy and OpenBLAS held to the same processor as
these), but only with the same libraries: with others their bytes say nothing, so their PSNR is compared instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")
_ROOT = Path(__file__).parents[2]
# What compiles, computes and resizes.
_LIBRARIES = ("numpy", "scipy", "scikit-image", "numba", "llvmlite", "pillow")
# Renderer, quality and options of each fit.
_FITS: dict[str, dict[str, Any]] = {
    "bezier": {"renderer": "bezier"},
    "oil": {"renderer": "oil"},
    "bezier, error": {"renderer": "bezier", "manner": "error"},
    "oil, error": {"renderer": "oil", "manner": "error"},
    "pencil": {"renderer": "pencil"},
    "illustration": {"renderer": "illustration"},
    "ink": {"renderer": "ink", "colour": 0.7},
    "region": {"renderer": "region"},
    "region, bezier": {"renderer": "region", "fill": "bezier", "quality": "draft"},
}


def environment() -> dict[str, str]:
    """Return what fits depend on besides the code: the versions of libraries."""
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {**versions, "libc": " ".join(platform.libc_ver())}


def measure() -> dict[str, Any]:
    """Paint everything in a process with portable kernels.

    Returns:
        `version`; `replays`, name -> hash; `fits`, name -> hash and PSNR.

    Raises:
        subprocess.CalledProcessError: this processor can't run portable kernels, or painting failed.
    """
    # Of numpy's and OpenBLAS's own kernels, those for the processors that all portable kernels are for.
    settings = {"UNDERPAINT_PORTABLE": "1", "OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "1"}
    settings["NPY_DISABLE_CPU_FEATURES"] = " ".join(_wide_features())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CPU")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.renderers.golden", "--print"],
        cwd=_ROOT,
        env=kept | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _wide_features() -> list[str]:
    """The dispatched features of numpy beyond AVX2 that this processor has."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if name.startswith(("AVX512", "X86_V4")) and __cpu_features__[name]]


def _paint_everything() -> dict[str, Any]:
    from tests.pictures import load_picture
    from underpaint import renderers

    # Scaled down by a whole factor, so that no filter of Pillow's has a say.
    picture = load_picture("astronaut")[::8, ::6].copy()
    fits = {}
    for name, options in _FITS.items():
        process = renderers.paint(picture, **{"strokes": 60, "quality": "standard", "seed": 7, **options})
        # By error: which schedule is a medium's own says nothing of what is painted.
        digest = _digest(process.program.strokes, process.frames(4, "error"))
        fits[name] = {"hash": digest, "psnr": round(min(process.psnr(), 99.0), 2)}
    return {"version": renderers.PAINTING_VERSION, "replays": _replays(), "fits": fits}


def _replays() -> dict[str, str]:
    import numpy as np

    from underpaint.renderers import Program
    from underpaint.renderers.ink.surface import INK_COLUMNS
    from underpaint.renderers.oil.paint import OIL_COLUMNS
    from underpaint.renderers.strokes.columns import COLUMNS

    arrays: dict[str, dict[str, Any]] = {
        "bezier": {},
        "oil": {"impasto": np.array(0.5, np.float32)},
        "ink": {"texture": np.array(0.5, np.float32)},
    }
    limits = {"cx": (0, 64), "cy": (0, 48), "theta": (-7, 7), "length": (5, 40), "bow": (-1, 1), "edge": (0, 6)}
    limits |= {"r0": (1, 6), "r1": (1, 6)}
    replays = {}
    for medium, columns in (("bezier", COLUMNS), ("oil", OIL_COLUMNS), ("ink", INK_COLUMNS)):
        strokes = np.zeros((30, len(columns)), np.float32)
        for j, name in enumerate(columns):
            low, high = limits.get(name, (0, 1))
            # Scattered numbers; sixteenths are exact in float32.
            scattered = (np.arange(30) * (37 + 2 * j) + 11 * j) % 97 / 97
            strokes[:, j] = np.minimum(np.round(scattered * (high - low) * 16) / 16 + low, high * 0.9375)
        program = Program(
            medium=medium,
            size=(48, 64),
            ground=np.array([0.75, 0.625, 0.5], np.float32),
            strokes=strokes,
            columns=columns,
            arrays=arrays[medium],
        )
        replays[medium] = _digest(program.replay(strokes=15), program.replay(), program.replay(size=96))
    return replays


def _digest(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()[:32]


def renew() -> None:
    """Write golden.json anew.

    Raises:
        SystemExit: the bytes changed with the code alone, and the version did not.
    """
    new, libraries = measure(), environment()
    if FILE.exists():
        old = json.loads(FILE.read_text())
        same_libraries = old["environment"] == libraries
        changed = old["replays"] != new["replays"] or (same_libraries and old["fits"] != new["fits"])
        if changed and old["version"] == new["version"]:
            raise SystemExit(
                f"what is painted has changed since version {old['version']}: raise PAINTING_VERSION in "
                "renderers/__init__.py first"
            )
    FILE.write_text(json.dumps({"environment": libraries, **new}, indent=2) + "\n")
    print(f"wrote {FILE}: version {new['version']}")


if __name__ == "__main__":
    if "--print" in sys.argv:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            painted = _paint_everything()
        print(json.dumps(painted))
    else:
        renew()
