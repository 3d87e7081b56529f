from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.experiments.learn.conftest import like
from tests.pipelines.conftest import FRAMES, SIZE


def test_prompts_name_the_medium_if_training_did(studio: Any) -> None:
    assert studio.prompt("oil", "a hill") == "oil, a hill"
    plain = like(studio, name_medium=False)
    assert plain.prompt("oil", "a hill") == "a hill"


def test_batches_make_no_difference(studio: Any) -> None:
    orders = [studio.pipeline.request("a hill", {}, seed=seed) for seed in range(3)]
    three = studio.paint(orders, guidance=1.0)
    assert [frames.shape for frames in three] == [(FRAMES, SIZE, SIZE, 3)] * 3
    single = like(studio, batch=1).paint(orders, guidance=1.0)
    for one, other in zip(three, single, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def test_the_predictor_takes_several_prompts_at_once(studio: Any) -> None:
    latents = studio.latents(studio.processes["ink"][0])
    states = studio.pipeline.networks.states(["ink, a hill", "oil, a hill"])
    with torch.no_grad():
        output = studio.predictor(states)(latents.expand(2, *latents.shape[1:]), torch.tensor(500), 0)
    assert output.shape == (2, *latents.shape[1:])
