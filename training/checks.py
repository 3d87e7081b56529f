"""What a run can be refused for before torch is imported, and before any hub is asked."""

from __future__ import annotations

from pathlib import Path

from underpaint.datagen.format.index import find_sidecars
from underpaint.hub import check_source
from underpaint.training.config import TrainConfig
from underpaint.training.folder import LOCK_FILE, check_folder, only_run


def check_paths(config: TrainConfig) -> None:
    """Raise ValueError for what isn't there: corpora, base, motion module; or a folder that is no run's or in use."""
    check_folder(config)
    if (config.out / LOCK_FILE).exists():
        with only_run(config.out):
            pass
    if not config.data.streaming:
        for corpus in config.data.corpus:
            find_sidecars(Path(corpus))
    if config.base != "nano":
        check_source("base", config.base, "`nano`, a diffusers folder, a base run or a hub id such as owner/model")
    motion = getattr(config, "motion", None)
    if motion is not None:
        check_source("motion", motion, "the folder of a motion run or of a motion adapter, or a hub id")
