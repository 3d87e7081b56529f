"""A result on the Hugging Face hub, with a model card."""

from __future__ import annotations

import logging
import shutil
from typing import Any

from huggingface_hub import HfApi, ModelCard, ModelCardData

from underpaint.hub import looks_local
from underpaint.models.nano_names import is_nano
from underpaint.models.weights import one_line
from underpaint.training.config import TrainConfig, plain
from underpaint.training.metrics import read_metrics

_CARD, _SHEET = "README.md", "sheet.png"
_WHAT = {
    "base": "An image model for pictures that are being painted",
    "motion": "A motion module for painting processes",
    "replication": "A replication network (SparseControlNet) for painting processes",
    "artist": "The spatial and the temporal LoRA of an artist",
}
# What says where it was made, rather than how.
_PRIVATE = ("out", "corpus", "cache", "resume", "report_to", "push_to_hub", "workers")

_log = logging.getLogger(__name__)


def check_repository(name: str) -> None:
    """Make the repository, so that whatever is in the way shows before the first step.

    Raises:
        ValueError: it can't be made or written; says why.
    """
    try:
        HfApi().create_repo(name, private=True, exist_ok=True)
    except Exception as error:  # whatever a client of a service raises
        raise ValueError(f"push_to_hub {name}: {one_line(error)}; log in by `hf auth login`") from error


def publish(config: TrainConfig) -> None:
    """Write a model card into the result of a finished run, and upload it.

    Raises:
        ValueError: it can't be uploaded; the result is there all the same.
    """
    assert config.push_to_hub is not None, "nothing to be pushed"
    folder = config.out / config.stage
    sheets = sorted((config.out / "sheets").glob(f"{config.stage}-*[0-9].png"))
    if sheets:
        shutil.copyfile(sheets[-1], folder / _SHEET)
    model_card(config, sheet=bool(sheets)).save(folder / _CARD)
    try:
        HfApi().upload_folder(
            repo_id=config.push_to_hub, folder_path=folder, commit_message=f"underpaint {config.stage}"
        )
    except Exception as error:  # see above
        raise ValueError(
            f"push_to_hub {config.push_to_hub}: {one_line(error)}; the result is in {folder}, and the same command "
            "uploads it"
        ) from error
    _log.info("uploaded %s to https://huggingface.co/%s", folder, config.push_to_hub)


def model_card(config: TrainConfig, *, sheet: bool) -> ModelCard:
    """Return a card: what it is, how to paint with it, how it was trained, and how well it learned.

    It names no licence, which is the author's to choose, and no folder of this machine.
    """
    base = None if is_nano(config.base) or looks_local(config.base) else config.base
    data = ModelCardData(
        base_model=base,
        library_name="diffusers",
        tags=["underpaint", "painting-process", "text-to-image", config.stage],
    )
    lines = [f"# {config.out.resolve().name}", f"{_WHAT[config.stage]}, trained by underpaint."]
    if sheet:
        lines.append(f"![Held-out samples, and below each what is painted from its caption]({_SHEET})")
    where = f"--{'lora' if config.stage == 'artist' else config.stage} {config.push_to_hub or config.out.name}"
    lines += ["## Use", f"```\nunderpaint complete --prompt '...' {where} ...\n```", "## Training"]
    lines += [_table("setting", _settings(config)), "## Validation", _table("error", _validated(config))]
    return ModelCard(f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(lines) + "\n")


def _settings(config: TrainConfig) -> dict[str, Any]:
    hidden = {name for name, value in plain(config).items() if isinstance(value, str) and "/" in value}
    return {name: value for name, value in plain(config).items() if name not in {*_PRIVATE, *hidden} and value != ""}


def _validated(config: TrainConfig) -> dict[str, Any]:
    lines = read_metrics(config.out / "metrics.jsonl")
    last = [line for line in lines if (line["phase"], line["kind"]) == (config.stage, "validation")][-1:]
    return {name: value for line in last for name, value in line.items() if name not in ("phase", "kind")}


def _table(head: str, values: dict[str, Any]) -> str:
    rows = [f"| {name} | {value} |" for name, value in values.items()]
    return "\n".join([f"| {head} | |", "| --- | --- |", *rows])
