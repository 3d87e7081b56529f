"""Checkpoints: folders that are whole or not there, without a pickle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from underpaint.datagen.format.atomic import atomic_folder
from underpaint.models.finite import check_finite
from underpaint.models.weights import read_tensors, write_tensors
from underpaint.texts import parse_json
from underpaint.training.folder import checkpoint_name, checkpoints, steps

_STATE = "state.json"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where a phase of a run is.

    Attributes:
        phase: its name.
        step: steps done.
        tensors: by part (`weights`, `average`, `optimiser`) and name.
        extra: JSON values.
    """

    phase: str
    step: int
    tensors: Mapping[str, Mapping[str, Tensor]]
    extra: Mapping[str, Any]


def save(folder: Path, checkpoint: Checkpoint, *, keep: int) -> None:
    """Write a checkpoint into `folder`; of all that are there the last `keep` stay."""
    # AdamW has no moments before the first step, and safetensors can't write a file of nothing that it reads again.
    parts = {part: tensors for part, tensors in checkpoint.tensors.items() if tensors}
    with atomic_folder(folder / checkpoint_name(checkpoint.phase, checkpoint.step)) as temporary:
        for part, tensors in parts.items():
            write_tensors(temporary / f"{part}.safetensors", tensors, {})
        state = {"phase": checkpoint.phase, "step": checkpoint.step, "parts": sorted(parts)}
        content = json.dumps(state | {"extra": checkpoint.extra}, indent=1, allow_nan=False)
        (temporary / _STATE).write_text(content, encoding="ascii")
    # Another phase's are done with: its result is there.
    kept = steps(folder, checkpoint.phase)[-keep:]
    for path, phase, step in checkpoints(folder):
        if phase != checkpoint.phase or step not in kept:
            shutil.rmtree(path)


def load_last(folder: Path, phase: str) -> Checkpoint | None:
    """The last checkpoint of a phase, if it has one.

    Raises:
        ValueError: it is damaged; says which and what to do.
    """
    found = steps(folder, phase)
    if not found:
        return None
    path = folder / checkpoint_name(phase, found[-1])
    try:
        return _load(path, found[-1])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"checkpoint {path} is damaged ({error}); delete it to go on from the one before") from error


def _load(path: Path, step: int) -> Checkpoint:
    state = parse_json((path / _STATE).read_bytes())
    if state["step"] != step or not isinstance(state["extra"], dict):
        raise ValueError(f"{_STATE} is of step {state['step']!r}, or of something else")
    tensors = {part: read_tensors(path / f"{part}.safetensors")[0] for part in state["parts"]}
    for part, content in tensors.items():
        check_finite(content, f"{part}.safetensors")
    return Checkpoint(phase=state["phase"], step=step, tensors=tensors, extra=state["extra"])
