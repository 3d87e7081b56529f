"""Rows without a corpus."""

from __future__ import annotations

from underpaint.datagen.report.rows import Row


def a_row(number: int = 0, **changes: object) -> Row:
    values: dict[str, object] = {
        "key": f"{number:08d}-barn-bezier",
        "source": "barn.jpg",
        "caption": "a red barn",
        "group": "bezier",
        "strokes": 100,
        "psnr": 25.0,
        "bytes": 51200,
        "canvas": (64, 48),
        "curve": (5.0, 15.0, 25.0),
        "phases": ("blank", "layout", "details"),
    }
    return Row(**(values | changes))  # type: ignore[arg-type]
