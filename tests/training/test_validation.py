from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator

from tests.training.conftest import Configure
from tests.training.runs import motion_config
from underpaint.models import load_base
from underpaint.training.loader import Data
from underpaint.training.stages.motion import MotionPhase
from underpaint.training.validation import validate


def test_it_is_the_same_each_time_whatever_the_batch(thin: Path, configure: Configure) -> None:
    base, data = load_base(thin), Data(configure(validation=0.0, validation_samples=5))
    phase = MotionPhase(motion_config(data.config, thin, Path("run")), base, base.noise)
    accelerator = Accelerator(cpu=True)
    torch.manual_seed(1)
    first = validate(phase, data, accelerator)
    phase.batch = 3
    torch.manual_seed(2)
    again = validate(phase, data, accelerator)
    assert first.keys() == again.keys()
    assert {"loss", "repeated", "loss/0.00-0.25", "loss/0.75-1.00"} <= first.keys()
    assert all(abs(first[name] - again[name]) < 1e-5 for name in first)
