"""What a run can be refused for before torch is imported, and before any hub is asked."""

from __future__ import annotations

from pathlib import Path

from underpaint.datagen.format.index import read_index
from underpaint.hub import check_source
from underpaint.runs import result_of
from underpaint.training.config import TrainConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.folder import LOCK_FILE, check_folder, is_first, only_run
from underpaint.training.split import smallest_canvas


def check_paths(config: TrainConfig) -> None:
    """Raise ValueError for what isn't there: corpora, base, motion module; or a folder that is no run's or in use."""
    check_folder(config)
    # Of several processes the first holds the folder; the others would take each other for another run.
    if is_first() and (config.out / LOCK_FILE).exists():
        with only_run(config.out):
            pass
    if not config.data.streaming:
        for corpus in config.data.corpus:
            _check_corpus(Path(corpus), config.data)
    if config.base != "nano":
        instead = "`nano`, a diffusers folder, a base run or a hub id such as owner/model"
        check_source("base", config.base, instead)
        _check_weights("base", config.base, "model_index.json", instead)
    motion = getattr(config, "motion", None)
    if motion is not None:
        instead = "the folder of a motion run or of a motion adapter, or a hub id"
        check_source("motion", motion, instead)
        _check_weights("motion", motion, "config.json", instead)


def _check_corpus(corpus: Path, config: DataConfig) -> None:
    """Look at the first shard alone: the others are read once, when the run begins."""
    (first,) = read_index(corpus, lambda _, renderer: not config.renderer or renderer in config.renderer, shards=1)
    if len(first):
        smallest_canvas([first], config)


def _check_weights(option: str, source: str, needed: str, instead: str) -> None:
    """Refuse an unfinished run, and another folder without weights; whether they fit is seen when they are loaded."""
    folder = Path(result_of(source, option))
    if folder.is_dir() and not (folder / needed).is_file():
        raise ValueError(f"{option} {folder} has no {needed}: give {instead}")
