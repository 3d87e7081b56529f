from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from underpaint import renderers
from underpaint.datagen.config import GenerateConfig, Quality, Schedule, parse_resources


def config(**changes: object) -> GenerateConfig:
    return GenerateConfig(**({"source": "in", "out": Path("out")} | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 15},
        {"size": 16384},
        {"strokes": 0},
        {"strokes": 2_000_000},
        {"frames": 1},
        {"shard_size": 0},
        {"seed": -1},
        {"min_side": 8},
        {"max_pixels": 100},
        {"max_pixels": 10**9},
        {"max_aspect": 0.5},
        {"max_aspect": 4.1, "size": 4000, "aspect": "keep"},
        {"max_retries": -1},
        {"workers": -1},
        {"aspect": "round"},
        {"quality": "best"},
        {"schedule": "hours"},
        {"background": "whitish"},
        {"background": "#ffffff80"},
        {"renderer": "a/b"},
        {"renderer": "bezier,"},
        {"renderer": ""},
        {"renderer": "bezier,oil,bezier"},
        {"workers": 2, "address": "auto"},
        {"resources": "GPU"},
        {"resources": "GPU=many"},
        {"resources": "GPU=-1"},
        {"resources": "=1"},
    ],
)
def test_a_wrong_value_is_named(wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name} is '?{value}"):
        config(**wrong)


def test_the_largest_values_are_allowed():
    config(size=16383, max_aspect=1e9, strokes=1_000_000)
    config(size=4000, max_aspect=4.09, aspect="keep")


ELSEWHERE = {"out": "s3://bucket/a", "resources": "GPU=0.5", "ship_code": True}


def test_what_determines_bytes():
    base = config().determines_bytes()
    for same in (
        {"out": Path("b")},
        {"workers": 7},
        {"address": "auto"},
        {"max_retries": 9},
        {"source": "x"},
        ELSEWHERE,
    ):
        assert config(**same).determines_bytes() == base
    for other in (
        {"size": 64},
        {"seed": 1},
        {"min_side": 20},
        {"background": "black"},
        {"shard_size": 3},
        {"mix": True},
    ):
        assert config(**other).determines_bytes() != base


def test_a_corpus_goes_to_a_folder_or_to_a_store():
    assert config(out="a/b").out == config(out=Path("a/b/")).out == config(out="a/b/").out == Path("a/b")
    assert config(out="file:///a/b").out == Path("/a/b")
    assert config(out="s3://bucket/a/").out == config(out="s3://bucket/a").store.location == "s3://bucket/a"
    assert config(out="s3://bucket/a").with_absolute_paths().out == "s3://bucket/a"
    assert config(out="a").with_absolute_paths().out == Path.cwd() / "a"


def test_what_a_shard_takes():
    assert parse_resources("") == {}
    assert parse_resources("CPU=2, GPU=0.25") == parse_resources({"CPU": 2, "GPU": 0.25}) == {"CPU": 2.0, "GPU": 0.25}


def test_options_of_the_medium_are_part_of_it():
    @dataclass(frozen=True, kw_only=True)
    class Options:
        ground: str = "white"
        grain: Path | None = None

    settings = config(options={"bezier": Options()}).determines_bytes()
    assert (settings["renderer"], settings["bezier"]) == ("bezier", {"ground": "white", "grain": None})
    settings = config(options={"bezier": Options(grain=Path("a/b.png"))}).determines_bytes()
    assert settings["bezier"]["grain"] == "a/b.png"


def test_renderers_come_as_a_text_or_as_a_list():
    assert config(renderer=["bezier", "oil"]) == config(renderer="bezier, oil")
    assert config(renderer="bezier,oil").media == ("bezier", "oil")
    assert config(renderer="bezier,oil").determines_bytes()["renderer"] == "bezier,oil"


def test_each_picture_is_painted_by_all_or_by_one():
    assert config(renderer="bezier,oil").media_of("a.jpg") == ("bezier", "oil")
    drawn = {config(renderer="bezier,oil", mix=True).media_of(f"{index}.jpg") for index in range(20)}
    assert drawn == {("bezier",), ("oil",)}
    assert config(renderer="bezier", mix=True).media_of("a.jpg") == ("bezier",)


def test_the_words_are_those_of_the_renderers():
    assert get_args(Quality) == renderers.QUALITIES
    assert get_args(Schedule) == renderers.SCHEDULES
