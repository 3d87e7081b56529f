from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

import renderers
from datagen.config import GenerateConfig, Quality, Schedule


def config(**changes: object) -> GenerateConfig:
    return GenerateConfig(**({"source": "in", "out": Path("out")} | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 15},
        {"strokes": 0},
        {"frames": 1},
        {"shard_size": 0},
        {"seed": -1},
        {"min_side": 8},
        {"max_pixels": 100},
        {"max_pixels": 10**9},
        {"max_aspect": 0.5},
        {"max_retries": -1},
        {"workers": -1},
        {"aspect": "round"},
        {"quality": "best"},
        {"schedule": "time"},
        {"background": "whitish"},
        {"background": "#ffffff80"},
        {"renderer": "a/b"},
        {"workers": 2, "address": "auto"},
    ],
)
def test_a_wrong_value_is_named(wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name} is '?{value}"):
        config(**wrong)


def test_what_determines_bytes():
    base = config().determines_bytes()
    for same in ({"out": Path("b")}, {"workers": 7}, {"address": "auto"}, {"max_retries": 9}, {"source": "x"}):
        assert config(**same).determines_bytes() == base
    for other in ({"size": 64}, {"seed": 1}, {"min_side": 20}, {"background": "black"}, {"shard_size": 3}):
        assert config(**other).determines_bytes() != base


def test_options_of_the_medium_are_part_of_it():
    @dataclass(frozen=True, kw_only=True)
    class Options:
        ground: str = "white"

    assert config(options=Options()).determines_bytes()["bezier"] == {"ground": "white"}


def test_the_words_are_those_of_the_renderers():
    assert get_args(Quality) == renderers.QUALITIES
    assert get_args(Schedule) == renderers.SCHEDULES
