from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.pipelines.evaluation.config import EvaluateConfig


def test_paths_may_be_texts() -> None:
    config = EvaluateConfig(process="a", out="b")  # type: ignore[arg-type]
    assert (config.process, config.out, config.reference) == (Path("a"), Path("b"), None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 8}, "size is 8"),
        ({"aspect": "round"}, "aspect is 'round'"),
        ({"frames": 1}, "frames is 1"),
        ({"threshold": 1.0}, r"threshold is 1\.0"),
        ({"threshold": -0.1}, r"threshold is -0\.1"),
        ({"lpips": "alex.pth"}, "lpips is given without lpips_backbone"),
        ({"lpips_backbone": "alexnet.pth"}, "lpips_backbone is given without lpips"),
        ({"plot": "curves.jpg"}, r"plot is 'curves\.jpg'"),
    ],
)
def test_values_out_of_range_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EvaluateConfig(process=Path("a"), **changes)
