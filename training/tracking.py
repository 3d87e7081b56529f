"""Weights & Biases, through accelerate's trackers: one run there for each run here, also when it is resumed."""

from __future__ import annotations

import secrets

from accelerate import Accelerator
from PIL import Image

from underpaint.datagen.format.atomic import write_file
from underpaint.extras import needing
from underpaint.models.weights import one_line
from underpaint.training.config import TrainConfig, plain

_PROJECT = "underpaint"
_ID_FILE = "wandb.id"


def begin_tracking(accelerator: Accelerator, config: TrainConfig) -> None:
    """Open the run there, in the first process; nothing unless the config says `report_to wandb`.

    Raises:
        ValueError: it can't be opened; says why.
        MissingExtra: wandb isn't installed.
    """
    if config.report_to == "none":
        return
    with needing("report_to wandb", "wandb"):
        import wandb  # noqa: F401, accelerate leaves a tracker out without a word
    path = config.out / _ID_FILE
    if not path.is_file():
        write_file(path, secrets.token_hex(4).encode())
    options = {"name": config.out.resolve().name, "dir": str(config.out), "id": path.read_text(), "resume": "allow"}
    try:
        accelerator.init_trackers(_PROJECT, plain(config), {"wandb": options})
    except Exception as error:  # whatever a client of a service raises
        raise ValueError(
            f"report_to wandb: {one_line(error)}; log in by `wandb login`, or set WANDB_MODE=offline to send it later"
        ) from error


def track(accelerator: Accelerator, phase: str, step: int, kind: str, values: dict[str, float]) -> None:
    """Report numbers of a step; phases count their own steps, as W&B shows a curve over any other number."""
    named = {f"{phase}/{kind}/{name}": value for name, value in values.items()}
    for tracker in accelerator.trackers:
        tracker.log({**named, f"{phase}/step": step})


def track_sheet(accelerator: Accelerator, name: str, sheet: Image.Image) -> None:
    """Report a sample sheet."""
    for tracker in accelerator.trackers:
        tracker.log_images({name: [sheet]})


def end_tracking(accelerator: Accelerator) -> None:
    """Send what is left."""
    for tracker in accelerator.trackers:
        tracker.finish()
