from __future__ import annotations

import json
from pathlib import Path

import pytest

from underpaint.renderers.vision import folders
from underpaint.renderers.vision.depth import DEPTH
from underpaint.renderers.vision.folders import check_folder, load_folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """What a depth model looks like from outside."""
    config = {"model_type": "dpt", "architectures": ["DPTForDepthEstimation"]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    (tmp_path / "preprocessor_config.json").write_text("{}")
    return tmp_path


def test_a_folder_of_the_right_kind_passes(model: Path) -> None:
    assert check_folder("depth", model, DEPTH) == "dpt"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", None, "has no config.json, so it is no model of transformers"),
        ("config.json", "{", "its config.json can't be read"),
        ("config.json", "[]", "its config.json can't be read"),
        (
            "config.json",
            '{"model_type": "vit"}',
            "holds a model of type vit, which is not for depth estimation",
        ),
        (
            "config.json",
            '{"model_type": "dpt", "architectures": ["DPTForSemanticSegmentation"]}',
            r"type dpt \(DPTForSemanticSegmentation\), which is not for",
        ),
        ("model.safetensors", None, r"has no weights in \*.safetensors"),
        ("preprocessor_config.json", None, "has no preprocessor_config.json"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_fix(model: Path, name: str, content: str | None, said: str) -> None:
    (model / name).unlink() if content is None else (model / name).write_text(content)
    with pytest.raises(ValueError, match=said) as told:
        check_folder("depth", model, DEPTH)
    assert "\n" not in str(told.value)
    assert "download" in str(told.value)


def test_a_folder_that_is_not_there(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ValueError, match=r"none does not exist.*hf download depth-anything"):
        check_folder("depth", tmp_path / "none", DEPTH)
    with pytest.raises(ValueError, match=r"config.json is a file"):
        check_folder("depth", model / "config.json", DEPTH)


def test_a_package_that_is_not_there(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "find_spec", lambda name: None if name == "transformers" else object())
    with pytest.raises(ValueError, match=r"depth needs transformers: pip install 'underpaint\[guides\]'"):
        check_folder("depth", model, DEPTH)


def test_an_unknown_device_is_told_first(model: Path) -> None:
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        load_folder("depth", model, DEPTH, "tpu", lambda transformers, kind: (None, None))
