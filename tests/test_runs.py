from pathlib import Path

import pytest

from underpaint.runs import is_run, result_of, tuned_motion


def test_a_run_stands_for_its_result_and_all_else_for_itself(tmp_path: Path) -> None:
    assert result_of("owner/model", "base") == "owner/model"
    assert result_of(tmp_path, "base") == str(tmp_path)
    assert not is_run(tmp_path)
    (tmp_path / "config.yaml").touch()
    assert is_run(tmp_path)
    with pytest.raises(ValueError, match="has no finished base: it is of another stage, or run its command again"):
        result_of(tmp_path, "base")
    (tmp_path / "base").mkdir()
    assert result_of(str(tmp_path), "base") == str(tmp_path / "base")


def test_a_replication_run_may_hold_the_motion_module(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    (weights / "motion").mkdir(parents=True)
    assert tuned_motion(weights) == weights / "motion"
    run = tmp_path / "run"
    (run / "replication").mkdir(parents=True)
    (run / "config.yaml").touch()
    assert tuned_motion(run) is None
    with pytest.raises(ValueError, match="has no finished motion"):
        result_of(run, "motion")
    (run / "replication" / "motion").mkdir()
    assert result_of(run, "motion") == str(tuned_motion(run)) == str(run / "replication" / "motion")
    assert tuned_motion(Path("owner/model")) is None
