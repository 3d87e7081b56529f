from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.experiments.conftest import finish, like
from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.pipelines.settings import Sampling


def test_prompts_name_the_medium_if_training_did(context: Any) -> None:
    assert context.prompt("oil", "a hill") == "oil, a hill"
    plain = like(context, name_medium=False)
    assert plain.prompt("oil", "a hill") == "a hill"


def test_batches_make_no_difference(context: Any) -> None:
    orders = [context.pipeline.request("a hill", {}, seed=seed) for seed in range(3)]
    three = context.paint(orders)
    assert [frames.shape for frames in three] == [(FRAMES, SIZE, SIZE, 3)] * 3
    single = like(context, batch=1).paint(orders)
    for one, other in zip(three, single, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def test_sampling_is_as_the_pipelines_do_unless_told_otherwise(context: Any) -> None:
    usual, prediction = like(context, steps=None), context.pipeline.parts.noise.prediction
    assert usual.sampling() == Sampling().settled(prediction, conditioned=False)
    told = like(context, steps=3, sampler="dpm++", guidance=4.0)
    assert (told.sampling().steps, told.sampling().sampler, told.sampling().guidance) == (3, "dpm++", 4.0)
    assert told.sampling(conditioned=True).guidance == 1
    assert (told.ddim_steps, usual.ddim_steps) == (3, 50)


def test_the_predictor_takes_several_prompts_at_once(context: Any) -> None:
    latents = context.latents(context.processes["ink"][0])
    states = context.pipeline.networks.states(["ink, a hill", "oil, a hill"])
    with torch.no_grad():
        output = context.predictor(states)(latents.expand(2, *latents.shape[1:]), torch.tensor(500), 0)
    assert output.shape == (2, *latents.shape[1:])


def test_what_a_trial_has_painted_is_there_for_others(context: Any) -> None:
    frames = np.arange(2 * 3, dtype=np.uint8).reshape(2, 1, 1, 3)
    assert context.kept("text") == []
    context.keep("text", [("oil", frames), ("ink", frames + 1), ("oil", frames + 2)])
    finish(context, "text")
    found = [(medium, int(made[0, 0, 0, 0])) for medium, made in context.kept("text")]
    assert found == [("oil", 0), ("oil", 2), ("ink", 1)]
    assert like(context, steps=3).kept("text") == []  # which was painted with other settings
