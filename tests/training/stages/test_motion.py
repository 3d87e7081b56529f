from __future__ import annotations

from pathlib import Path

import torch
from diffusers import MotionAdapter

from tests.training.conftest import Configure
from tests.training.runs import lines, motion_config, moved
from underpaint.models import load_base, load_motion_adapter, with_motion
from underpaint.models.motion import MOTION
from underpaint.models.weights import digests
from underpaint.training.stages.motion import MotionPhase


def test_it_begins_as_the_image_model(thin: Path, configure: Configure) -> None:
    base = load_base(thin)
    phase = MotionPhase(motion_config(configure(validation_samples=1), thin, Path("run")), base, base.noise)
    noisy = torch.randn(1, 4, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    tokens, level = torch.zeros(1, 77, dtype=torch.int64), torch.tensor([500])
    with torch.no_grad():
        text = base.text_encoder(tokens)[0]
        wanted = [base.unet(noisy[:, :, index], level, text).sample for index in range(3)]
        assert torch.allclose(phase.model(noisy, level, tokens), torch.stack(wanted, 2), atol=1e-5)


def test_only_the_motion_module_moves_and_stock_diffusers_loads_it(
    thin: Path, configure: Configure, tmp_path: Path
) -> None:
    config = motion_config(configure(validation_samples=1), thin, tmp_path / "run", steps=4)
    names = moved(config)["motion"]
    assert names
    assert all(MOTION in name for name in names)
    adapter, record = load_motion_adapter(config.out / "motion")
    assert record is not None
    assert (record.frames, record.size, record.recipe["steps"]) == (4, 48, 4)
    assert digests(adapter) == digests(MotionAdapter.from_pretrained(config.out / "motion", use_safetensors=True))
    assert with_motion(load_base(thin).unet, adapter)
    assert [line["kind"] for line in lines(config.out)].count("validation") == 2
    assert "repeated" in lines(config.out)[0]
    assert (config.out / "sheets" / "motion-00000004.png").is_file()
    assert not (config.out / "checkpoints").exists()
