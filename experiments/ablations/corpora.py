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
    assert config.process is not None, "a config whose comparisons need it has one"
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


def manner_corpus(config: AblationsConfig, medium: str, manner: str, schedule: str | None = None) -> Path:
    """The given corpus's pictures in one medium and manner: the corpus itself if it has them in it.

    Args:
        config: of all comparisons.
        medium: one that has manners.
        manner: of the painting.
        schedule: of the frames; the corpus's or, if they are painted anew, the medium's own if not given.
    """
    job = _job(config.corpus)
    given = job["config"]
    fits = given.get(medium, {}).get("manner") == manner and schedule in (None, given.get("schedule"))
    if fits and not given.get("mix"):
        return config.corpus
    options = {name: given[name] for name in ("size", "frames", "strokes", "quality", "seed")}
    options |= {"renderer": medium, f"{medium}.manner": manner} | ({} if schedule is None else {"schedule": schedule})
    out = config.out / f"{medium}-{manner}"
    _underpaint_data("generate", Path(job["location"]), out, options)
    return out


def check_equal(corpus: Path, other: Path) -> None:
    """Raise ValueError unless two corpora hold equally many samples, in the same media."""
    ours, theirs = (_samples(folder) for folder in (corpus, other))
    if ours != theirs:
        raise ValueError(
            f"{corpus} holds {ours} and {other} {theirs}: numbers have an effect of their own, so generate the one "
            "from as many pictures as the other, in the same media"
        )


def _samples(corpus: Path) -> str:
    """How many there are and in which media, in words."""
    manifest = parse_json((corpus / "manifest.json").read_bytes())
    return f"{manifest['samples']} samples in {', '.join(sorted(manifest['renderers']))}"


def _job(corpus: Path) -> dict[str, Any]:
    """What the corpus was made with, and from where."""
    job: dict[str, Any] = parse_json((corpus / "job.json").read_bytes())
    return job


def _underpaint_data(command: str, source: Path, out: Path, options: dict[str, Any]) -> None:
    words = data_command(command, source=source, out=out, options=options | {"workers": 0})
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"`{' '.join(words[1:])}` ended with {done.returncode}: {done.stderr.strip()}")
