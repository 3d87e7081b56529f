from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.models.noise import NoiseSchedule
from underpaint.training.config import MotionConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.noise import noise_of


def config(**values: Any) -> MotionConfig:
    return MotionConfig(data=DataConfig(corpus="c"), out=Path("run"), steps=1, base="folder", **values)


def test_the_noise_is_the_default_s_where_nothing_else_is_said() -> None:
    default = NoiseSchedule(prediction="sample", zero_terminal_snr=True)
    assert noise_of(config(), default) == default
    other = noise_of(config(beta_schedule="squaredcos_cap_v2", zero_terminal_snr=False), default)
    assert other == NoiseSchedule(beta_schedule="squaredcos_cap_v2", prediction="sample")
    with pytest.raises(ValueError, match="zero_terminal_snr with prediction 'epsilon'"):
        noise_of(config(prediction="epsilon"), default)
