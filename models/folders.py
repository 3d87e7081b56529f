"""Folders that diffusers saved, looked at before anything is loaded: the right kind, of a possible size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from underpaint.hub import PICKLES, check_pickle
from underpaint.texts import parse_json, printable

CONFIG = "config.json"
# More of anything makes a network that nobody has, and diffusers would build it for ever.
_MAX_LAYERS, _MAX_NUMBER, _MAX_LIST = 64, 10_000_000, 64


def check_folder(kind: str, folder: Path) -> None:
    """Raise ValueError if a folder of this machine holds another kind of model, or a config that can't be.

    What isn't there, or holds no config, is left to diffusers, which knows more places.

    Args:
        kind: name of the class that it is to hold, as `MotionAdapter`.
        folder: where its config is.
    """
    path = folder / CONFIG
    if not path.is_file():
        return
    try:
        content = parse_json(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{folder} holds no {kind} that can be loaded: {CONFIG} can't be read: {error}") from None
    try:
        check_config(kind, content, CONFIG)
    except ValueError as error:
        raise ValueError(f"{folder} holds no {kind} that can be loaded: {error}") from None


def check_config(kind: str, content: Any, where: str) -> None:
    """Raise ValueError if a config is of another kind of model, or can't be.

    Args:
        kind: name of the class that it is to be of.
        content: what was read.
        where: its name, for the message.
    """
    if not isinstance(content, dict):
        raise ValueError(f"{where} is a {type(content).__name__}, not keys and values")
    if (name := content.get("_class_name")) != kind:
        held = f"a {printable(str(name)[:80])}" if name else "no _class_name"
        raise ValueError(f"{where} says {held}")
    for key, value in content.items():
        _check_number(where, key, value)


def variant_of(folder: Path, stem: str) -> str | None:
    """Return which variant of its weights a folder holds, as `fp16`; None if it holds those without such a name.

    Args:
        folder: of one network, of this machine or not.
        stem: of the file without a variant, as `diffusion_pytorch_model`.

    Raises:
        ValueError: nothing but pickles, with the command that converts one.
    """
    pattern = re.compile(rf"{re.escape(stem)}(?:\.(\w+))?(?:-\d+-of-\d+)?\.safetensors")
    found = {match[1] for path in folder.glob(f"{stem}*") if (match := pattern.fullmatch(path.name))}
    if not found:
        for path in sorted(folder.glob(f"{stem}*")):
            if path.suffix in PICKLES:
                check_pickle(path)
    return None if None in found else min(found, default=None)


def _check_number(where: str, key: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    numbers = [each for each in values if isinstance(each, int | float)]
    most = _MAX_LAYERS if "layers" in key else _MAX_NUMBER
    if len(values) > _MAX_LIST or any(abs(number) > most for number in numbers):
        raise ValueError(f"{where} says {printable(key[:80])}={value!r:.80}: no network has that")
