from __future__ import annotations

import platform
import subprocess
import sys

import pytest

import underpaint
from underpaint.renderers import PAINTING_VERSION
from underpaint.versions import version_line


@pytest.mark.parametrize(
    "module", ["underpaint.datagen", "underpaint.training", "underpaint.pipelines", "underpaint.learn"]
)
def test_every_program_tells_its_version(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{version_line()}\n"


def test_everything_that_a_report_should_name(monkeypatch: pytest.MonkeyPatch) -> None:
    line = version_line()
    assert line.startswith(f"underpaint {underpaint.__version__} (painting {PAINTING_VERSION}, ")
    assert f"Python {platform.python_version()}, " in line


def test_torch_is_asked_for_but_not_imported() -> None:
    code = "import sys; from underpaint.versions import version_line as v; print(v(), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
    assert "torch" in done.stdout
