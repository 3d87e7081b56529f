from __future__ import annotations

from pathlib import Path

import torch
from diffusers import SparseControlNetModel

from models import load_base, load_replication_network, new_motion_adapter
from models.freeze import changed
from models.weights import digests
from tests.training.conftest import Configure
from tests.training.runs import replication_config
from training.batch import Batch
from training.chance import chance_of
from training.loader import Data
from training.optimiser import trained
from training.stages.replication import ReplicationPhase


def test_only_the_network_trains_and_what_is_saved_is_diffusers_own(
    thin: Path, configure: Configure, tmp_path: Path
) -> None:
    base = load_base(thin)
    config = replication_config(configure(), thin, tmp_path / "run", tmp_path)
    phase = ReplicationPhase(config, base, new_motion_adapter(base.unet), base.noise)
    before = digests(phase.model)
    optimiser = torch.optim.AdamW(trained(phase.model).values(), lr=1e-3)
    batch: Batch = next(iter(Data(config.data).train_batches(batch=2)))
    for _ in range(2):
        phase.errors(phase.model, batch, chance_of(0, "replication", batch.positions), 0.0).loss.backward()
        optimiser.step()
    moved = changed(before, digests(phase.model))
    assert moved
    assert all(name.startswith("network.") for name in moved)
    assert phase.frozen[0] is base.vae
    phase.save(tmp_path / "network")
    network, record = load_replication_network(tmp_path / "network")
    assert record is not None
    assert record.kind == "replication"
    stock = SparseControlNetModel.from_pretrained(tmp_path / "network", use_safetensors=True)
    assert digests(network) == digests(stock) == digests(phase.network)
