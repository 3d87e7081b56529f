"""The settings of `python -m underpaint.experiments.ablations`: what comparisons build on, and how long they train."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped, unused-ignore]

from underpaint.experiments.settings import hold_settings

NAMES = ("pretraining", "joint", "media", "schedule", "terminal", "terminal-all-media")
# They say which comparisons are made and how fast, not what is measured.
_FREE = ("out", "only", "seeds", "jobs")


@dataclass(frozen=True, kw_only=True)
class AblationsConfig:
    """Measure what each part of the method is worth: the same short trainings with it and without.

    Prints a table for each comparison, with mean and standard deviation over the seeds, and writes it to OUT/NAME.md.
    OUT/sheets/ shows what was painted, OUT/logs/ what the trainings said. The same command continues.

    Args:
        corpus: Folder of a corpus in several media, `bezier` among them, made by one `underpaint-data generate`.
        base: Run of nano's base on that corpus.
        motion: Run of the motion module on that corpus and base.
        process: Folder with the photographs of one process, the artist's.
        out: Folder for runs, corpora, figures and sheets.
        only: Comparisons to make.
        seeds: Seeds of training, and of the noise that is painted from.
        jobs: Trials at a time, of one thread each.
        motion_steps: Optimizer steps of each motion module.
        base_steps: Optimizer steps of each base, of which the autoencoder is the given one's.
        spatial_steps: Optimizer steps of an artist's spatial LoRA.
        temporal_steps: Optimizer steps of an artist's temporal LoRA; both LoRAs trained together get the sum.
        processes: Held-out processes that a trial is judged by, and processes that it paints.
        sampling_steps: Sampling steps of each painted process.
        precision: Mixed precision of training, `bf16` or `fp16`, or `no`; what is measured is painted in 32 bits.

    Raises:
        ValueError: a comparison that there is not.
    """

    corpus: Path
    base: Path
    motion: Path
    process: Path
    out: Path
    only: tuple[str, ...] = NAMES
    seeds: tuple[int, ...] = (0, 1, 2)  # the fewest that have a spread
    jobs: int = 2
    motion_steps: int = 400  # the blank first frame is learned by then, see docs/training.md; three minutes of one core
    base_steps: int = 1000  # five minutes of one core
    spatial_steps: int = 100  # this and the next are the recipe's
    temporal_steps: int = 300
    processes: int = 8
    sampling_steps: int = 20  # as many as for the sheets of a training run
    precision: Literal["no", "bf16", "fp16"] = "bf16"  # two thirds of the time of 32 bits on a CPU that has it

    def __post_init__(self) -> None:
        for name in ("only", "seeds"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        unknown = [name for name in self.only if name not in NAMES]
        if unknown:
            raise ValueError(f"only is {unknown[0]!r}: use {', '.join(NAMES)}")

    def inherited(self) -> dict[str, Any]:
        """Return the options of the given motion module's training that every other base and motion module shares.

        Raises:
            ValueError: the motion module isn't a run.
        """
        path = self.motion / "config.yaml"
        if not path.is_file():
            raise ValueError(f"motion {self.motion} is not a run of underpaint-train: there is no config.yaml in it")
        run = yaml.safe_load(path.read_bytes())
        # Older runs have never heard of media.
        return {name: run.get(name, False) for name in ("size", "frames", "name_medium", "validation")}

    def claim(self) -> None:
        """Take the folder `out` for these settings.

        Raises:
            ValueError: it holds comparisons with others.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        values = {name: str(value) for name, value in dataclasses.asdict(self).items() if name not in _FREE}
        hold_settings(self.out / "settings.json", values)
