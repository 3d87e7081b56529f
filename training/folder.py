"""A run's folder: whether a config continues the run that is there, who holds it, and its config.yaml."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]
from filelock import SoftFileLock, Timeout
from safetensors import SafetensorError

from underpaint.commandline.parser import with_new_names
from underpaint.datagen.format.atomic import write_file
from underpaint.locks import lock_at
from underpaint.models.nano_names import is_nano
from underpaint.training.buckets import is_square
from underpaint.training.config import CHANGEABLE, FREE, RENAMED, RENAMED_OF_BASE, TrainConfig, plain

CONFIG_FILE = "config.yaml"
LOCK_FILE = ".lock"
# The last phase of each stage has its name, and so has the folder of its result.
STAGES = ("base", "motion", "replication", "artist")
PHASES = ("autoencoder", "spatial", *STAGES)
_FOLDERS = ("checkpoints", "sheets", "tensorboard", *PHASES)
_CHECKPOINT = re.compile(r"(?P<phase>[a-z]+)-(?P<step>\d{8})")

_log = logging.getLogger(__name__)


def is_first() -> bool:
    """Return whether this is the first of a run's processes, by what their launcher says; torch isn't needed."""
    return os.environ.get("RANK", "0") == "0"


def check_folder(config: TrainConfig) -> None:
    """Raise ValueError if the run's folder holds a run that this config doesn't continue."""
    if config.out.exists() and not config.out.is_dir():
        raise ValueError(f"{config.out} is a file: a run needs a folder, so take another --out")
    for name in _FOLDERS:
        if (config.out / name).exists() and not (config.out / name).is_dir():
            raise ValueError(f"{config.out / name} is a file, and a run makes a folder of that name: move it away")
    if not (config.out / CONFIG_FILE).is_file():
        return
    if config.resume == "never":
        raise ValueError(f"{config.out} holds a run: take another folder, or --resume auto to resume it")
    before, now = _stored(config.out / CONFIG_FILE), settled(config)
    # Until there were buckets all frames were square, which makes no difference to a square corpus.
    if "aspect" not in before and all(is_square(Path(corpus)) for corpus in config.data.corpus):
        before["aspect"] = now["aspect"]
    before.setdefault("aspect", "square")
    # Until tokenizers were learned nano read letters.
    if config.stage == "base" and is_nano(config.base):
        before.setdefault("tokenizer", "letters")
    # Nor does a run's file hold options that came after it: they were as they are by default.
    for field in dataclasses.fields(config):
        if field.default is not dataclasses.MISSING:
            before.setdefault(field.name, field.default)
    if before.get("steps") != now["steps"] and any((config.out / stage).is_dir() for stage in STAGES):
        raise ValueError(
            f"{config.out} holds a run that is finished after {before.get('steps')} steps, and its checkpoints are "
            f"gone: train the {now['steps']} steps in another --out"
        )
    done = max((step for _, phase, step in checkpoints(config.out / "checkpoints") if phase in STAGES), default=0)
    if done > config.steps:
        raise ValueError(f"{config.out} has done {done} steps, now it is to do {config.steps}: give more")
    free = [*FREE, *(CHANGEABLE if config.resume == "changed" else ())]
    # A constant learning rate doesn't depend on the number of steps.
    free += ["steps"] if config.lr_scheduler == "constant" else []
    for name in sorted((before.keys() | now.keys()) - set(free)):
        if before.get(name) != now.get(name):
            changed = ", --resume changed to go on with this one" if name in CHANGEABLE else ""
            raise ValueError(
                f"{config.out} holds a run with {name} {before.get(name)!r}, now it is {now.get(name)!r}: take another "
                f"folder{changed}, or the same settings to continue it"
            )


def checkpoint_name(phase: str, step: int) -> str:
    """Return the name of a checkpoint's folder."""
    return f"{phase}-{step:08d}"


def checkpoints(folder: Path) -> Iterator[tuple[Path, str, int]]:
    """Yield the checkpoints in a folder, which need not be there, each with its phase and step."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _CHECKPOINT.fullmatch(path.name):
            yield path, match["phase"], int(match["step"])


def steps(folder: Path, phase: str) -> list[int]:
    """Return the steps of a phase's checkpoints, rising."""
    return sorted(step for _, of, step in checkpoints(folder) if of == phase)


def _stored(path: Path) -> dict[str, Any]:
    """Return the settings of the run that is there, also of one that was started before options were renamed."""
    try:
        content = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} is damaged ({reason}): restore it, or take another --out") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path} is damaged (no settings in it): restore it, or take another --out")
    return with_new_names(content, RENAMED | RENAMED_OF_BASE)


def settled(config: TrainConfig) -> dict[str, Any]:
    """Return the settings as they come back from a file."""
    content: dict[str, Any] = yaml.safe_load(yaml.safe_dump(plain(config)))
    # Wherever the folder is moved, it is the same run.
    del content["out"]
    return content


def write_config(config: TrainConfig) -> None:
    """Write config.yaml, and log which settings a run goes on with that were others before."""
    config.out.mkdir(parents=True, exist_ok=True)
    path, now = config.out / CONFIG_FILE, settled(config)
    before = _stored(path) if path.is_file() else now
    for name in CHANGEABLE:
        if before.get(name) != now.get(name):
            _log.warning("%s goes on with %s %r instead of %r", config.out, name, now.get(name), before.get(name))
    text = f"# underpaint-train {config.stage} --out {config.out} --config ...\n" + yaml.safe_dump(now)
    write_file(path, text.encode("utf-8"))


@contextmanager
def naming_run(folder: Path, safe: str = "") -> Iterator[None]:
    """Let what can't be written name the run's folder, and what is `safe` in it: libraries often name no file."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise OSError(f"{folder} can't be written: {reason}{safe}") from error


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Make a run's folder, and hold it for one run at a time.

    Raises:
        ValueError: another run holds it.
        OSError: it can't be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_at(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        dead = f"; if none is, remove {lock.lock_file}" if isinstance(lock, SoftFileLock) else ""
        raise ValueError(f"another run is training in {folder}: wait for it, or take another --out{dead}") from None
    try:
        yield
    finally:
        lock.release()
