from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.pipelines.export.config import ExportConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": "koya"}, r"layout is 'koya': use diffusers, animatediff, kohya or webui; did you mean kohya\?"),
        ({"dtype": "fp8"}, "dtype is 'fp8': use fp32, fp16 or bf16"),
    ],
)
def test_other_values_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExportConfig(source=Path("a"), out=Path("b"), **changes)
