"""Finding what a finished run of `underpaint-train` made, where a folder of weights would do as well.

Beside the packages, and importing none of them: commands refuse a run that isn't finished before they import torch.
"""

from __future__ import annotations

from pathlib import Path

# LoRAs in folders: those of our runs, of the stage `artist` and, the domain adapter, of `base`; and as stock diffusers
# and peft call theirs.
OWN_LORA_FILES = tuple(f"{kind}.diffusers.safetensors" for kind in ("spatial", "temporal", "adapter"))
STOCK_LORA_FILES = ("pytorch_lora_weights.safetensors", "adapter_model.safetensors")


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a training run, finished or not."""
    return (folder / "config.yaml").is_file()


def tuned_motion(replication: Path) -> Path | None:
    """The motion module that was trained on together with a replication network, which paints with this one only.

    Args:
        replication: a run of that stage, or the network's folder.
    """
    folder = (replication / "replication" if is_run(replication) else replication) / "motion"
    return folder if folder.is_dir() else None


def result_of(source: str | Path, name: str) -> str:
    """Where the weights are: in the run's folder of that name if `source` is a run, otherwise `source` itself.

    Args:
        source: a run's folder, a folder of weights or a hub id.
        name: of the run's last phase: `base`, `motion`, `replication` or `artist`; a run of the stage `replication` may
            hold a `motion` too.

    Raises:
        ValueError: a run that is not finished, or of another stage.
    """
    run = Path(source)
    if not is_run(run):
        return str(source)
    if name == "motion" and (tuned := tuned_motion(run)):
        return str(tuned)
    if not (run / name).is_dir():
        raise ValueError(
            f"run {run} has no finished {name}: it is of another stage, or run its command again to finish"
        )
    return str(run / name)
