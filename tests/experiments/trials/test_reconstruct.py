from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from underpaint.experiments.trials.reconstruct import (
    Way,
    frames_of,
    given,
    inversion_trial,
    reconstruct,
    reconstruct_trial,
)
from underpaint.pipelines.evaluation.pictures import psnr


def test_pictures_are_painted_by_the_command_and_measured(context: Any) -> None:
    finding = reconstruct_trial(context)
    folder = context.folder("reconstruct")
    usual, plain = finding.figures
    assert usual["way"] == {"network": True, "inversion": None}
    assert plain["way"] == {"network": False, "inversion": None}
    assert (len(usual["each"]), len(plain["each"])) == (3, 2)
    painted = frames_of(folder, Way(network=True, inversion=None))
    for one in usual["each"]:
        assert one["psnr"] == psnr(painted[one["name"]][-1], given(folder, one["name"]))
        assert one["before"] == psnr(painted[one["name"]][-2], given(folder, one["name"]))
        assert one["prompt"].startswith("bezier, ")
        assert 0 <= one["towards"] <= 1
        assert one["variance"] is None
    assert [len(row) for row in finding.table] == [len(finding.table[0])] * 3
    assert all((folder / sheet.file).is_file() for sheet in finding.sheets)
    about = json.loads(json.dumps(finding.figures))
    assert about == finding.figures or about[0]["each"] == list(usual["each"])


def test_the_pictures_are_the_unseen_ones(context: Any) -> None:
    reconstruct(context, context.folder("x"), [(Way(network=True, inversion=None), 1)])
    for number, picture in enumerate(context.pictures):
        assert np.array_equal(given(context.folder("x"), f"{number:03d}.png"), picture.pixels)


def test_with_and_without_the_network_begin_with_the_same_noise(context: Any) -> None:
    ways = [Way(network=network, inversion=None) for network in (True, False)]
    shown, plain = reconstruct(context, context.folder("x"), [(way, 2) for way in ways])
    assert [one.name for one in shown.each] == [one.name for one in plain.each]
    from underpaint.datagen.corpus import Corpus

    seeds = [[sample.record()["seed"] for sample in Corpus(context.folder("x") / way.name)] for way in ways]
    assert seeds[0] == seeds[1]


def test_what_is_painted_is_not_painted_again(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reconstruct_trial(context)
    from underpaint.pipelines.pipeline import ProcessPipeline

    def refuse(*arguments: object) -> None:
        raise AssertionError("painted again")

    monkeypatch.setattr(ProcessPipeline, "paint", refuse)
    assert reconstruct_trial(context) == first


def test_inversion_tells_the_variance_of_its_noise(context: Any) -> None:
    finding = inversion_trial(context)
    ways = [(each["way"]["network"], each["way"]["inversion"]) for each in finding.figures]
    assert ways == [(True, "noised"), (True, "clean"), (False, "noised"), (False, "clean")]
    assert all(one["variance"] > 0 for each in finding.figures for one in each["each"])
    assert finding.table[0][-1] == "noise variance"


def test_scenes_and_photographs_have_rows_of_their_own(context: Any) -> None:
    first, *others = context.pictures
    context.__dict__["pictures"] = [dataclasses.replace(first, scene=True), *others]
    finding = reconstruct_trial(context)
    assert [row[:2] for row in finding.table[1:]] == [
        ["shown the picture, scenes", "1"],
        ["shown the picture, photographs", "2"],
        ["not used, scenes", "1"],
        ["not used, photographs", "1"],
    ]
    each = finding.figures[0]["each"]
    assert [one["scene"] for one in sorted(each, key=lambda one: one["name"])] == [True, False, False]
    assert finding.table[1][2] == f"{next(one['psnr'] for one in each if one['scene']):.1f}"
