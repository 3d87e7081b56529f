from __future__ import annotations

from pathlib import Path

import torch
from diffusers import SparseControlNetModel

from tests.training.conftest import Configure
from tests.training.runs import moved, replication_config
from underpaint.models import load_base, load_motion_adapter, load_replication_network
from underpaint.models.motion import MOTION
from underpaint.models.weights import digests
from underpaint.runs import result_of, tuned_motion
from underpaint.training.stages.replication import ReplicationPhase


def test_it_begins_as_the_motion_model(thin: Path, trained_motion: Path, configure: Configure) -> None:
    base = load_base(thin)
    adapter = load_motion_adapter(trained_motion)[0]
    config = replication_config(configure(), thin, Path("run"), trained_motion)
    phase = ReplicationPhase(config, base, adapter, base.noise)
    noisy, level, tokens, shown = phase.example(1)
    noisy = torch.randn(noisy.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = phase.model(noisy, level, tokens, shown)
        phase.denoiser.network = None
        assert torch.allclose(found, phase.model(noisy, level, tokens), atol=1e-5)


def test_only_the_network_moves_and_what_is_saved_is_diffusers_own(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    config = replication_config(configure(validation_samples=1), thin, tmp_path / "run", trained_motion, steps=4)
    names = moved(config)["replication"]
    assert names
    assert all(name.startswith("model.network.") for name in names)
    network, record = load_replication_network(config.out / "replication")
    assert record is not None
    assert record.kind == "replication"
    stock = SparseControlNetModel.from_pretrained(config.out / "replication", use_safetensors=True)
    assert digests(network) == digests(stock)


def test_the_motion_module_can_be_trained_on(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    data = configure(validation_samples=1)
    config = replication_config(data, thin, tmp_path / "run", trained_motion, steps=4, tune_motion=True)
    names = set(moved(config)["replication"])
    network = {name for name in names if name.startswith("model.network.")}
    assert network
    assert names - network
    assert all(name.startswith("model.unet.") and MOTION in name for name in names - network)
    found = tuned_motion(config.out)
    assert found == config.out / "replication" / "motion" == Path(result_of(config.out, "motion"))
    adapter, record = load_motion_adapter(found)
    assert record is not None
    assert (record.kind, record.stage, record.frames) == ("motion", "replication", data.frames)
    before = load_motion_adapter(trained_motion)[0]
    assert digests(adapter) != digests(before)
