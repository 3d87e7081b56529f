from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.experiments.conftest import finish, like
from underpaint.experiments.trials.reconstruct import reconstruct_trial
from underpaint.experiments.trials.scores import evaluate_trial


def test_paintings_stand_beside_the_renderer_s(context: Any) -> None:
    reconstruct_trial(context)
    finish(context, "reconstruct")
    finding = evaluate_trial(context)
    rows = {row[0]: row[1:] for row in finding.table}
    assert finding.table[0] == ["measure", "painted", "the renderer's"]
    # Both were measured, and the comparison could be made.
    assert rows["first frame: spatial deviation ↓"][1].startswith("0.000")
    assert rows["steps towards the last frame ↑"][1].startswith("1.000")
    assert rows["reference: IoU of changes ↑"][1] == "–"
    assert rows["last frame: PSNR, dB ↑"][1] == "–"
    assert (context.folder("evaluate") / "painted" / "evaluation.json").is_file()
    assert all((context.folder("evaluate") / sheet.file).is_file() for sheet in finding.sheets)


def test_without_paintings_it_is_refused(context: Any) -> None:
    with pytest.raises(ValueError, match="run the trial `reconstruct` first"):
        evaluate_trial(context)
    others = like(context, pictures=2, plain=0)
    reconstruct_trial(others)
    finish(others, "reconstruct")
    with pytest.raises(ValueError, match="run the trial `reconstruct` first"):
        evaluate_trial(context)


def test_a_corpus_may_have_the_pictures_in_other_media(context: Any) -> None:
    reconstruct_trial(like(context, pictures=2, plain=0))
    finish(context, "reconstruct")
    processes = context.processes
    for there, real in ((1, "0.000"), (0, "–")):
        context.__dict__["processes"] = processes | {"bezier": processes["bezier"][:there]}
        rows = {row[0]: row[1:] for row in evaluate_trial(context).table}
        assert rows["first frame: spatial deviation ↓"][1].startswith(real)
        assert "reference: IoU of changes ↑" not in rows
        shutil.rmtree(context.folder("evaluate"))
