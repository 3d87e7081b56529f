from __future__ import annotations

import json

import pytest

from tests.pipelines.evaluation.reports import report, score
from underpaint.pipelines.evaluation.report import means


def test_means_count_only_those_that_have_the_measure() -> None:
    found = means([score("a", kept=0.2, psnr=30.0), score("b", kept=0.4)])
    assert found["kept"].mean == pytest.approx(0.3)
    assert found["kept"].deviation == pytest.approx(0.1414, abs=1e-4)
    assert (found["kept"].count, found["psnr"].count, found["psnr"].deviation) == (2, 1, 0)


def test_groups_are_renderers_in_order() -> None:
    several = report(score("1", "oil"), score("2", "bezier"), score("3", "oil"))
    assert {name: len(group) for name, group in several.groups().items()} == {"oil": 2, "bezier": 1}
    assert list(report(score("1")).groups()) == ["all"]


def test_the_record_is_plain_json() -> None:
    whole = report(score("1", "oil", kept=1.0), score("2", "ink", kept=0.0), whole={"fid": 3.0}, skipped={"x": "bad"})
    record = json.loads(json.dumps(whole.to_record(), allow_nan=False))
    assert record["format"] == 1
    assert record["mean"]["kept"]["mean"] == 0.5
    assert record["renderers"]["oil"]["kept"] == {"mean": 1.0, "deviation": 0.0, "count": 1}
    assert record["processes"][1]["metrics"] == {"kept": 0.0}
    assert (record["whole"], record["skipped"]) == ({"fid": 3.0}, {"x": "bad"})
    assert report(score("1")).to_record()["renderers"] == {}
