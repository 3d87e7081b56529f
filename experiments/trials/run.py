"""All trials that are asked for, one after the other; what is found already isn't looked for again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from underpaint.datagen.format.atomic import write_json
from underpaint.experiments.findings import Finding, markdown, read_finding, write_finding
from underpaint.experiments.trials.artist import artist_trial
from underpaint.experiments.trials.captions import captions_trial
from underpaint.experiments.trials.complete import complete_trial
from underpaint.experiments.trials.config import TrialsConfig
from underpaint.experiments.trials.context import TrialContext
from underpaint.experiments.trials.human import human_trial
from underpaint.experiments.trials.reconstruct import inversion_trial, reconstruct_trial
from underpaint.experiments.trials.round_trip import round_trip_trial
from underpaint.experiments.trials.scores import evaluate_trial
from underpaint.experiments.trials.stock import stock_trial
from underpaint.experiments.trials.text import text_trial
from underpaint.experiments.trials.words import words_trial
from underpaint.texts import parse_json

TRIALS: dict[str, Callable[[TrialContext], Finding]] = {
    "reconstruct": reconstruct_trial,
    "evaluate": evaluate_trial,
    "complete": complete_trial,
    "captions": captions_trial,
    "text": text_trial,
    "words": words_trial,
    "human": human_trial,
    "artist": artist_trial,
    "inversion": inversion_trial,
    "round-trip": round_trip_trial,
    "stock": stock_trial,
}
_BEGUN = "begun.json"


def run_trials(config: TrialsConfig, tell: Callable[[str], None] = print) -> dict[str, Finding]:
    """Run the trials of a config, and write each finding as soon as it is there.

    A trial that was stopped goes on where it was; one with other settings begins anew.

    Args:
        config: what to try, on what.
        tell: told of each finding, in Markdown.

    Raises:
        ValueError: networks, corpus or pictures are missing, or don't fit.
    """
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    _quiet_libraries()
    context, found = TrialContext(config), {}
    for name in (name for name in TRIALS if name in config.only):
        if name == "artist" and config.artist is None:
            continue
        folder, settings = context.folder(name), context.settings
        # The others may have painted since what `human` says of them.
        finding = None if name == "human" else read_finding(folder, settings)
        if finding is None:
            _begin(folder, settings)
            finding = TRIALS[name](context)
            write_finding(folder, settings, finding)
        found[name] = finding
        tell(f"\n## {finding.title}\n\n{finding.words}\n\n{markdown(finding.table)}")
    return found


def _begin(folder: Path, settings: dict[str, Any]) -> None:
    """An empty folder, unless it holds what the same settings have begun."""
    path = folder / _BEGUN
    if folder.is_dir() and not (path.is_file() and parse_json(path.read_bytes()) == settings):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, settings)


def _quiet_libraries() -> None:
    """Their bars would run through our words."""
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
