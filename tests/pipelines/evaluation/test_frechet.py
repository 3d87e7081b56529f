from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")

from safetensors.torch import load_file, save_file  # noqa: E402

from tests.pipelines.evaluation.canvases import noise  # noqa: E402
from tests.pipelines.evaluation.networks import save_inception  # noqa: E402
from underpaint.pipelines.evaluation.frechet import Inception, frechet_distance  # noqa: E402


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_inception(tmp_path_factory.mktemp("inception") / "inception.safetensors")


@given(st.integers(0, 500), st.integers(3, 12), st.integers(3, 12), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_distance_agrees_with_the_matrix_root(seed: int, ours: int, theirs: int, size: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(ours, size)), random.normal(0.5, 2, size=(theirs, size))
    sa, sb = np.cov(a, rowvar=False).reshape(size, size), np.cov(b, rowvar=False).reshape(size, size)
    root = np.real(sqrtm(sa @ sb))
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(sa + sb - 2 * root)
    # The matrix root of a singular matrix is inexact; ours isn't.
    assert frechet_distance(a, b) == pytest.approx(expected, abs=1e-5)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_distance_of_known_gaussians() -> None:
    spread = np.array([[-1.0], [1.0]])
    assert frechet_distance(spread, spread + 3) == pytest.approx(9)
    # Deviations √2 and 2√2: (√2)² = 2.
    assert frechet_distance(spread, 2 * spread) == pytest.approx(2)


def test_one_picture_is_no_set() -> None:
    with pytest.raises(ValueError, match="1 is no set"):
        frechet_distance(np.zeros((1, 4)), np.zeros((5, 4)))


def test_features_differ_from_torchvision_s_own_network_by_pooling_alone(weights: Path) -> None:
    picture = noise(0, 1, size=(64, 48))[0]
    features = Inception(weights, "cpu").features(picture)
    assert features.shape == (2048,)
    plain = torchvision.models.inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False)
    plain.load_state_dict(load_file(weights))
    plain.fc = torch.nn.Identity()
    image = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    image = torch.nn.functional.interpolate(image, (299, 299), mode="bilinear", align_corners=False)
    with torch.no_grad():
        other = plain.eval()(2 * image - 1)[0].numpy()
    # The blocks before the last change only borders; the last one's pool branch makes the last 192 features.
    assert not np.allclose(features, other)
    assert np.abs(features - other)[-192:].mean() > np.abs(features - other)[:-192].mean()


def test_features_are_those_of_pytorch_fid(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inception = pytest.importorskip("pytorch_fid.inception")
    monkeypatch.setattr(inception, "load_state_dict_from_url", lambda *_, **__: load_file(weights))
    picture = noise(1, 1, size=(70, 90))[0]
    with torch.no_grad():
        theirs = inception.InceptionV3([3]).eval()(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)[0]
    assert Inception(weights, "cpu").features(picture) == pytest.approx(theirs[0, :, 0, 0].numpy(), abs=1e-6)


def test_torchvision_s_weights_are_refused(tmp_path: Path) -> None:
    other = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    save_file(other.state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="1008 classes: torchvision's won't do"):
        Inception(tmp_path / "other.safetensors", "cpu")
