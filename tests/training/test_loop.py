from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.conftest import Configure
from tests.training.runs import killed, lines, motion_config, same, stopping_at, together, weights
from underpaint.training.run import train

STEPS = 10


@pytest.fixture(scope="module")
def undisturbed(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 10 steps of 4 samples."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    assert train(motion_config(configure(validation_samples=1), thin, out, steps=STEPS, batch=4, checkpoint_every=3))
    return out


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_nothing_had_been(
    thin: Path, configure: Configure, undisturbed: Path, tmp_path: Path
) -> None:
    config = motion_config(
        configure(workers=2, validation_samples=1),
        thin,
        tmp_path / "run",
        steps=STEPS,
        batch=4,
        checkpoint_every=3,
    )
    killed([config], 5)
    assert [path.name for path in (config.out / "checkpoints").iterdir()] == ["motion-00000003"]
    together([config])
    assert same(weights(config.out), weights(undisturbed))
    assert lines(config.out) == lines(undisturbed)


def test_a_stopped_run_keeps_moments_average_and_the_line_it_had_begun(
    thin: Path, configure: Configure, undisturbed: Path, tmp_path: Path
) -> None:
    config = motion_config(configure(validation_samples=1), thin, tmp_path / "run", steps=STEPS, batch=4)
    with stopping_at(5):
        assert not train(config)
    assert train(config)
    assert same(weights(config.out), weights(undisturbed))
    assert lines(config.out) == lines(undisturbed)


def test_two_parts_of_a_step_are_as_good_as_one(
    thin: Path, configure: Configure, undisturbed: Path, tmp_path: Path
) -> None:
    out, halves = tmp_path / "run", {"batch": 2, "gradient_accumulation_steps": 2}
    assert train(motion_config(configure(validation_samples=1), thin, out, steps=STEPS, **halves))
    assert losses(out) == pytest.approx(losses(undisturbed), abs=1e-4)
    # AdamW and clipping hide from the losses what is wrong with the gradient's length.
    assert norms(out) == pytest.approx(norms(undisturbed), rel=0.02)


@pytest.mark.slow
def test_two_processes_are_as_good_as_one_and_can_be_killed_too(
    thin: Path, configure: Configure, undisturbed: Path, tmp_path: Path
) -> None:
    whole = motion_config(
        configure(validation_samples=1), thin, tmp_path / "whole", steps=STEPS, batch=2, checkpoint_every=3
    )
    together([whole, whole])
    assert losses(whole.out) == pytest.approx(losses(undisturbed), abs=1e-4)
    broken = replace(whole, out=tmp_path / "broken")
    killed([broken, broken], 5)
    together([broken, broken])
    assert same(weights(broken.out), weights(whole.out))
    assert lines(broken.out) == lines(whole.out)


@pytest.mark.slow
# Alone, too, with UNDERPAINT_FULL=1: one process is the same with less to go wrong.
@pytest.mark.parametrize("processes", [1, 2] if os.environ.get("UNDERPAINT_FULL") else [2])
def test_a_killed_run_on_aspect_buckets_goes_on_as_if_nothing_had_been(
    thin: Path, configure: Configure, oblong: Path, tmp_path: Path, processes: int
) -> None:
    data = configure(corpus=str(oblong), validation=0, validation_samples=6)
    whole = motion_config(
        data,
        thin,
        tmp_path / "whole",
        steps=6,
        gradient_accumulation_steps=3 - processes,
        checkpoint_every=3,
        log_every=1,
    )
    broken = replace(whole, out=tmp_path / "broken")
    together([whole] * processes)
    killed([broken] * processes, 5)
    assert [path.name for path in (broken.out / "checkpoints").iterdir()] == ["motion-00000003"]
    together([broken] * processes)
    assert lines(broken.out) == lines(whole.out)
    assert len(losses(whole.out)) == 6 + 2
    assert same(weights(broken.out), weights(whole.out))


def losses(run: Path) -> list[float]:
    return [line["loss"] for line in lines(run)]


def norms(run: Path) -> list[float]:
    return [line["gradient_norm"] for line in lines(run) if line["kind"] == "train"]


def test_other_samples_per_step_are_refused(thin: Path, configure: Configure, tmp_path: Path) -> None:
    config = motion_config(
        configure(validation_samples=1), thin, tmp_path / "run", batch=1, gradient_accumulation_steps=2
    )
    with stopping_at(2):
        assert not train(config)
    path = config.out / "config.yaml"
    path.write_text(path.read_text().replace("accumulation_steps: 2", "accumulation_steps: 1"))
    with pytest.raises(ValueError, match="2 samples a step, now it is 1"):
        train(replace(config, gradient_accumulation_steps=1))


def test_another_seed_gives_other_weights(thin: Path, configure: Configure, undisturbed: Path, tmp_path: Path) -> None:
    assert train(motion_config(configure(seed=1, validation_samples=1), thin, tmp_path / "other", steps=STEPS, batch=4))
    assert not same(weights(tmp_path / "other"), weights(undisturbed))


def test_runs_of_one_process_may_compute_in_other_precisions(thin: Path, configure: Configure, tmp_path: Path) -> None:
    for precision in ("bf16", "no"):
        config = motion_config(configure(validation_samples=1), thin, tmp_path / precision, steps=1)
        assert train(replace(config, mixed_precision=precision))
