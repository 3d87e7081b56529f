"""A run that goes on has the corpora and the networks that it began with."""

from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.training.inputs import INPUTS_FILE, check_inputs


def test_what_was_exchanged_is_named(tmp_path: Path) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1", "corpus b": "2"}, write=True)
    check_inputs(tmp_path, "motion", {"corpus a": "1"}, write=True)
    with pytest.raises(ValueError, match=r"another corpus b: its content has changed.*--out"):
        check_inputs(tmp_path, "motion", {"corpus a": "1", "corpus b": "3"}, write=True)


def test_only_one_process_writes(tmp_path: Path) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1"}, write=False)
    assert not (tmp_path / INPUTS_FILE).exists()


def test_a_run_from_before_there_were_digests_goes_on_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    check_inputs(tmp_path, "motion", {"corpus a": "1"}, write=True)
    assert not caplog.records
    (tmp_path / "checkpoints" / "motion-00000003").mkdir(parents=True)
    check_inputs(tmp_path, "motion", {"networks under motion": "9"}, write=True)
    assert "whether networks under motion is still the same can't be told" in caplog.text
    with pytest.raises(ValueError, match="another networks"):
        check_inputs(tmp_path, "motion", {"networks under motion": "8"}, write=True)


@pytest.mark.parametrize("content", [b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / INPUTS_FILE).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{INPUTS_FILE} is damaged.*delete it"):
        check_inputs(tmp_path, "motion", {"corpus a": "1"}, write=True)
