from pathlib import Path

import pytest

from models.runs import is_run, result_of


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
