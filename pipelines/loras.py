"""Artists' LoRAs as they are named on the command line, and their files; without torch."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from underpaint.hub import check_pickle
from underpaint.runs import OWN_LORA_FILES, STOCK_LORA_FILES, result_of


@dataclass(frozen=True, kw_only=True)
class Lora:
    """A LoRA to paint with.

    Attributes:
        source: a finished run of the stage artist or base, the folder of its result, a safetensors file, or a name
            within `--models`.
        weight: how much of it; 1 as it was trained, 0 leaves it out.
    """

    source: str
    weight: float = 1.0


def parse_lora(text: str) -> Lora:
    """Parse `FOLDER` or `FOLDER=0.8`.

    Raises:
        ValueError: what follows the `=` is not a finite number.
    """
    source, equals, weight = text.rpartition("=")
    if not equals:
        return Lora(source=text)
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"lora {text!r}: {weight!r} is not a weight; write FOLDER or FOLDER=0.8")
    return Lora(source=source, weight=number)


def find_lora(lora: Lora, models: Path | None) -> list[Path]:
    """Find the files of a LoRA, the spatial one before the temporal.

    Raises:
        ValueError: there is none, or it is a pickle.
    """
    candidates = [Path(lora.source), *([models / lora.source] if models else [])]
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        known = [path.name for path in sorted(models.glob("artist*"))] if models else []
        hint = f"{models} holds {', '.join(known)}" if known else "train one with `underpaint-train artist`"
        if colon := re.fullmatch(r"(.+):([\d.]+)", lora.source):
            hint = f"a weight is written {colon[1]}={colon[2]}"
        raise ValueError(f"no lora {lora.source!r}: give its folder or file; {hint}")
    if not found.is_dir():
        check_pickle(found)
        return [found]
    folder = Path(result_of(found, "base" if (found / "base").is_dir() else "artist"))
    files = [folder / name for name in OWN_LORA_FILES if (folder / name).is_file()]
    # As stock diffusers and peft save theirs.
    others = [folder / name for name in STOCK_LORA_FILES if (folder / name).is_file()]
    if not files and not others:
        raise ValueError(f"{folder} holds neither {' nor '.join((*OWN_LORA_FILES, *STOCK_LORA_FILES))}")
    return files or others[:1]
