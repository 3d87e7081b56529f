from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.experiments.conftest import MEDIA
from tests.pipelines.conftest import SIZE
from underpaint.experiments.ablations.listening import BaseContext, listening
from underpaint.experiments.trials.config import TrialsConfig
from underpaint.experiments.trials.unseen import unseen_processes
from underpaint.training.data_config import DataConfig

SHARE = 0.34  # of the pictures that are unseen


@pytest.fixture(scope="module")
def alone(small: Path, painted: Path) -> BaseContext:
    corpus = painted / "corpus"
    return BaseContext(TrialsConfig(models=small / "base", corpus=corpus, source=str(corpus), validation=SHARE))


def test_what_is_judged_is_the_base_s_own_network_on_finished_pictures(alone: BaseContext) -> None:
    from underpaint.models import load_base

    assert list(alone.processes) == list(MEDIA)
    process = alone.processes["oil"][0]
    (whole,) = unseen_processes(alone.config.corpus, SHARE, 2, SIZE, 1)["oil"]
    assert np.array_equal(process.frames, whole.frames[1:])
    latents, states = alone.latents(process), alone.pipeline.networks.states(["oil, a hill"])
    level = torch.tensor([700])
    with torch.no_grad():
        output = alone.predictor(states)(latents, level[0], 0)
        expected = load_base(alone.config.models).unet(latents[:, :, 0], level, states).sample
    assert torch.allclose(output[:, :, 0], expected, atol=1e-5)


@pytest.mark.parametrize(("others", "own_better"), [(3.0, 1.0), (0.5, 0.0)])
def test_figures_are_the_share_of_pairs_and_the_ratio_of_errors(
    small: Path, painted: Path, monkeypatch: pytest.MonkeyPatch, others: float, own_better: float
) -> None:
    def errors(context: Any, process: Any, prompts: list[str], *, seed: int) -> list[float]:
        own = f"{process.medium}, {process.caption}"
        return [1.0 if prompt == own else others for prompt in prompts]

    monkeypatch.setattr("underpaint.experiments.ablations.listening.errors_under", errors)
    data = DataConfig(corpus=str(painted / "corpus"), name_medium=True, validation=SHARE)
    assert listening(small / "base", data) == {"own_better": own_better, "larger": others}
