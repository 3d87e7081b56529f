"""Writing weights for other programs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from diffusers import MotionAdapter, SparseControlNetModel

from underpaint.datagen.format.atomic import atomic_folder, put_in_place, temporary_name
from underpaint.models import Record, load_motion_adapter, load_replication_network
from underpaint.models.adapter_file import kind_of, write_adapter
from underpaint.models.folders import CONFIG
from underpaint.models.lora import kinds_of, layers_in_words
from underpaint.models.lora_file import layers_of, read_lora, write_lora
from underpaint.models.record import RECORD_FILE
from underpaint.models.weights import SAVED_IN, WEIGHTS_FILE, quiet, read_names, save_model
from underpaint.pipelines.export.config import ExportConfig, Layout
from underpaint.pipelines.export.exportable import Exportable, find_exportable, layout_of

# What ComfyUI-AnimateDiff-Evolved calls the betas; its `linear` and `sqrt_linear` are those of Stable Diffusion's first
# code, the other way round than in diffusers.
COMFYUI_BETAS = {
    "linear": "sqrt_linear (AnimateDiff)",
    "scaled_linear": "linear (HotshotXL/default)",
    "squaredcos_cap_v2": "squaredcos_cap_v2",
}
_IN_FOLDERS = {CONFIG, WEIGHTS_FILE, RECORD_FILE}
_WEBUI_FRAMES = 32  # of sd-webui-animatediff's modules

_logger = logging.getLogger(__name__)


@dataclass
class ExportOutcome:
    """What an export has given.

    Attributes:
        written: files and folders.
        refused: a line on each of the weights that aren't written.
    """

    written: list[Path] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def export(config: ExportConfig) -> ExportOutcome:
    """Write all weights of a source.

    Raises:
        ValueError: there are none, they can't be read, or none can be written in this layout.
    """
    outcome = ExportOutcome()
    dtype = SAVED_IN[config.dtype]
    for source in find_exportable(config.source):
        try:
            outcome.written.append(_exported(source, config.out, config.layout, dtype))
        except ValueError as error:
            outcome.refused.append(str(error))
    if not outcome.written:
        raise ValueError("; ".join(outcome.refused))
    return outcome


def _exported(source: Exportable, out: Path, wanted: Layout | None, dtype: torch.dtype) -> Path:
    kind = _kind_in(source.path) if source.kind == "file" else source.kind
    if kind == "lora":
        return _export_lora(source, out, wanted, dtype)
    layout = layout_of(kind, wanted)
    model: MotionAdapter | SparseControlNetModel
    load = load_motion_adapter if kind == "motion" else load_replication_network
    model, record = load(source.path)
    _advise(source.name, model, record)
    if layout != "diffusers":
        path = out / f"{source.name}.safetensors"
        with _placed(path, source.path) as temporary:
            write_adapter(temporary, model, record, layout=layout, dtype=dtype)
        return path
    _check_apart(out / source.name, source.path)
    with atomic_folder(out / source.name) as folder, quiet():
        save_model(folder, model.to(dtype), record)
    return out / source.name


def _export_lora(source: Exportable, out: Path, wanted: Layout | None, dtype: torch.dtype) -> Path:
    file = read_lora(source.path)
    layers = layers_of(file)
    kinds = kinds_of(name for _, name in layers)
    if len(kinds) > 1:
        words = layers_in_words(name for _, name in layers)
        raise ValueError(f"{source.path} alters {words}: no other program takes both in one file")
    layout = layout_of(kinds.pop(), wanted)
    path = out / f"{source.name}.safetensors"
    with _placed(path, source.path) as temporary:
        write_lora(temporary, layers, layout, dtype, file.record)
    return path


def _kind_in(path: Path) -> str:
    kind = kind_of(read_names(path))
    if kind not in ("motion", "replication", "lora"):
        raise ValueError(f"{path} can't be exported: it is {kind}")
    return kind


def _advise(name: str, model: MotionAdapter | SparseControlNetModel, record: Record | None) -> None:
    """Say what must be chosen in other programs, and what they can't do."""
    if record and isinstance(model, MotionAdapter):
        betas = record.noise.beta_schedule
        others = "" if betas == "linear" else "; sd-webui-animatediff knows linear betas alone"
        _logger.info("%s: %s betas; beta_schedule in ComfyUI: %s%s", name, betas, COMFYUI_BETAS[betas], others)
    if record and record.noise.prediction != "epsilon":
        snr = " under zero terminal SNR" if record.noise.zero_terminal_snr else ""
        _logger.info("%s predicts %s%s: other programs must be told so", name, record.noise.prediction, snr)
    frames = model.config.motion_max_seq_length
    if frames != _WEBUI_FRAMES and isinstance(model, MotionAdapter):
        _logger.info("%s is for up to %d frames: sd-webui-animatediff takes modules for 32 alone", name, frames)
    widths = tuple(model.config.block_out_channels)
    if widths != (320, 640, 1280, 1280):
        _logger.info("%s is for a UNet of widths %s: other programs know Stable Diffusion 1.x's alone", name, widths)


@contextlib.contextmanager
def _placed(path: Path, source: Path) -> Iterator[Path]:
    """Give a name to write a file under, which then appears whole, or not at all."""
    _check_apart(path, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        yield temporary
        put_in_place(temporary, path)
    except ValueError as error:
        raise ValueError(str(error).replace(str(temporary), str(path))) from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_apart(path: Path, source: Path) -> None:
    """Raise ValueError if writing would replace what is read, or a folder with more in it than an export writes."""
    if source.resolve().is_relative_to(path.resolve()):
        raise ValueError(f"{path} would be written over what is exported: take another --out")
    others = {each.name for each in path.iterdir()} - _IN_FOLDERS if path.is_dir() else set()
    if others:
        raise ValueError(f"{path} is there, and holds {min(others)}: take another --out")
