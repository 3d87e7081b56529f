"""Artists' LoRAs at chosen weights, fused into the UNet before it paints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from diffusers import UNetMotionModel

from underpaint.models import NoiseSchedule, check_record, load_lora
from underpaint.models.record import HEADER_KEY
from underpaint.models.weights import read_tensors
from underpaint.runs import result_of

KINDS = ("spatial", "temporal")


@dataclass(frozen=True, kw_only=True)
class Lora:
    """A LoRA to paint with.

    Attributes:
        source: a finished artist run, the folder of its result, a safetensors file, or a name within `--models`.
        weight: how much of it; 1 as it was trained, 0 leaves it out.
    """

    source: str
    weight: float = 1.0


def parse_lora(text: str) -> Lora:
    """Parse `FOLDER` or `FOLDER=0.8`.

    Raises:
        ValueError: what follows the `=` is not a number.
    """
    source, equals, weight = text.rpartition("=")
    if not equals:
        return Lora(source=text)
    try:
        return Lora(source=source, weight=float(weight))
    except ValueError:
        raise ValueError(f"lora {text!r}: {weight!r} is not a weight; write FOLDER or FOLDER=0.8") from None


def find_lora(lora: Lora, models: Path | None) -> dict[str, Path]:
    """Find the files of a LoRA by kind, `spatial` before `temporal`.

    Raises:
        ValueError: there is none.
    """
    candidates = [Path(lora.source), *([models / lora.source] if models else [])]
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        known = [path.name for path in sorted(models.glob("artist*"))] if models else []
        hint = f"{models} holds {', '.join(known)}" if known else "train one with `underpaint-train artist`"
        raise ValueError(f"no lora {lora.source!r}: give its folder or file; {hint}")
    if found.is_file():
        return {_kind_of(found): found}
    folder = Path(result_of(found, "artist"))
    files = {kind: folder / f"{kind}.diffusers.safetensors" for kind in KINDS}
    files = {kind: path for kind, path in files.items() if path.is_file()}
    if not files:
        raise ValueError(f"{folder} holds neither spatial.diffusers.safetensors nor temporal.diffusers.safetensors")
    return files


def _kind_of(path: Path) -> str:
    tensors, metadata = read_tensors(path)
    if HEADER_KEY in metadata:
        return str(json.loads(metadata[HEADER_KEY])["kind"])
    return "temporal" if any("motion_modules" in name for name in tensors) else "spatial"


def fuse_lora(unet: UNetMotionModel, files: dict[str, Path], weight: float, *, base: str, noise: NoiseSchedule) -> None:
    """Fuse a LoRA into the weights of a UNet, which then paints as fast as without, and any number can follow.

    Args:
        unet: altered, unless the weight is 0; in float32, lest small changes be rounded away.
        files: what `find_lora` gives.
        weight: how much of it.
        base: `fingerprint` of the image UNet as it was loaded.
        noise: the schedule in use.

    Raises:
        ValueError: not a LoRA, or one of another base or schedule.
    """
    for kind, path in files.items():
        record = load_lora(unet, kind, path)
        if record:
            check_record(record, kind=kind, base=base, noise=noise, where=str(path))
        if weight:
            unet.set_adapters([kind], [weight])
            unet.fuse_lora(adapter_names=[kind])
        unet.unload_lora()
