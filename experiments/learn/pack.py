"""What paints, without what only training needs, in half the bytes.

    python -m underpaint.experiments.learn.pack MODELS OUT

Underpaint's built-in nano (`pipelines/nano`) was packed so from what a chain left.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from underpaint.commandline.parser import USAGE
from underpaint.models import (
    architecture,
    check_record,
    fingerprint,
    load_base,
    load_motion_adapter,
    load_replication_network,
    save_base,
    save_motion_adapter,
    save_replication_network,
)
from underpaint.pipelines.places import find_places
from underpaint.runs import result_of
from underpaint.texts import parse_json


def pack(models: Path, out: Path) -> int:
    """Copy networks as 16-bit floats into a folder that `underpaint --models` takes; return its bytes.

    Base, motion module and replication network are copied, and nothing else: no other run, optimiser, sheet or LoRA.
    Of two motion modules it is the one that was trained on with the network. Rounding leaves a base the same
    (`models.fingerprint`), so LoRAs that were trained on it fit the copy.

    Args:
        models: folder with `base`, `motion` and `replication`, runs or networks.
        out: new folder.

    Raises:
        ValueError: `out` is there already; or networks are missing, not finished, without record, or unlike each other.
    """
    if out.exists():
        raise ValueError(f"{out} is there already: name a new folder")
    places = find_places(models)
    if places.replication is None:
        raise ValueError(f"{models} holds no replication network that is finished")
    base = load_base(result_of(places.base, "base"))
    motion, of_motion = load_motion_adapter(result_of(places.motion, "motion"))
    network, of_network = load_replication_network(result_of(places.replication, "replication"))
    if of_motion is None or of_network is None:
        raise ValueError(f"{models} holds networks without {'motion' if of_motion is None else 'replication'} record")
    fits: dict[str, Any] = {
        "base": fingerprint(base.unet),
        "architecture": architecture(base.unet),
        "noise": base.noise,
    }
    check_record(of_motion, kind="motion", where=places.motion, **fits)
    check_record(of_network, kind="replication", where=places.replication, **fits)
    for where, record in ((places.motion, of_motion), (places.replication, of_network)):
        # They would paint with another base as well, but what comes with the package belongs together.
        if record.base != fits["base"]:
            raise ValueError(f"{where} was trained on base {record.base}, not on {places.base}: train it on that one")
    for module in (base.vae, base.text_encoder, base.unet, motion, network):
        module.half()
    save_base(out / "base", base)
    save_motion_adapter(out / "motion", motion, of_motion)
    save_replication_network(out / "replication", network, of_network)
    for path in out.rglob("config.json"):
        _forget_origin(path)
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _forget_origin(path: Path) -> None:
    """Take out of a network's config the folder that it was loaded from, which nobody else has."""
    content = parse_json(path.read_bytes())
    content.pop("_name_or_path", None)
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Pack, and say how large it became; the exit status is 0, or 2 after a mistake of the user's."""
    parser = argparse.ArgumentParser(
        prog="python -m underpaint.experiments.learn.pack", description=(pack.__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("models", type=Path, help="folder with base, motion and replication")
    parser.add_argument("out", type=Path, help="new folder")
    values = parser.parse_args(arguments)
    try:
        print(f"{values.out}: {pack(values.models, values.out) / 1e6:.1f} MB")
    except (ValueError, OSError) as error:
        print(f"underpaint.experiments.learn.pack: {error}", file=sys.stderr)
        return USAGE
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
