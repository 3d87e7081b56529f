from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.settings import ComputeConfig, Sampling


def config(**values: Any) -> PaintConfig:
    return PaintConfig(**({"task": "text", "subjects": ["a"], "out": Path("a.webp")} | values))


def test_its_parts() -> None:
    given = config(steps=7, guidance=2.0, precision="bf16", offload=True)
    assert given.sampling == Sampling(steps=7, guidance=2.0)
    assert given.compute == ComputeConfig(precision="bf16", offload=True)


def test_records_are_as_before_where_nothing_new_is_used() -> None:
    record = config().sampling.settled("epsilon", conditioned=True).record()
    assert not {"sampler", "clip_skip"} & record.keys()
    assert record["steps"] == 50
    used = config(sampler="dpm++", clip_skip=1).sampling.record()
    assert (used["sampler"], used["clip_skip"]) == ("dpm++", 1)


def test_conditioning_frames() -> None:
    assert config(frame=["0=a=b.png", "-1=c.png"]).conditioning_frames == {0: Path("a=b.png"), -1: Path("c.png")}


def test_formats() -> None:
    assert config().wanted_format(several=False) == "webp"
    assert config(out=Path("x")).wanted_format(several=False) == "frames"
    assert config(out=Path("x")).wanted_format(several=True) == "webp"
    assert config(out=Path("x"), format="gif").wanted_format(several=True) == "gif"
    assert config(out=Path("x"), format="corpus").wanted_format(several=False) == "corpus"
    for several, form in ((True, None), (False, "corpus")):
        with pytest.raises(ValueError, match="several paintings and corpora need a folder"):
            config(format=form).wanted_format(several=several)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"subjects": []}, "nothing to paint: give a prompt"),
        ({"subjects": [], "task": "complete"}, "no picture is given"),
        ({"task": "erase"}, "task is 'erase'"),
        ({"batch": 0}, "batch is 0: use 1 or more"),
        ({"fps": 0.0}, "fps is 0"),
        ({"size": "big"}, "size 'big'"),
        ({"format": "avi"}, "format is 'avi': use webp, mp4"),
        ({"frame": ["a.png"]}, "frame 'a.png' is not NUMBER=PICTURE, as 0=sketch.png or -1=final.png"),
        ({"frame": ["0="]}, "frame '0=' is not NUMBER=PICTURE"),
        ({"frame": ["0=a", "0=b"]}, "frame 0 is given twice, as a and as b"),
        ({"task": "reconstruct", "frame": ["-1=x.png"]}, r"frame -1 is the picture to reconstruct: leave out x\.png"),
        ({"steps": 0}, "steps is 0"),
        ({"precision": "int8"}, "precision is 'int8'"),
        ({"sampler": "euler"}, "sampler is 'euler'"),
        ({"sampler": "dpm++", "inversion": True}, r"sampler is 'dpm\+\+' with inversion, which undoes steps of ddim"),
        ({"sampler": "lcm", "steps": 60}, "steps is 60: a consistency model takes 1 to 50"),
        ({"clip_skip": -1}, "clip_skip is -1"),
        ({"beta_schedule": "odd"}, "beta_schedule is 'odd'"),
    ],
)
def test_what_must_fail(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**values)


@pytest.mark.parametrize("changes", [{"subjects": ["a hill <lora:zorn:0.8>"]}, {"prompt": "<lora:zorn:0.8> a hill"}])
def test_a_lora_within_a_prompt_is_not_taken_for_words(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a prompt holds <lora:zorn:0.8>, .*: give --lora zorn=0.8"):
        config(**changes)
