from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.light import run_without
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
        ({"max_upload": 0}, "max_upload is 0: use 0.1 to 1024"),
        ({"max_megapixels": 500}, "max_megapixels is 500: use"),
        ({"precision": "fp8"}, "precision is 'fp8': use"),
    ],
)
def test_mistakes(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AppConfig(**given)


@pytest.mark.parametrize(
    ("given", "local"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "::1"}, True),
        ({"share": True}, False),
        ({"host": "0.0.0.0"}, False),
        ({"host": "studio.example"}, False),
    ],
)
def test_who_is_let_in(given: dict[str, Any], local: bool) -> None:
    assert AppConfig(**given).is_local == local


def test_help_needs_neither_torch_nor_gradio() -> None:
    done = run_without({"torch", "diffusers", "gradio"}, "app", "--help")
    assert done.returncode == 0, done.stderr
    assert "--beta-schedule" in done.stdout
