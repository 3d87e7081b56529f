"""The settings that a folder of results was made with: who continues must have the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import write_json
from underpaint.texts import parse_json


def hold_settings(path: Path, values: dict[str, Any]) -> None:
    """Write settings into a folder, or make sure that they are those that are there.

    Args:
        path: file of the settings, directly in the folder.
        values: as JSON reads them back.

    Raises:
        ValueError: the folder was begun with others; says which.
    """
    if not path.is_file():
        write_json(path, values)
        return
    before = parse_json(path.read_bytes())
    for name, value in values.items():
        if before.get(name) != value:
            raise ValueError(
                f"{path.parent} was begun with {name} {before.get(name)!r}, now it is {value!r}: use another --out, or "
                "the same settings to continue"
            )
