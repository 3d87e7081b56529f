from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.models.places import check_place, is_local


def test_what_looks_local_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for name in ("./a", "/a/b", "~/a", "a/b/c", "a/", "mine/b", "mine", "runs/base", "a/b.safetensors"):
        assert is_local(name), name
    for name in ("owner/model", "nano", "runwayml/stable-diffusion-v1-5"):
        assert not is_local(name), name


def test_places_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "file").touch()
    check_place("base", "mine")
    check_place("base", "owner/model")
    for name, message in (("mine/x", "does not exist"), ("file", "is a file"), ("x y", "nor a hub id")):
        with pytest.raises(ValueError, match=message):
            check_place("base", name)
