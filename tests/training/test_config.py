from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from underpaint.training.config import BaseConfig, MotionConfig, plain
from underpaint.training.data_config import AugmentConfig, DataConfig

DATA = DataConfig(corpus="c", size=64)


def config(**changes: Any) -> MotionConfig:
    return MotionConfig(**({"data": DATA, "out": Path("run"), "steps": 10} | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps is 0: use 1 or more"),
        ({"gradient_accumulation_steps": 0}, "gradient_accumulation_steps is 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0: use more than 0"),
        ({"timestep_shift": 0.0}, "timestep_shift is 0.0: use more than 0"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0: use 0 to less than 1"),
        ({"mixed_precision": "int8"}, "mixed_precision is 'int8': use no, bf16 or fp16"),
        ({"prediction": "eps"}, "prediction is 'eps': use epsilon, v_prediction or sample"),
        ({"beta_schedule": "liner"}, "beta_schedule is 'liner': use linear, .*; did you mean linear"),
        ({"lr_scheduler": "linear"}, "lr_scheduler is 'linear': use constant or cosine"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**changes)


@pytest.mark.parametrize("augment", [{"crop": 1}, {"crop": 1, "gamma": 0}, {"saturation": 0, "gamma": 0}])
def test_a_cache_of_pictures_that_are_altered_is_refused(augment: dict[str, float]) -> None:
    data = DataConfig(corpus="c", size=64, augment=AugmentConfig(**augment))
    with pytest.raises(ValueError, match=r"set --augment.crop 1 --augment.saturation 0 --augment.gamma 0, or leave"):
        config(data=data, cache=Path("cache"))


def test_a_cache_of_what_can_t_be_cached_is_refused() -> None:
    plain = AugmentConfig(crop=1, saturation=0, gamma=0)
    data = DataConfig(corpus="c", size=64, augment=plain)
    with pytest.raises(ValueError, match="cache is cache with base nano, whose autoencoder and text encoder train"):
        BaseConfig(data=data, out=Path("run"), steps=1, cache=Path("cache"))
    assert BaseConfig(data=data, out=Path("run"), steps=1, cache=Path("cache"), base="folder").cache
    with pytest.raises(ValueError, match="cache with streaming"):
        config(data=DataConfig(corpus="c", size=64, augment=plain, streaming=True), cache=Path("cache"))


def test_a_crop_larger_than_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="autoencoder_crop is 96, size 64"):
        BaseConfig(data=DATA, out=Path("run"), steps=1, autoencoder_crop=96)


def test_settings_as_plain_values() -> None:
    values = plain(config())
    assert json.loads(json.dumps(values)) == values
    assert (values["corpus"], values["out"], values["augment"]["flip"]) == (["c"], "run", 0.5)
