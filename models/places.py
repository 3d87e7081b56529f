"""Where weights are: in a folder of this machine, or on the hub. Without torch, so that a mistake is told at once."""

from __future__ import annotations

import re
from pathlib import Path

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
# Folders as people call them, whether they are there or not.
_USUAL_FOLDERS = ("runs", "models", "weights", "checkpoints", "output", "outputs", "out")


def is_local(name: str) -> bool:
    """Return whether a name means a place on this machine, there or not, rather than a model on the hub.

    So does what begins with `.`, `/` or `~`, has more than one slash or ends in one, and what lies in a folder that
    exists or is called as folders usually are, such as `runs`.
    """
    first, slash, _ = name.partition("/")
    return bool(
        name.startswith((".", "/", "~"))
        or name.count("/") > 1
        or name.endswith(("/", ".safetensors"))
        or Path(name).exists()
        or (slash and (Path(first).is_dir() or first in _USUAL_FOLDERS))
    )


def check_place(option: str, name: str) -> None:
    """Raise ValueError unless a name is that of a folder that exists, or could be the id of a model on the hub.

    Args:
        option: what is named, for the message: `base`.
        name: as the user gave it.
    """
    if Path(name).is_dir():
        return
    if Path(name).exists():
        raise ValueError(f"{option} {name} is a file: give the folder that it lies in, as diffusers saves one")
    if is_local(name):
        raise ValueError(f"{option} {name} does not exist: give a run, a folder of weights, or a hub id as owner/model")
    if not _HUB_ID.fullmatch(name):
        raise ValueError(f"{option} {name!r} is neither a folder nor a hub id such as 'owner/model'")
