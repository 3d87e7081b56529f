"""Corpora that comparisons need besides the given one; made by `underpaint-data`, and continued if they are there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from underpaint.experiments.ablations.config import AblationsConfig
from underpaint.experiments.commands import TRIGGER, data_command
from underpaint.texts import parse_json


def artist_corpus(config: AblationsConfig) -> Path:
    """The artist's process as a corpus of one sample, captioned with the name of its folder."""
    listing, out = config.out / "artist.jsonl", config.out / "artist"
    row = {"file": str(config.process.resolve()), "caption": config.process.name.replace("_", " ")}
    listing.write_text(json.dumps(row) + "\n", encoding="utf-8")
    given = _job(config.corpus)["config"]
    _underpaint_data("import", listing, out, {"trigger": TRIGGER, "size": given["size"], "frames": given["frames"]})
    return out


def strokes_corpus(config: AblationsConfig) -> Path:
    """The given corpus's `bezier` paintings, with frames after equal numbers of strokes."""
    job, out = _job(config.corpus), config.out / "strokes"
    names = ("size", "frames", "strokes", "quality", "seed")
    options = {name: job["config"][name] for name in names} | {"renderer": "bezier", "schedule": "strokes"}
    _underpaint_data("generate", Path(job["location"]), out, options)
    return out


def _job(corpus: Path) -> dict[str, Any]:
    """What the corpus was made with, and from where."""
    job: dict[str, Any] = parse_json((corpus / "job.json").read_bytes())
    return job


def _underpaint_data(command: str, source: Path, out: Path, options: dict[str, Any]) -> None:
    words = data_command(command, source=source, out=out, options=options | {"workers": 0})
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"`{' '.join(words[1:])}` ended with {done.returncode}: {done.stderr.strip()}")
