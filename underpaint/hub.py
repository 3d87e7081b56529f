"""Weights by name: a folder of this machine, or a model on the Hugging Face hub. Told apart without asking the hub.

Beside the packages, and importing none of them: commands refuse a wrong name before they import torch.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit

FOLDER = "a run, a folder of weights, a .safetensors file, or a hub id such as owner/model"

# Files that torch.save writes.
PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
WEIGHTS = ".safetensors"
VAE = f"a folder that diffusers saved, a {WEIGHTS} file or a hub id"  # in place of a base's own

_CONVERT = (
    "import sys, torch; from safetensors.torch import save_file; held = torch.load(sys.argv[1], map_location='cpu', "
    "weights_only=True); held = next((held[k] for k in ('state_dict', 'controlnet', 'string_to_param') if k in held), "
    "held); save_file({k: v.clone() for k, v in held.items() if isinstance(v, torch.Tensor)}, sys.argv[2])"
)
_PATIENCE = 1.5  # seconds; a hub that is there answers in a tenth of it
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
# Folders that people keep runs and weights in, and no owner on the hub is called like.
_FOLDERS = {"checkpoints", "corpora", "data", "learned", "models", "out", "output", "outputs", "run", "runs", "weights"}


def is_hub_id(name: str) -> bool:
    """Return whether a name has the form of a repository's on the hub, owner/model; nobody is asked."""
    return _HUB_ID.fullmatch(name) is not None


def looks_local(name: str) -> bool:
    """Return whether a name is a path, whether or not anything is there, rather than a hub id such as owner/model.

    A hub id has exactly one slash, with a name on either side. What begins with `.`, `~` or a drive letter, or with a
    folder that is there or is usual for such things, is a path.
    """
    owner, slash, model = name.partition("/")
    if not slash or not model or "/" in model or owner in ("", ".", "..", "~") or ":" in name or "\\" in name:
        return True
    if model.lower().endswith((WEIGHTS, *PICKLES)):
        return True
    return owner.lower() in _FOLDERS or Path(owner).exists()


def check_source(option: str, name: str, instead: str = FOLDER, *, files: bool = True) -> None:
    """Raise ValueError unless `name` is a folder or a file of weights that is there, or may be a hub id.

    Args:
        option: that gave the name, for the message: `base`.
        name: a folder, a file or a hub id.
        instead: what may be given.
        files: whether a .safetensors file may be given.
    """
    path = Path(name)
    if path.is_dir():
        return
    if path.exists():
        check_pickle(path)
        if files and path.suffix.lower() == WEIGHTS:
            return
        raise ValueError(f"{option} {name} is a file: give {instead}")
    if looks_local(name):
        raise ValueError(f"{option} {name} does not exist: give {instead}")
    if not _HUB_ID.fullmatch(name):
        raise ValueError(f"{option} {name!r} is neither a folder nor a hub id: give {instead}")


def check_base_config(folder: str | Path | None, base: str | Path) -> None:
    """Raise ValueError unless a folder with the configs of a base in one file, if one is given, is there and needed."""
    if folder is not None and not Path(folder).is_dir():
        raise ValueError(f"base_config {folder} is no folder: give one that diffusers saved, weights aside")
    if folder is not None and not Path(base).is_file():
        raise ValueError(f"base_config {folder} with base {base}, which has configs of its own: leave it out")


def check_pickle(path: Path) -> None:
    """Raise ValueError for a file that torch.save wrote, with the command that converts it; judged by its name."""
    if path.suffix.lower() in PICKLES:
        raise ValueError(
            f"{path} is a pickle, which can run anything and is never opened: convert it to .safetensors, where it can "
            f'do no harm, by: python -c "{_CONVERT}" {quote(path.name)} {quote(path.stem + WEIGHTS)}'
        )


def check_hub(*names: str | None) -> None:
    """Raise ValueError if one of some models isn't stored on this machine and the hub can't be reached.

    diffusers and transformers would try for half a minute, as long for a path that is mistyped.

    Args:
        names: folders, files, hub ids, or None; only hub ids are looked at, and without huggingface_hub nothing is.
    """
    try:
        from huggingface_hub import constants
    except ImportError:
        return
    proxied = any(os.environ.get(proxy) or os.environ.get(proxy.lower()) for proxy in _PROXIES)
    asked = [name for name in names if name is not None and _HUB_ID.fullmatch(name) and not Path(name).exists()]
    missing = [
        name for name in asked if not Path(constants.HF_HUB_CACHE, f"models--{name.replace('/', '--')}").is_dir()
    ]
    if not missing or constants.HF_HUB_OFFLINE or proxied:
        return
    hub = urlsplit(constants.ENDPOINT)
    try:
        port = hub.port or (80 if hub.scheme == "http" else 443)
        socket.create_connection((str(hub.hostname), port), timeout=_PATIENCE).close()
    except OSError as error:
        raise ValueError(
            f"{missing[0]} is neither here nor to be had from the hub: {constants.ENDPOINT} can't be reached "
            f"({error}); give a path that is there, or a model that was downloaded before"
        ) from None
