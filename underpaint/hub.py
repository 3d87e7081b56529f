"""Weights by name: a folder of this machine, or a model on the Hugging Face hub. Told apart without asking the hub.

Beside the packages, and importing none of them: commands refuse a wrong name before they import torch.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = "a run, a folder of weights, or a hub id such as owner/model"

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
# Folders that people keep runs and weights in, and no owner on the hub is called like.
_FOLDERS = {"checkpoints", "corpora", "data", "learned", "models", "out", "output", "outputs", "run", "runs", "weights"}


def looks_local(name: str) -> bool:
    """Return whether a name is a path, whether or not anything is there, rather than a hub id such as owner/model.

    A hub id has exactly one slash, with a name on either side. What begins with `.`, `~` or a drive letter, or with a
    folder that is there or is usual for such things, is a path.
    """
    owner, slash, model = name.partition("/")
    if not slash or not model or "/" in model or owner in ("", ".", "..", "~") or ":" in name or "\\" in name:
        return True
    if model.endswith(".safetensors"):
        return True
    return owner.lower() in _FOLDERS or Path(owner).exists()


def check_source(option: str, name: str, instead: str = FOLDER, *, files: bool = False) -> None:
    """Raise ValueError unless `name` is a folder that is there, or may be a hub id; says what to give instead.

    Args:
        option: that gave the name, for the message: `base`.
        name: a folder or a hub id.
        instead: what may be given.
        files: whether a file may be given, too.
    """
    path = Path(name)
    if path.is_dir() or (files and path.is_file()):
        return
    if path.exists():
        raise ValueError(f"{option} {name} is a file: give {instead}")
    if looks_local(name):
        raise ValueError(f"{option} {name} does not exist: give {instead}")
    if not _HUB_ID.fullmatch(name):
        raise ValueError(f"{option} {name!r} is neither a folder nor a hub id: give {instead}")
