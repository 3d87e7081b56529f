"""A run that goes on has the corpora and the networks that it began with."""

from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.training.inputs import INPUTS_FILE, check_inputs


def test_what_was_exchanged_is_named(tmp_path: Path) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1", "corpus b": "2"})
    (tmp_path / "checkpoints" / "motion-00000003").mkdir(parents=True)
    check_inputs(tmp_path, "motion", {"corpus a": "1"})
    with pytest.raises(ValueError, match=r"content of corpus b has changed since the run.*--out"):
        check_inputs(tmp_path, "motion", {"corpus a": "1", "corpus b": "3"})


def test_where_nothing_has_been_learned_anything_may_change(tmp_path: Path) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1"})
    check_inputs(tmp_path, "motion", {"corpus a": "2"})
    (tmp_path / "spatial").mkdir()
    with pytest.raises(ValueError, match="content of corpus a has changed"):
        check_inputs(tmp_path, "motion", {"corpus a": "1"})


def test_a_run_from_before_there_were_digests_goes_on_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1"})
    assert not caplog.records
    (tmp_path / "checkpoints" / "motion-00000003").mkdir(parents=True)
    check_inputs(tmp_path, "motion", {"the networks": "9"})
    assert "whether the content of the networks has changed" in caplog.text
    with pytest.raises(ValueError, match="content of the networks"):
        check_inputs(tmp_path, "motion", {"the networks": "8"})


@pytest.mark.parametrize("content", [b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / INPUTS_FILE).write_bytes(content)
    (tmp_path / "checkpoints" / "motion-00000003").mkdir(parents=True)
    with pytest.raises(ValueError, match=rf"{INPUTS_FILE} is damaged.*delete it"):
        check_inputs(tmp_path, "motion", {"corpus a": "1"})
