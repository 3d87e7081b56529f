from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.cli import build_parser


def parsed(*arguments: str) -> AppConfig:
    values = build_parser().parse_args(["app", *arguments])["app"].as_dict()
    del values["config"]
    return AppConfig(**values)


def test_options() -> None:
    config = parsed("--models", "m", "--port", "8000", "--share", "false", "--fps", "4", "--device", "cpu", "--offload")
    assert config == AppConfig(models=Path("m"), port=8000, fps=4, device="cpu", offload=True)
    alone = parsed()
    assert (alone.host, alone.share) == ("127.0.0.1", False), "nobody else is let in unless asked for"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": 70_000}, "port is 70000: use 1 to 65535"),
        ({"fps": 60}, "fps is 60: use 0.1 to 25"),
        ({"precision": "fp8"}, "precision is 'fp8': use"),
    ],
)
def test_mistakes(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AppConfig(**given)


def test_help_needs_neither_torch_nor_gradio() -> None:
    script = (
        "import sys; from underpaint.pipelines.cli import main\n"
        "try: main(['app', '--help'])\n"
        "except SystemExit: assert not {'torch', 'diffusers', 'gradio'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--beta-schedule" in done.stdout
