"""A config of comparisons on runs that have a config.yaml and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from underpaint.experiments.ablations.config import AblationsConfig


def config(out: Path, **changes: Any) -> AblationsConfig:
    """Return one with all that comparisons need."""
    paths = {name: Path(name) for name in ("corpus", "base", "motion", "process", "photos")}
    return AblationsConfig(**{**paths, "out": out, **changes})


def write_run(folder: Path, **values: Any) -> Path:
    """Write a run's settings into a new folder."""
    folder.mkdir(parents=True)
    augment = {"flip": 0.0, "saturation": 0.0, "gamma": 0.05}
    same = {"size": 32, "frames": 1, "name_medium": True, "validation": 0.2, "augment": augment}
    (folder / "config.yaml").write_text(yaml.safe_dump(same | values))
    return folder
