"""The settings of `python -m underpaint.experiments.trials`."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from underpaint.commandline.checks import at_least
from underpaint.pipelines.settings import Sampler, Sampling

# What a chain shows; the others are about the method.
USUAL = ["reconstruct", "evaluate", "complete", "captions", "text", "words", "human", "artist"]
NAMES = (*USUAL, "inversion", "round-trip", "stock")


@dataclass(frozen=True, kw_only=True)
class TrialsConfig:
    """Try out what networks have learned, on pictures and processes that training never saw.

    Args:
        models: Folder with `base`, `motion` and `replication`.
        corpus: What they were trained on; only processes of pictures that were held out are used.
        source: The pictures that it was painted from; a list, if its parts were painted from several sources.
        out: Folder of what is found, a folder for each trial; the same command continues.
        only: Trials, with commas between: `reconstruct`, `evaluate` (of what was reconstructed), `complete`,
            `captions`, `text`, `words` (is in scenes what was asked for?), `human` (of the paintings of the others: do
            they go like a person's?), `artist`, `inversion` (reconstruct with it, network or not), `round-trip`
            (invert, and sample again), and `stock` (how far diffusers' own pipeline is from ours).
        validation: Share of pictures that training held out.
        name_medium: Whether training began captions with the name of the medium.
        medium: In which pictures are reconstructed.
        pictures: How many are reconstructed, scenes and others by turns.
        plain: How many of them without the replication network too, and in `inversion`.
        completed: How many half-painted canvases are completed, of all media in turn.
        prompts: How many captions are painted from in each medium.
        words: How many scenes are painted from captions in `words`, the media by turns: half of them from captions that
            training never saw, half with a thing in a colour that it never saw it in.
        noisy: How many processes of each medium captions are tried on.
        rounds: Passes of the network in a step of inversion, in `round-trip`; see `underpaint.pipelines.inversion`.
        steps: Of sampling; if not given as many as `underpaint` takes, likewise sampler and guidance. As there, steps
            without a sampler are of `ddim`.
        sampler: `ddim` or `dpm++`, which takes fewer steps; inversion, `round-trip` and `stock` are always by `ddim`.
        guidance: Of paintings from text.
        artist: Run of the stage `artist`; without it that trial is left out.
        trigger: Of the artist's captions.
        artist_medium: What the artist paints in.
        seed: Of the noise.
        batch: Paintings at once.
        threads: Of torch on a CPU, all cores if not given; results are the same for the same number.
        device: `cuda`, `cpu` and so on; the best there is if not given.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    models: Path
    corpus: Path
    source: str | list[str]
    out: Path = Path("trials")
    only: str | list[str] = field(default_factory=lambda: list(USUAL))
    validation: float = 0.1
    name_medium: bool = True
    medium: str = "bezier"
    pictures: int = 32
    plain: int = 32
    completed: int = 16
    prompts: int = 8
    words: int = 96  # 16 in each of six media; of 32 in colours 70 % are known to 8 %
    noisy: int = 16
    rounds: list[int] = field(default_factory=lambda: [1, 2, 5])
    steps: int | None = None
    sampler: Sampler | None = None
    guidance: float | None = None
    artist: Path | None = None
    trigger: str = "sks"
    artist_medium: str = "ink"
    seed: int = 0
    batch: int = 8  # of 8 frames of 64 px; more gains nothing on two cores
    threads: int | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        for name in ("models", "corpus", "out"):
            object.__setattr__(self, name, Path(getattr(self, name)))
        object.__setattr__(self, "source", [self.source] if isinstance(self.source, str) else self.source)
        if isinstance(self.only, str):
            object.__setattr__(self, "only", [name.strip() for name in self.only.split(",")])
        unknown = [name for name in self.only if name not in NAMES]
        if unknown:
            raise ValueError(f"only is {unknown[0]!r}: use {', '.join(NAMES)}")
        at_least(1, pictures=self.pictures, completed=self.completed, prompts=self.prompts, noisy=self.noisy)
        at_least(1, batch=self.batch)
        at_least(2, words=self.words)
        Sampling(steps=self.steps, sampler=self.sampler, guidance=self.guidance)  # which refuses what is out of range
        at_least(0, plain=self.plain, seed=self.seed)
        if not 0 < self.validation < 1:
            raise ValueError(f"validation is {self.validation}: unseen are the pictures that training held out; 0 to 1")

    def settings(self) -> dict[str, Any]:
        """All that has a say in what a trial finds, as JSON values."""
        values = dataclasses.asdict(self)
        del values["out"], values["only"]
        return {name: os.fspath(value) if isinstance(value, Path) else value for name, value in values.items()}
