from __future__ import annotations

import math
from pathlib import Path

import pytest

from underpaint.experiments.findings import (
    Finding,
    Sheet,
    estimate,
    estimate_share,
    markdown,
    read_finding,
    shown,
    write_finding,
)


def test_an_estimate_has_a_standard_error() -> None:
    found = estimate([1.0, 2.0, 3.0])
    assert found is not None
    assert (found.mean, found.count) == (2, 3)
    assert found.error == pytest.approx(1 / math.sqrt(3))
    assert shown(found, ".1f") == "2.0 ± 0.6"


def test_of_one_there_is_no_error_and_of_none_nothing() -> None:
    assert shown(estimate([0.5]), ".0%") == "50 %"
    assert estimate([]) is None
    assert estimate_share([]) is None
    assert shown(None) == "–"


def test_two_of_two_are_not_certain() -> None:
    found = estimate_share([True, True])
    assert found is not None
    assert found.mean == 1
    assert found.error is not None
    assert found.error > 0.1
    many = estimate_share([True, False] * 500)
    assert many == estimate([1.0, 0.0] * 500)
    assert many is not None
    assert many.error == pytest.approx(0.5 / math.sqrt(1000), rel=0.01)


def test_findings_come_back_if_the_settings_are_the_same(tmp_path: Path) -> None:
    finding = Finding(
        title="T",
        words="w",
        table=[["a", "b"], ["1", "2"]],
        sheets=[Sheet(file="a.png", words="x")],
        figures={"n": 1.5},
    )
    assert read_finding(tmp_path) is None
    write_finding(tmp_path, {"steps": 2}, finding)
    assert read_finding(tmp_path) == read_finding(tmp_path, {"steps": 2}) == finding
    assert read_finding(tmp_path, {"steps": 3}) is None


def test_tables_are_markdown() -> None:
    lines = markdown([["name", "n|m"], ["a", "1"]]).splitlines()
    assert lines == ["| name | n\\|m |", "| :-- | --: |", "| a | 1 |"]
    assert markdown([]) == ""
    assert markdown([["a", "b"]], right=False).splitlines()[1] == "| :-- | :-- |"
