import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import pytest

from underpaint.renderers.target import PORTABLE, choose_cache, drop_stale_kernels

ROOT = Path(__file__).parents[2]
X86 = platform.machine().lower() in ("x86_64", "amd64")
WIDE = X86 and llvm.get_host_cpu_features().get("avx512f", False)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", PORTABLE))}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def result(code: str, **environment: str) -> Any:
    done = run(f"import json, os; from underpaint import renderers; print(json.dumps({code}))", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- the processor that kernels are compiled for


def test_by_default_kernels_are_compiled_for_this_processor() -> None:
    found = result("[os.environ.get('NUMBA_CPU_NAME'), renderers.is_portable(), renderers.kernel_target()]")
    assert found == [None, False, llvm.get_host_cpu_name()]


def test_a_processor_named_by_the_user_is_respected() -> None:
    assert result("renderers.kernel_target()", NUMBA_CPU_NAME="generic") == "generic"


@pytest.mark.skipif(not X86, reason="portable kernels are for x86")
def test_portable_kernels_are_compiled_for_the_baseline() -> None:
    found = result(
        "[__import__('numba').config.CPU_NAME, __import__('numba').config.CPU_FEATURES, renderers.kernel_target()]",
        **{PORTABLE: "1"},
    )
    assert found[0] == found[2] == "x86-64-v3"
    assert "+avx2" in found[1]
    assert "avx512" not in found[1]


@pytest.mark.skipif(not WIDE, reason="only a processor with AVX-512 could go beyond the baseline")
def test_portable_kernels_use_nothing_beyond_the_baseline(tmp_path: Path) -> None:
    """numba adds the host's features to the processor it is told to compile for, unless it is told those too."""
    code = (
        "import json; from underpaint.renderers.strokes import columns, kernels; import numpy as np\n"
        "from underpaint.renderers.strokes.tiles import make_grid, blank_tiles\n"
        "grid = make_grid(16, 16); canvas = blank_tiles(grid, np.ones(3, np.float32))\n"
        "kernels.paint_strokes(canvas, grid.x_TP, grid.y_TP, np.ones((1, len(columns.COLUMNS)), np.float32))\n"
        "print(json.dumps(any('%zmm' in text for text in kernels.paint_strokes.inspect_asm().values())))"
    )
    done = run(code, NUMBA_CACHE_DIR=str(tmp_path), **{PORTABLE: "1"})
    assert json.loads(done.stdout) is False, done.stderr


@pytest.mark.parametrize("value", ["0", ""])
def test_portable_can_be_switched_off(value: str) -> None:
    assert result("[renderers.is_portable(), os.environ.get('NUMBA_CPU_NAME')]", **{PORTABLE: value}) == [False, None]


@pytest.mark.skipif(not X86, reason="portable kernels are for x86")
def test_portable_is_refused_once_numba_is_loaded() -> None:
    """Silently going on would make programs that other machines can't repeat."""
    done = run("import numba; from underpaint import renderers", **{PORTABLE: "1"})
    assert done.returncode != 0
    assert "before numba is imported" in done.stderr


@pytest.mark.skipif(not X86, reason="portable kernels are for x86")
def test_children_of_a_portable_process_are_portable_too() -> None:
    found = result(
        "json.loads(__import__('subprocess').check_output([__import__('sys').executable, '-c', "
        "'import json, numba; from underpaint import renderers; "
        "print(json.dumps([renderers.is_portable(), numba.config.CPU_FEATURES]))']))",
        **{PORTABLE: "1"},
    )
    assert found[0] is True
    assert "+avx2" in found[1]


# --- the kernel cache


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Two sources, written at 1000 s and 2000 s, with their caches."""
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    times = {"old.py": 1000, "new.py": 2000}
    caches = {"old.before.nbi": 1500, "old.after.nbi": 2500, "old.before.1.nbc": 1500, "old.cpython.pyc": 1500}
    for folder, files in ((tmp_path, times), (cache, caches)):
        for name, seconds in files.items():
            (folder / name).write_text("")
            os.utime(folder / name, (seconds, seconds))
    return tmp_path


def left(package: Path) -> set[str]:
    return {path.name for path in (package / "__pycache__").iterdir()}


def test_indices_older_than_any_source_are_dropped_and_nothing_else(package: Path) -> None:
    drop_stale_kernels(package)
    assert left(package) == {"old.after.nbi", "old.before.1.nbc", "old.cpython.pyc"}


def test_nothing_is_dropped_while_all_are_newer(package: Path) -> None:
    os.utime(package / "new.py", (900, 900))
    before = left(package)
    drop_stale_kernels(package)
    assert left(package) == before


def test_a_package_without_a_cache_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    drop_stale_kernels(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


def test_an_index_that_vanishes_meanwhile_is_no_error(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = Path.unlink

    def vanish(path: Path, missing_ok: bool = False) -> None:
        unlink(path)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", vanish)
    drop_stale_kernels(package)
    assert "old.before.nbi" not in left(package)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every process has a home")
def test_kernels_are_kept_in_a_temporary_folder_where_there_is_no_other(tmp_path: Path, monkeypatch: Any) -> None:
    package, nowhere = tmp_path / "package", "/proc/self/nowhere"
    package.mkdir()
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    choose_cache(package)
    assert os.environ["NUMBA_CACHE_DIR"] == nowhere
    choose_cache(Path(nowhere))
    folder = tmp_path / f"underpaint-kernels-{os.getuid()}"
    assert os.environ["NUMBA_CACHE_DIR"] == str(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("NUMBA_CACHE_DIR", nowhere)
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    (tmp_path / f"underpaint-kernels-{os.getuid()}").mkdir()
    with pytest.raises(ValueError, match="is another user's: set NUMBA_CACHE_DIR"):
        choose_cache(Path(nowhere))
