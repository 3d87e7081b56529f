"""A number that is none stops training, in all processes, and costs nothing that was good before."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.training.conftest import Configure
from tests.training.runs import (
    artist_config,
    base_config,
    lines,
    motion_config,
    not_finite_at,
    refused_together,
    replication_config,
    same,
    stopping_at,
    together,
    weights,
)
from underpaint.models.finite import first_non_finite
from underpaint.models.weights import read_tensors, write_tensors
from underpaint.training import loop
from underpaint.training.checkpoint import steps
from underpaint.training.config import TrainConfig
from underpaint.training.guard import MOST_SKIPPED, Guard, NotFinite
from underpaint.training.run import train

PHASES = {
    "autoencoder": base_config,
    "base": base_config,
    "motion": motion_config,
    "replication": replication_config,
    "spatial": artist_config,
    "artist": artist_config,
}
# Each phase, with and without accumulation in turn; all of them, and two processes, with UNDERPAINT_FULL=1.
FULL = bool(os.environ.get("UNDERPAINT_FULL"))
CASES = [(phase, parts) for turn, phase in enumerate(PHASES) for parts in (1, 2) if FULL or parts == 1 + turn % 2]


def guard(*, scaler: bool = False, scale: float = 65536.0) -> Guard:
    factor = SimpleNamespace(get_scale=lambda: scale) if scaler else None
    accelerator: Any = SimpleNamespace(scaler=factor, num_processes=1)
    return Guard("motion", accelerator)


def may_step(judge: Guard, step: int, loss: float, norm: float) -> bool:
    bad_loss, bad_gradient, _ = judge.flags(torch.tensor(loss), torch.tensor(norm)).tolist()
    return judge.may_step(step, loss=bad_loss > 0, gradient=bad_gradient > 0)


def test_numbers_pass() -> None:
    assert guard().flags(torch.tensor(1e30), torch.tensor(3.0)).tolist() == [0, 0, 0]
    assert guard().flags(torch.tensor(0.0), 0.0, stop=True).tolist() == [0, 0, 1]
    assert guard().may_step(0, loss=False, gradient=False)


@pytest.mark.parametrize(
    ("loss", "norm", "what"),
    [(math.nan, 1.0, "loss"), (math.inf, 1.0, "loss"), (1.0, math.nan, "gradient"), (1.0, math.inf, "gradient")],
)
def test_what_is_none_is_named_with_phase_and_step(loss: float, norm: float, what: str) -> None:
    with pytest.raises(NotFinite, match=rf"motion, step 8: the {what} is not finite.*--learning-rate"):
        may_step(guard(), 7, loss, norm)


def test_a_scaler_may_try_for_a_while() -> None:
    judge = guard(scaler=True)
    for turn in range(2):
        tries = [may_step(judge, turn, math.inf, math.nan) for _ in range(MOST_SKIPPED)]
        assert not any(tries)
        if turn == 0:
            assert may_step(judge, 1, 1.0, 1.0)  # which begins the count anew
    with pytest.raises(NotFinite, match=rf"for the {MOST_SKIPPED + 1}\. time in a row"):
        may_step(judge, 2, 1.0, math.nan)


def test_a_scaler_whose_factor_is_below_one_has_tried_all() -> None:
    with pytest.raises(NotFinite, match="the gradient is not finite"):
        may_step(guard(scaler=True, scale=0.5), 0, 1.0, math.inf)


def test_a_validation_that_is_none_stops_it_too() -> None:
    guard().check_validation(3, {"loss": 1.0})
    with pytest.raises(NotFinite, match="step 3: the validation loss/0 is not finite"):
        guard().check_validation(3, {"loss": 1.0, "loss/0": math.nan})


def configured(phase: str, configure: Configure, thin: Path, motion: Path, out: Path, **changes: Any) -> TrainConfig:
    settings = {"steps": 4, "checkpoint_every": 1, "batch": 1, "log_every": 1} | changes
    data = configure(validation_samples=1)
    if phase in ("autoencoder", "base"):
        return base_config(data, "nano" if phase == "autoencoder" else thin, out, autoencoder_steps=4, **settings)
    if phase == "motion":
        return motion_config(data, thin, out, **settings)
    make: Any = PHASES[phase]
    extra = {"spatial_steps": 4, "spatial_batch": 1} if phase in ("spatial", "artist") else {}
    return make(data, thin, out, motion, **extra, **settings)


def stored(run: Path) -> list[Path]:
    return [path for path in run.rglob("*.safetensors") if first_non_finite(read_tensors(path)[0])]


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "parts"), CASES)
def test_each_phase_keeps_its_last_checkpoint_and_resumes(
    phase: str, parts: int, thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    bad = random.Random(f"{phase} {parts}").randint(1, 4)
    out = tmp_path / "run"
    config = configured(phase, configure, thin, trained_motion, out, gradient_accumulation_steps=parts)
    with not_finite_at(bad, phase), pytest.raises(NotFinite, match=f"{phase}, step {bad}: the loss is not finite"):
        train(config)
    assert steps(out / "checkpoints", phase)[-1] == bad - 1
    assert not (out / phase).exists()
    assert stored(out) == []
    before = lines(out)
    if not FULL and phase != "motion":
        return  # the loop is the same for all
    assert train(config)
    assert lines(out)[: len(before)] == before  # it goes on from there, and begins nothing anew
    assert (out / phase).is_dir()
    for line in (out / "metrics.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))


def test_after_a_lower_rate_it_goes_on_with_that(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(NotFinite, match=r"--resume changed"):
        train(configured("motion", configure, thin, trained_motion, out, learning_rate=1e20, max_grad_norm=1e30))
    assert stored(out) == []
    with pytest.raises(ValueError, match=r"learning_rate 1e\+20, now it is 0.001.*--resume changed"):
        train(configured("motion", configure, thin, trained_motion, out, max_grad_norm=1e30))
    with pytest.raises(NotFinite):  # its weights are finite, and beyond help
        train(configured("motion", configure, thin, trained_motion, out, resume="changed"))


@pytest.mark.slow
def test_all_processes_stop_for_one(thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path) -> None:
    for parts in (1, 2) if FULL else (2,):
        out = tmp_path / f"run{parts}"
        config = configured("motion", configure, thin, trained_motion, out, gradient_accumulation_steps=parts)
        refused_together([config, config], 3)
        assert steps(out / "checkpoints", "motion")[-1] == 2
        assert stored(out) == []
        if FULL:
            whole = configured(
                "motion", configure, thin, trained_motion, tmp_path / f"whole{parts}", gradient_accumulation_steps=parts
            )
            together([config, config])
            together([whole, whole])
            assert same(weights(out), weights(whole.out))


def test_weights_that_one_step_throws_out_of_range_are_neither_averaged_nor_saved(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    config = configured("motion", configure, thin, trained_motion, out, learning_rate=1e39, warmup=0)
    with pytest.raises(NotFinite, match=r"motion, step 1: the weight .* is not finite.*There is no checkpoint yet"):
        train(config)
    assert not (out / "checkpoints").exists()


def test_a_last_validation_that_is_none_is_made_again_before_the_result(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    config = configured("motion", configure, thin, trained_motion, out, steps=1, checkpoint_every=9)
    real, bad = loop.validate, [False, True, False]

    def validate(*arguments: Any) -> dict[str, float]:
        return real(*arguments) | ({"loss": math.nan} if bad.pop(0) else {})

    monkeypatch.setattr(loop, "validate", validate)
    with pytest.raises(NotFinite, match=r"step 1: the validation loss is not finite.*checkpoint of step 1 is kept"):
        train(config)
    assert not (out / "motion").exists()
    assert train(config)
    assert bad == []
    assert [(line["step"], line["kind"]) for line in lines(out)] == [
        (0, "validation"),
        (1, "train"),
        (1, "validation"),
    ]


def test_a_checkpoint_of_another_network_is_refused(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    config = configured("motion", configure, thin, trained_motion, out)
    with stopping_at(1):
        assert not train(config)
    for part, name in (("optimiser", "exp_avg"), ("weights", "norm.bias")):
        path = out / "checkpoints" / "motion-00000001" / f"{part}.safetensors"
        tensors = read_tensors(path)[0]
        key = next(key for key in tensors if key.endswith(name))
        write_tensors(path, tensors | {key: torch.zeros(1)}, {})
        with pytest.raises(
            ValueError, match=rf"damaged or of another network.*{part} has .*{name} of \[1\].*delete it"
        ):
            train(config)
