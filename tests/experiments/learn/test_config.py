from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.experiments.learn.config import LearnConfig


def test_defaults_are_half_an_hour_of_what_there_is() -> None:
    config = LearnConfig()
    assert (config.source, config.minutes, config.out, config.device) == (None, 30, Path("learned"), "auto")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minutes": 9.0}, "minutes is 9: nothing is learned in less than 10"),
        ({"minutes": float("nan")}, "minutes is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"device": "tpu"}, "device is 'tpu': use auto, cpu or cuda"),
        ({"processes": 4}, "processes is 4: use 1 or 2"),
    ],
)
def test_what_is_out_of_range_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LearnConfig(**changes)
