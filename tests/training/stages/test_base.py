from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.conftest import Configure
from tests.training.runs import base_config, lines, moved
from underpaint.models import load_base, load_lora
from underpaint.training.run import train

pytestmark = pytest.mark.slow


def test_nano_from_nothing_is_a_base_that_loads(configure: Configure, tmp_path: Path) -> None:
    config = base_config(configure(frames=1, half_painted=0.5, validation_samples=1), "nano", tmp_path / "run", steps=2)
    names = moved(config)
    assert all(name.startswith("model.vae.") for name in names["autoencoder"])
    # The finished autoencoder is only looked through.
    assert {name.split(".")[1] for name in names["base"]} == {"unet", "text_encoder"}
    base = load_base(config.out / "base")
    fresh = load_base("nano")
    for part in ("vae", "unet", "text_encoder"):
        before, after = (next(getattr(one, part).parameters()) for one in (fresh, base))
        assert not torch.equal(before, after), part
    assert {line["phase"] for line in lines(config.out)} == {"autoencoder", "base"}
    # Run again, there is nothing to do.
    assert train(config)


def test_another_base_gets_a_lora_which_is_worked_in(thin: Path, configure: Configure, tmp_path: Path) -> None:
    config = base_config(
        configure(frames=1, validation_samples=1), thin, tmp_path / "run", steps=3, alpha=4.0, learning_rate=0.05
    )
    names = moved(config)["base"]
    assert names
    assert all("lora_" in name for name in names)
    worked_in, plain = load_base(config.out / "base").unet, load_base(thin).unet
    load_lora(plain, "spatial", config.out / "base" / "adapter.kohya.safetensors")
    inputs = torch.randn(1, 4, 12, 12), torch.tensor([300]), torch.randn(1, 77, 128)
    with torch.no_grad():
        found, wanted = worked_in(*inputs).sample, plain(*inputs).sample
        assert torch.allclose(found, wanted, atol=1e-4)
        assert not torch.allclose(found, load_base(thin).unet(*inputs).sample, atol=1e-3)


def test_another_prediction_than_the_base_s_is_refused(thin: Path, configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="prediction is 'v_prediction'"):
        train(base_config(configure(frames=1, validation_samples=1), thin, tmp_path / "run", prediction="v_prediction"))
