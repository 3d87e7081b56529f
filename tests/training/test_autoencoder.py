from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL

from tests.training.conftest import Configure
from tests.training.runs import base_config
from underpaint.models import load_base
from underpaint.models.latents import encode
from underpaint.training.augment import to_float
from underpaint.training.autoencoder import AutoencoderPhase, autoencoder_data
from underpaint.training.loader import Data
from underpaint.training.rng import training_rng


def test_it_learns_and_what_is_saved_has_standard_latents(configure: Configure, tmp_path: Path) -> None:
    data = Data(autoencoder_data(configure()))
    config = base_config(data.config, "nano", tmp_path / "run", autoencoder_crop=24)
    phase = AutoencoderPhase(config, load_base("nano").vae, data)
    optimiser = torch.optim.AdamW(phase.model.parameters(), lr=2e-3)
    losses = []
    batch = next(iter(data.train_batches(batch=8)))
    for _ in range(12):
        found = phase.errors(phase.model, batch, training_rng(0, "autoencoder", batch.positions), 0.0)
        found.loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(found.loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
    assert phase.errors(phase.model, batch, training_rng(0, "autoencoder", batch.positions), None).error.shape == (8,)
    assert phase.sheet(batch).size == (8 * 48, 2 * 48)
    phase.save(tmp_path / "vae")
    saved = AutoencoderKL.from_pretrained(tmp_path / "vae", use_safetensors=True)
    latents = encode(saved, to_float(batch.frames)[:, 0])
    assert latents.mean().abs() < 0.5
    assert 0.5 < latents.std() < 2
