"""What a folder is for: settings that a chain that continues must share, and the time that its parts took."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import write_json
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.settings import hold_settings
from underpaint.texts import parse_json

_FILE, _TIMES = "learn.json", "times.json"


def settle(config: LearnConfig, machine: Machine) -> None:
    """Write the settings into the folder, or make sure that they are those that are there.

    Raises:
        ValueError: the folder belongs to a chain with other settings, or holds other things.
    """
    path = config.out / _FILE
    if not path.is_file():
        foreign = sorted(entry.name for entry in config.out.iterdir() if not entry.name.startswith("."))
        if foreign:
            raise ValueError(f"{config.out} holds other things, {foreign[0]} for one: use another --out")
    hold_settings(path, _settings(config, machine))


def read_times(folder: Path) -> dict[str, float]:
    """Seconds that each part has taken so far, interrupted runs included."""
    path = folder / _TIMES
    times: dict[str, float] = parse_json(path.read_bytes()) if path.is_file() else {}
    return times


def add_time(folder: Path, part: str, seconds: float) -> None:
    """Count seconds in."""
    times = read_times(folder)
    write_json(folder / _TIMES, times | {part: round(times.get(part, 0.0) + seconds, 1)})


def _settings(config: LearnConfig, machine: Machine) -> dict[str, Any]:
    """Everything that affects the result, as it comes back from a file."""
    values = dataclasses.asdict(config) | dataclasses.asdict(machine)
    del values["out"], values["cores"]
    if config.source is not None and Path(config.source).exists():
        values["source"] = str(Path(config.source).resolve())
    return values
