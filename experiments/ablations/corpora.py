"""Corpora that comparisons need besides the given one; made by `underpaint-data`, and continued if they are there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from underpaint.experiments.ablations.settings import Settings

TRIGGER = "sks"  # as in the artist's recipe


def artist_corpus(settings: Settings) -> Path:
    """The artist's process as a corpus of one sample, captioned with the name of its folder."""
    listing, out = settings.out / "artist.jsonl", settings.out / "artist"
    row = {"file": str(settings.process.resolve()), "caption": settings.process.name.replace("_", " ")}
    listing.write_text(json.dumps(row) + "\n", encoding="utf-8")
    given = _job(settings.corpus)["config"]
    _underpaint_data("import", listing, out, {"trigger": TRIGGER, "size": given["size"], "frames": given["frames"]})
    return out


def strokes_corpus(settings: Settings) -> Path:
    """The given corpus's `bezier` paintings, with frames after equal numbers of strokes."""
    job, out = _job(settings.corpus), settings.out / "strokes"
    names = ("size", "frames", "strokes", "quality", "seed")
    options = {name: job["config"][name] for name in names} | {"renderer": "bezier", "schedule": "strokes"}
    _underpaint_data("generate", Path(job["location"]), out, options)
    return out


def _job(corpus: Path) -> dict[str, Any]:
    """What the corpus was made with, and from where."""
    job: dict[str, Any] = json.loads((corpus / "job.json").read_bytes())
    return job


def _underpaint_data(command: str, source: Path, out: Path, options: dict[str, Any]) -> None:
    words = [
        sys.executable,
        "-m",
        "underpaint.datagen",
        command,
        "--source",
        str(source),
        "--out",
        str(out),
        "--workers",
        "0",
    ]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"`{' '.join(words[1:])}` ended with {done.returncode}: {done.stderr.strip()}")
