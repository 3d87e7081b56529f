"""The weights of a run or folder that can be exported; without torch, so that a mistake is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from underpaint.hub import check_pickle
from underpaint.models.folders import CONFIG
from underpaint.pipelines.export.config import Layout
from underpaint.runs import OWN_LORA_FILES, STOCK_LORA_FILES, is_run
from underpaint.texts import parse_json

Kind = Literal["motion", "replication", "lora", "file"]

_CLASSES: dict[str, Kind] = {"MotionAdapter": "motion", "SparseControlNetModel": "replication"}
# The stage of each result, the last of a run first.
_RESULTS = ("artist", "replication", "motion", "base")


@dataclass(frozen=True, kw_only=True)
class Exportable:
    """Weights to be exported.

    Attributes:
        kind: `motion`, `replication` or `lora`; `file` if only its content tells.
        path: folder of a motion module or replication network, otherwise a file.
        name: of the file that is written, without suffix.
    """

    kind: Kind
    path: Path
    name: str


def find_exportable(source: Path) -> list[Exportable]:
    """Find the weights of a run, a folder of weights or a file.

    Raises:
        ValueError: there are none, the run isn't finished, or the file is a pickle.
    """
    if source.is_file():
        check_pickle(source)
        return [Exportable(kind="file", path=source, name=source.stem)]
    if not source.is_dir():
        raise ValueError(f"source {source} does not exist: give a run, a folder of weights, or a .safetensors file")
    name = source.resolve().name
    if not is_run(source):
        return _within(source, name)
    folder = next((source / stage for stage in _RESULTS if (source / stage).is_dir()), None)
    if folder is None:
        raise ValueError(f"run {source} is not finished: run its command again to finish")
    return _within(folder, name)


def _within(folder: Path, name: str) -> list[Exportable]:
    found = []
    if kind := _CLASSES.get(_class_of(folder)):
        found.append(Exportable(kind=kind, path=folder, name=_joined(name, kind)))
    if kind == "replication" and _class_of(folder / "motion") == "MotionAdapter":  # trained on together with it
        found.append(Exportable(kind="motion", path=folder / "motion", name=_joined(name, "motion")))
    for file in OWN_LORA_FILES:
        if (folder / file).is_file():
            found.append(Exportable(kind="lora", path=folder / file, name=_joined(name, file.partition(".")[0])))
    if not found and (stock := next((folder / file for file in STOCK_LORA_FILES if (folder / file).is_file()), None)):
        found.append(Exportable(kind="lora", path=stock, name=name))
    if not found and (folder / "model_index.json").is_file():
        raise ValueError(
            f"{folder} is a whole base without a LoRA of its own: diffusers loads that folder as it is, and "
            "diffusers' scripts/convert_diffusers_to_original_stable_diffusion.py makes one file of it for others"
        )
    if not found:
        raise ValueError(f"{folder} holds no motion module, replication network or LoRA")
    return found


def _joined(name: str, kind: str) -> str:
    # Not wherever it is: of `my-replication-motion` network and motion module would be one file.
    return name if name.endswith(kind) else f"{name}-{kind}"


def _class_of(folder: Path) -> str:
    """Return the class that a folder's config names; nothing if it has none that can be read."""
    path = folder / CONFIG
    try:
        content = parse_json(path.read_bytes()) if path.is_file() else None
    except ValueError:
        return ""
    return str(content.get("_class_name")) if isinstance(content, dict) else ""


def layout_of(kind: str, wanted: Layout | None) -> Layout:
    """Return the layout to write: the wanted one, or what most programs load.

    Args:
        kind: `motion`, `replication`, `spatial` or `temporal`.
        wanted: a layout, or None.

    Raises:
        ValueError: no program reads that.
    """
    if wanted == "kohya" and kind != "spatial":
        what = "temporal LoRAs" if kind == "temporal" else f"{kind} weights"
        raise ValueError(f"no program reads {what} in kohya's layout: give --layout animatediff, or none")
    if kind == "spatial" and wanted in (None, "webui"):
        return "kohya"
    return wanted or "animatediff"
