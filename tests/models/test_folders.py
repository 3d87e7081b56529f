from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from underpaint.models.folders import check_folder


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "is a list, not keys and values"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{", r"config\.json can't be read"),
        (b"", r"config\.json can't be read"),
        (b'{"a": NaN}', "NaN is no finite number"),
        ({"_class_name": "ControlNetModel"}, "holds no MotionAdapter that can be loaded: .* says a ControlNetModel"),
        ({}, r"config\.json says no _class_name"),
        ({"_class_name": 5}, r"config\.json says a 5"),
        ({"_class_name": "MotionAdapter", "motion_layers_per_block": 10**9}, "motion_layers_per_block=1000000000: no"),
        ({"_class_name": "MotionAdapter", "block_out_channels": [1] * 99}, "block_out_channels="),
    ],
)
def test_settings_that_are_none(tmp_path: Path, content: Any, message: str) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / "config.json").write_bytes(data)
    with pytest.raises(ValueError, match=message) as caught:
        check_folder("MotionAdapter", tmp_path)
    assert "\n" not in str(caught.value)


def test_what_is_not_here_is_left_to_diffusers(tmp_path: Path) -> None:
    check_folder("MotionAdapter", Path("owner/model"))
    check_folder("MotionAdapter", tmp_path)
