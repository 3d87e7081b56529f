"""Paths and hub ids are told apart without asking the hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.hub import check_source, looks_local


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
    with pytest.raises(ValueError, match=r"file is a file: give something"):
        check_source("base", str(tmp_path / "file"), "something")


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a folder nor a hub id"):
        check_source("base", "owner/a model", "something")
