"""What a run can be refused for before torch is imported, and before any hub is asked."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from underpaint.datagen.format.index import read_index
from underpaint.extras import missing
from underpaint.hub import VAE, check_base_config, check_hub, check_source
from underpaint.models.nano_names import is_nano
from underpaint.runs import OWN_LORA_FILES, STOCK_LORA_FILES, result_of
from underpaint.training.config import TrainConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.folder import LOCK_FILE, check_folder, is_first, only_run
from underpaint.training.split import smallest_canvas

_BASE = "`nano`, `nano-large`, a diffusers folder, a .safetensors file, a base run or a hub id such as owner/model"
_NETWORK = "a {0} run, a diffusers folder, a .safetensors file or a hub id"
# Modules that optimizers need beside torch and transformers.
_LIBRARIES = {"adamw-8bit": "bitsandbytes", "prodigy": "prodigyopt"}
_LORA_FILES = (*OWN_LORA_FILES, *STOCK_LORA_FILES)
_LORA = "a run of the stage {0}, a folder that holds {1}, or a .safetensors file"


def check_paths(config: TrainConfig) -> None:
    """Raise ValueError for what isn't there: corpora, base, motion module; or a folder that is no run's or in use."""
    check_folder(config)
    _check_libraries(config)
    # Of several processes the first holds the folder; the others would take each other for another run.
    if is_first() and (config.out / LOCK_FILE).exists():
        with only_run(config.out):
            pass
    if not config.data.streaming:
        for corpus in config.data.corpus:
            _check_corpus(Path(corpus), config.data)
    if not is_nano(config.base):
        _check_weights("base", config.base, "base", ["model_index.json"], _BASE)
    if config.vae is not None:
        check_source("vae", config.vae, VAE)
    check_base_config(config.base_config, config.base)
    motion = getattr(config, "motion", None)
    if motion is not None:
        _check_weights("motion", motion, "motion", ["config.json"], _NETWORK.format("motion"))
    if config.init is not None:
        _check_init(config, config.init)
    check_hub(config.base, config.vae, motion, config.init)


def _check_libraries(config: TrainConfig) -> None:
    library = _LIBRARIES.get(config.optimizer)
    if library and importlib.util.find_spec(library) is None:
        raise missing(f"optimizer {config.optimizer}", library, "optimizers")
    if config.report_to == "wandb" and importlib.util.find_spec("wandb") is None:
        raise missing("report_to wandb", "wandb", "wandb")


def _check_init(config: TrainConfig, init: str) -> None:
    stage = config.stage
    if stage in ("motion", "replication"):
        _check_weights("init", init, stage, ["config.json"], _NETWORK.format(stage))
    elif stage == "base" and is_nano(config.base):
        _check_weights("init", init, "base", ["model_index.json"], "a nano: a finished base run, or its folder")
    elif not Path(init).exists():
        raise ValueError(f"init {init} does not exist: give {_LORA.format(stage, OWN_LORA_FILES[0])}")
    else:
        _check_weights("init", init, stage, _LORA_FILES, _LORA.format(stage, " or ".join(_LORA_FILES)))


def _check_corpus(corpus: Path, config: DataConfig) -> None:
    """Look at the first shard alone: the others are read once, when the run begins."""
    (first,) = read_index(corpus, lambda _, renderer: not config.renderer or renderer in config.renderer, shards=1)
    if len(first):
        smallest_canvas([first], config)


def _check_weights(option: str, source: str, phase: str, needed: Sequence[str], instead: str) -> None:
    """Refuse what isn't there, an unfinished run, and a folder without weights; what is in them is seen when loaded."""
    check_source(option, source, instead)
    folder = Path(result_of(source, phase))
    if folder.is_dir() and not any((folder / name).is_file() for name in needed):
        raise ValueError(f"{option} {folder} has no {' or '.join(needed)}: give {instead}")
