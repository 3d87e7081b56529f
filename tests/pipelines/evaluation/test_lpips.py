from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")

from safetensors.torch import save_file  # noqa: E402

from tests.pipelines.evaluation.canvases import noise, sheets  # noqa: E402
from tests.pipelines.evaluation.networks import features, linear, save_lpips  # noqa: E402
from underpaint.pipelines.evaluation.lpips import CHANNELS, SLICES, Lpips  # noqa: E402


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory: pytest.TempPathFactory) -> Lpips:
    return Lpips(*save_lpips(tmp_path_factory.mktemp("alexnet"), "alexnet"), "cpu")


def by_hand(name: str, a: np.ndarray, b: np.ndarray) -> float:
    """Equation 1 of the paper, layer by layer in NumPy."""
    layers, weights, total = features(name), linear(name), 0.0
    shift, scale = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
    for number, end in enumerate(SLICES[name]):
        units = []
        for picture in (a, b):
            scaled = ((picture / 255 * 2 - 1) - shift) / scale
            with torch.no_grad():
                found = layers[:end](torch.from_numpy(scaled.transpose(2, 0, 1)[None]).float())[0].double().numpy()
            units.append(found / (np.linalg.norm(found, axis=0) + 1e-10))
        line = weights[f"lin{number}.model.1.weight"][0, :, 0, 0].double().numpy()
        total += (((units[0] - units[1]) ** 2) * line[:, None, None]).sum(axis=0).mean()
    return float(total)


@pytest.mark.parametrize("name", ["alexnet", "vgg16"])
def test_distance_is_the_paper_s(tmp_path: Path, name: str) -> None:
    lpips = Lpips(*save_lpips(tmp_path, name), "cpu")
    assert lpips.name == name
    a, b = noise(0, 2, size=(40, 64))
    assert lpips.distance(a, b) == pytest.approx(by_hand(name, a, b), rel=1e-4)


def test_equal_pictures_are_at_no_distance(alexnet: Lpips) -> None:
    a, b = noise(1, 2, size=(48, 48))
    assert alexnet.distance(a, a) == 0
    assert alexnet.distance(a, b) == pytest.approx(alexnet.distance(b, a))
    assert alexnet.distance(a, b) > 0


def test_the_map_is_large_where_pictures_differ(alexnet: Lpips) -> None:
    a = noise(2, 1, size=(96, 96))[0]
    b = a.copy()
    b[:32, :32] = 255 - b[:32, :32]
    difference = alexnet.difference(a, b)
    assert difference.shape == (96, 96)
    assert difference[:32, :32].mean() > 5 * difference[64:, 64:].mean()


def test_it_is_that_of_its_authors(tmp_path: Path) -> None:
    theirs = pytest.importorskip("lpips")
    from pathlib import Path as Folder

    shipped = Folder(theirs.__file__).parent / "weights" / "v0.1" / "alex.pth"
    _, backbone = save_lpips(tmp_path, "alexnet")
    a, b = noise(3, 2, size=(64, 80))
    pair = [torch.from_numpy(p.copy()).permute(2, 0, 1)[None] / 127.5 - 1 for p in (a, b)]
    for spatial in (False, True):
        network = theirs.LPIPS(net="alex", pnet_rand=True, spatial=spatial, model_path=str(shipped), verbose=False)
        for number, layer in features("alexnet").named_children():
            for part in range(1, 6):
                slice_ = getattr(network.net, f"slice{part}")
                if number in dict(slice_.named_children()):
                    getattr(slice_, number).load_state_dict(layer.state_dict())
        with torch.no_grad():
            value = network(*pair)
        ours = Lpips(shipped, backbone, "cpu")
        if spatial:
            assert ours.difference(a, b) == pytest.approx(value[0, 0].numpy(), abs=1e-5)
        else:
            assert ours.distance(a, b) == pytest.approx(float(value), abs=1e-5)


def test_what_must_fail(alexnet: Lpips, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="LPIPS needs pictures of 32 px"):
        alexnet.distance(*sheets(0, 1, size=(20, 64)))
    lines, backbone = save_lpips(tmp_path, "alexnet")
    with pytest.raises(ValueError, match="doesn't hold LPIPS's linear layers"):
        Lpips(backbone, backbone, "cpu")
    with pytest.raises(ValueError, match="doesn't hold torchvision's alexnet"):
        Lpips(lines, lines, "cpu")
    odd = {key: value[:, :7].contiguous() for key, value in linear("alexnet").items()}
    save_file(odd, tmp_path / "odd.safetensors")
    with pytest.raises(ValueError, match="neither AlexNet's nor VGG-16's"):
        Lpips(tmp_path / "odd.safetensors", backbone, "cpu")
    assert set(CHANNELS) == set(SLICES)
