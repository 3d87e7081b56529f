"""A step late or at once, the same is kept, and the same is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Configure
from tests.training.runs import motion_config, not_finite_at, same, stopping_at, weights
from underpaint.training.checkpoint import steps
from underpaint.training.config import TrainConfig
from underpaint.training.guard import Guard, NotFinite
from underpaint.training.run import train
from underpaint.training.updates import Updates


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on two GPUs, of which both say the same: AdamW's fused kernel leaves out a bad step on a CPU, too."""
    real, flags = Updates.__init__, Guard.flags
    monkeypatch.setattr(Guard, "flags", lambda *arguments, **options: 2 * flags(*arguments, **options))

    def made(self: Updates, *arguments: Any) -> None:
        real(self, *arguments)
        self.late = True

    monkeypatch.setattr(Updates, "__init__", made)


def config(thin: Path, configure: Configure, out: Path, **changes: Any) -> TrainConfig:
    settings = {"steps": 5, "batch": 1, "log_every": 4, "checkpoint_every": 9, "validate_every": 5, "ema_decay": 0.5}
    return motion_config(configure(validation_samples=1), thin, out, **(settings | changes))


def told(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def losses(out: Path) -> list[Any]:
    return [(line["step"], line["kind"], line["loss"]) for line in told(out)]


@pytest.fixture(scope="module")
def at_once(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("updates") / "at_once"
    assert train(config(thin, configure, out))
    return out


def test_flags_that_are_read_late_change_nothing(
    at_once: Path, late: None, thin: Path, configure: Configure, tmp_path: Path
) -> None:
    with stopping_at(1):
        assert not train(config(thin, configure, tmp_path / "late"))
    assert steps(tmp_path / "late" / "checkpoints", "motion") == [2]  # what is asked in a step is heard in the next
    assert train(config(thin, configure, tmp_path / "late"))
    assert same(weights(at_once), weights(tmp_path / "late"))
    assert losses(at_once) == losses(tmp_path / "late")


@pytest.mark.parametrize("bad", [1, 3])
def test_a_bad_step_is_left_out_and_named_though_the_next_had_begun(
    bad: int, at_once: Path, late: None, thin: Path, configure: Configure, tmp_path: Path
) -> None:
    out = tmp_path / "late"
    with not_finite_at(bad), pytest.raises(NotFinite, match=rf"motion, step {bad}: the loss is not finite") as caught:
        train(config(thin, configure, out))
    assert caught.value.step == bad - 1
    assert steps(out / "checkpoints", "motion") == [bad - 1]
    # The checkpoint is of the steps before, moments, average and the line of metrics that had begun too.
    assert train(config(thin, configure, out))
    assert same(weights(at_once), weights(out))
    assert losses(at_once) == losses(out)


def test_weights_thrown_out_of_range_are_not_averaged(
    late: None, thin: Path, configure: Configure, tmp_path: Path
) -> None:
    out = tmp_path / "late"
    extreme = config(thin, configure, out, learning_rate=1e39, warmup=0)
    with pytest.raises(NotFinite, match=r"motion, step 1: the weight .* is not finite.*There is no checkpoint yet"):
        train(extreme)
    assert not (out / "checkpoints").exists()
    assert all(math.isfinite(line["loss"]) for line in told(out))
