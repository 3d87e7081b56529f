from __future__ import annotations

from pathlib import Path

import pytest

from underpaint.experiments.settings import hold_settings


def test_a_folder_keeps_its_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    hold_settings(path, {"seed": 1})
    hold_settings(path, {"seed": 1})
    with pytest.raises(ValueError, match="was begun with seed 1, now it is 2: use another --out"):
        hold_settings(path, {"seed": 2})
