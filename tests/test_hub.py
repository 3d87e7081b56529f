"""Paths and hub ids are told apart without asking the hub."""

from __future__ import annotations

import io
import shlex
import socket
import time
from pathlib import Path

import pytest

from underpaint.hub import check_hub, check_pickle, check_source, looks_local


@pytest.mark.parametrize("name", ["owner/model", "runwayml/stable-diffusion-v1-5", "guoyww/animatediff-motion.1"])
def test_a_hub_id_may_be_asked_for(name: str) -> None:
    assert not looks_local(name)
    check_source("base", name, "something")


@pytest.mark.parametrize(
    "name",
    [
        "nothere",
        "./x",
        "../x/y",
        "/x/y",
        "~/x",
        "~",
        "x/",
        "/",
        "a/b/c",
        "here/nothere",
        "C:/x",
        r"a\b/c",
        "a//b",
        "runs/x",
        "a/b.safetensors",
        "a/b.ckpt",
    ],
)
def test_what_looks_local_is_local(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    assert looks_local(name)
    if name != "/":
        with pytest.raises(ValueError, match=r"base .* does not exist: give something"):
            check_source("base", name, "something")


def test_what_is_there_is_a_folder_or_refused(tmp_path: Path) -> None:
    check_source("base", str(tmp_path), "something")
    (tmp_path / "file").write_text("")
    (tmp_path / "file.safetensors").write_text("")
    check_source("base", str(tmp_path / "file.safetensors"), "something")
    with pytest.raises(ValueError, match="is a file: give something"):
        check_source("base", str(tmp_path / "file.safetensors"), "something", files=False)
    with pytest.raises(ValueError, match=r"file is a file: give something"):
        check_source("base", str(tmp_path / "file"), "something")


def test_the_command_that_converts_a_pickle_takes_any_name() -> None:
    with pytest.raises(ValueError, match=r"is a pickle") as error:
        check_pickle(Path("my model (v1).ckpt"))
    assert shlex.split(str(error.value))[-2:] == ["my model (v1).ckpt", "my model (v1).safetensors"]


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a folder nor a hub id"):
        check_source("base", "owner/a model", "something")


def test_a_hub_that_is_not_reached_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    for proxy in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.lower(), raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")  # nobody listens there
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"owner/model is neither here nor to be had from the hub: http.*:1 can't be"):
        check_hub(None, "nano", str(tmp_path), "owner/model")
    assert time.monotonic() - began < 2
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(socket, "create_connection", lambda place, timeout: asked.append(place) or io.BytesIO())
    for address in ("http://mirror", "https://mirror", "http://mirror:8080"):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        check_hub("owner/model")
    assert asked == [("mirror", 80), ("mirror", 443), ("mirror", 8080)]
    (tmp_path / "models--owner--model").mkdir()  # downloaded before
    check_hub("owner/model")
