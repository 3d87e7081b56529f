from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from underpaint.models.noise import NoiseSchedule
from underpaint.models.record import RECORD_FILE, Record, check_record, read_record, write_record

RecordOf = Callable[[str], Record]


def test_round_trip(record: RecordOf, tmp_path: Path) -> None:
    written = dataclasses.replace(record("motion"), recipe={"steps": 100, "corpora": ["a", "ü"]})
    write_record(tmp_path, written)
    assert read_record(tmp_path) == written
    assert Record.from_json(written.to_json(), "here") == written
    assert written.to_json().isascii()
    assert written.version[0].isdigit()


def test_a_folder_without_record_has_none(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None


@pytest.mark.parametrize("content", ["{", "[]", "{}", json.dumps({"noise": {"beta_schedule": "odd"}})])
def test_a_damaged_record_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / RECORD_FILE).write_text(content)
    with pytest.raises(ValueError, match=r"underpaint\.json holds no readable training record"):
        read_record(tmp_path)


def check(record: Record, **changes: Any) -> None:
    fits = {"kind": "motion", "base": record.base, "architecture": record.architecture, "noise": record.noise}
    check_record(record, **(fits | {"where": "run"} | changes))


def test_what_does_not_fit_is_refused_with_both_values(record: RecordOf) -> None:
    fits = dataclasses.replace(record("motion"), architecture="abc")
    check(fits)
    with pytest.raises(ValueError, match="run is a motion adapter, a replication one is needed"):
        check(fits, kind="replication")
    with pytest.raises(ValueError, match="on a base of another architecture, abc; the base in use is of def: load"):
        check(fits, architecture="def")
    other = dataclasses.replace(fits.noise, prediction="v_prediction")
    for betas in (True, False):
        with pytest.raises(ValueError, match="trained with prediction 'sample', the one in use is 'v_prediction'"):
            check(fits, noise=other, betas=betas)
    linear = NoiseSchedule(prediction="sample")
    message = (
        r"beta schedule scaled_linear 0\.00085\.\.0\.012 in 1000 steps, zero terminal SNR, "
        r"the one in use is linear 0\.00085\.\.0\.012 in 1000 steps"
    )
    with pytest.raises(ValueError, match=message):
        check(fits, noise=linear)
    check(fits, noise=linear, betas=False)


def test_another_base_is_told(record: RecordOf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    check(record("motion"))
    assert not caplog.messages
    check(record("motion"), base="0123")
    name = record("motion").base
    assert caplog.messages == [f"run was trained on base {name}; the base in use, 0123, is another of its kind"]
