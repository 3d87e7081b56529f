"""The settings of `python -m underpaint.experiments.ablations`: what comparisons build on, and how long they train."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped, unused-ignore]

from underpaint.experiments.commands import AUGMENTED, recipe_of
from underpaint.experiments.settings import hold_settings

NAMES = (
    "pretraining", "joint", "media", "schedule", "terminal", "terminal-all-media", "tokenizer", "manner", "world",
)  # fmt: skip
# Of each comparison, the options that it can't do without, beside those that all need.
NEEDS = {"pretraining": ("motion", "process"), "joint": ("motion", "process"), "world": ("photos",)}
# They say which comparisons are made and how fast, not what is measured.
_FREE = ("out", "only", "seeds", "jobs")


@dataclass(frozen=True, kw_only=True)
class AblationsConfig:
    """Measure what each part of the method is worth: the same short trainings with it and without.

    Prints a table for each comparison, with mean and standard deviation over the seeds, and writes it to OUT/NAME.md.
    OUT/sheets/ shows what was painted, OUT/logs/ what the trainings said. The same command continues.

    Args:
        corpus: Folder of a corpus made by one `underpaint-data generate`; `media`, `schedule` and both `terminal` want
            several media in it, `bezier` among them.
        base: Run of nano's base on that corpus, or on one like it.
        out: Folder for runs, corpora, figures and sheets.
        motion: Run of the motion module on that corpus and base; `pretraining` and `joint` need it.
        process: Folder with the photographs of one process, the artist's; `pretraining` and `joint` need it.
        photos: Folder of a corpus of photographs, of as many samples in the same media as `corpus`; `world` needs it.
        only: Comparisons to make; if not given, all that have what they need.
        seeds: Seeds of training, and of the noise that is painted from.
        jobs: Trials at a time, of one thread each.
        motion_steps: Optimizer steps of each motion module.
        base_steps: Optimizer steps of each base, of which the autoencoder is the given one's.
        spatial_steps: Optimizer steps of an artist's spatial LoRA.
        temporal_steps: Optimizer steps of an artist's temporal LoRA; both LoRAs trained together get the sum.
        processes: Held-out processes that a trial is judged by, and processes that it paints.
        sampling_steps: Sampling steps of each painted process.
        precision: Mixed precision of training, `bf16` or `fp16`, or `no`; if not given, `bf16` where there are
            instructions for it. What is measured is painted in 32 bits.

    Raises:
        ValueError: a comparison that there is not, or one that is asked for without what it needs.
    """

    corpus: Path
    base: Path
    out: Path
    motion: Path | None = None
    process: Path | None = None
    photos: Path | None = None
    only: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)  # the fewest that have a spread
    jobs: int = 2
    motion_steps: int = 400  # the blank first frame is learned by then, see docs/training.md; three minutes of one core
    base_steps: int = 1000  # five minutes of one core
    spatial_steps: int = 100  # this and the next are the recipe's
    temporal_steps: int = 300
    processes: int = 8
    sampling_steps: int = 20  # as many as for the sheets of a training run
    precision: Literal["no", "bf16", "fp16"] | None = None

    def __post_init__(self) -> None:
        for name in ("only", "seeds"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        unknown = [name for name in self.only if name not in NAMES]
        if unknown:
            raise ValueError(f"only is {unknown[0]!r}: use {', '.join(NAMES)}")
        for name in self.only:
            if missing := self._missing(name):
                raise ValueError(f"{name} needs {_options(missing)}: give it, or leave {name} out of --only")

    @property
    def chosen(self) -> tuple[str, ...]:
        """The comparisons that are made."""
        return self.only or tuple(name for name in NAMES if not self._missing(name))

    @property
    def left_out(self) -> list[str]:
        """A line for each comparison that isn't made because something that it needs isn't given."""
        missing = {} if self.only else {name: self._missing(name) for name in NAMES}
        return [f"{name} is left out: give {_options(options)}" for name, options in missing.items() if options]

    def _missing(self, name: str) -> list[str]:
        return [option for option in NEEDS.get(name, ()) if getattr(self, option) is None]

    def inherited(self) -> dict[str, Any]:
        """Return the options that every other base and motion module shares with the given ones.

        They are those of the motion module's training. Without one, those of the base's, which says nothing of
        sequences: these are then as long as in nano's recipe.

        Raises:
            ValueError: what is given isn't a run.
        """
        kind, folder = ("base", self.base) if self.motion is None else ("motion", self.motion)
        path = folder / "config.yaml"
        if not path.is_file():
            raise ValueError(f"{kind} {folder} is not a run of underpaint-train: there is no config.yaml in it")
        run = yaml.safe_load(path.read_bytes())
        if self.motion is None:
            run["frames"] = yaml.safe_load(recipe_of("motion").read_bytes())["frames"]
        # Older runs have never heard of media.
        found = {name: run.get(name, False) for name in ("size", "frames", "name_medium", "validation")}
        return found | {name: run["augment"][name.removeprefix("augment.")] for name in AUGMENTED}

    def claim(self) -> None:
        """Take the folder `out` for these settings.

        Raises:
            ValueError: it holds comparisons with others.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        given = {name: value for name, value in dataclasses.asdict(self).items() if value is not None}
        values = {name: str(value) for name, value in given.items() if name not in _FREE}
        hold_settings(self.out / "settings.json", values)


def _options(names: Iterable[str]) -> str:
    return " and ".join(f"--{name}" for name in names)
