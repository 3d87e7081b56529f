from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.renderers.vision.models import save_onnx
from underpaint.renderers.vision import salient
from underpaint.renderers.vision.salient import BIREFNET, ISNET, ISNET_ANIME, U2NET, Family, salient_objects


@pytest.fixture
def halves() -> npt.NDArray[np.uint8]:
    """Dark on the left, red on the right."""
    picture = np.full((24, 48, 3), 51, np.uint8)
    picture[:, 24:, 0] = 255
    return picture


def sides(picture: npt.NDArray[np.uint8], model: Path) -> tuple[float, float]:
    found = salient_objects(picture, model, device="cpu")
    assert (found.shape, found.dtype) == (picture.shape[:2], np.float32)
    return float(found[12, 6]), float(found[12, 42])


def expected(family: Family, gain: float = 1.0) -> tuple[float, float]:
    left, right = (1 / (1 + np.exp(-gain * (value - family.mean[0]) / family.std[0])) for value in (51 / 255, 1.0))
    return (0.0, 1.0) if family.stretched else (float(left), float(right))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("u2net.onnx", {"outputs": 7}),
        ("isnet-general-use.onnx", {}),
        ("BiRefNet_lite.onnx", {}),
        ("BiRefNet_lite.onnx", {"ends_early": True, "gain": 3.0}),
        ("birefnet.onnx", {"side": "any"}),
    ],
)
def test_networks_see_a_picture_as_their_family_does(
    halves: npt.NDArray[np.uint8], tmp_path: Path, name: str, settings: dict[str, Any]
) -> None:
    model = save_onnx(tmp_path / name, **settings)
    family = BIREFNET if name.lower().startswith("birefnet") else U2NET
    # Lanczos overshoots a little at the step.
    assert sides(halves, model) == pytest.approx(expected(family, settings.get("gain", 1.0)), abs=0.02)


@pytest.mark.parametrize(
    ("name", "side", "outputs", "family"),
    [
        ("a.onnx", 320, 1, U2NET),
        ("a.onnx", 1024, 12, ISNET),
        ("a.onnx", 1024, 1, BIREFNET),
        ("u2netp.onnx", 1024, 1, U2NET),
        ("isnet-anime.onnx", 320, 1, ISNET_ANIME),
        ("RMBG-1.4.onnx", 320, 1, ISNET),
        ("BiRefNet-DIS.onnx", 320, 1, BIREFNET),
    ],
)
def test_the_family_is_told_from_the_name_or_the_graph(name: str, side: int, outputs: int, family: Family) -> None:
    assert salient._family("saliency", Path(name), [1, 3, side, side], outputs) is family


def test_where_nothing_stands_out_noise_is_not_stretched(halves: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    model = save_onnx(tmp_path / "u2net.onnx", gain=-3.0)
    halves[..., 0] = 250  # which the network takes for background
    halves[:, 24:, 0] = 255
    assert max(sides(halves, model)) < 0.01


def test_another_file_of_the_same_name_is_another_network(halves: npt.NDArray[np.uint8], tmp_path: Path) -> None:
    first = sides(halves, save_onnx(tmp_path / "birefnet.onnx"))
    assert sides(halves, save_onnx(tmp_path / "birefnet.onnx", gain=-1.0)) == pytest.approx(first[::-1], abs=0.5)
    assert sides(halves, tmp_path / "birefnet.onnx")[1] < 0.2 < first[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.onnx", None, "saliency .*none.onnx does not exist: give a U2-Net"),
        ("model.pth", b"x", "model.pth is no .onnx file"),
        ("u2net.onnx", b"no network", "u2net.onnx can't be loaded: .*give a U2-Net"),
        ("u2net.onnx", {"channels": 3}, "makes .* not a map of a picture"),
        ("net.onnx", {"side": 256}, "may be anything: rename it after its family"),
    ],
)
def test_what_is_no_such_network_is_one_line(tmp_path: Path, name: str, content: Any, said: str) -> None:
    if isinstance(content, dict):
        save_onnx(tmp_path / name, **content)
    elif content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=said) as told:
        salient_objects(np.zeros((16, 16, 3), np.uint8), tmp_path / name, device="cpu")
    assert "\n" not in str(told.value)


def test_a_device_or_package_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, picture = save_onnx(tmp_path / "u2net.onnx"), np.zeros((16, 16, 3), np.uint8)
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(ValueError, match=r"onnxruntime-gpu has it.*use auto or cpu"):
        salient_objects(picture, model, device="cuda")
    monkeypatch.setattr(salient, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=re.escape("saliency needs onnxruntime: pip install 'underpaint[onnx]'")):
        salient_objects(picture, model)
