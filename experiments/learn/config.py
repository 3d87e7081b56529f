"""The settings of `python -m underpaint.learn`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from underpaint.commandline.checks import at_least, one_of

Device = Literal["auto", "cpu", "cuda"]

LEAST_MINUTES = 10.0  # in less, loading the networks takes longer than training them


@dataclass(frozen=True, kw_only=True)
class LearnConfig:
    """Learn to paint from the pictures at hand: corpus, training, trials, and a page about them.

    Args:
        source: Pictures, whatever `underpaint-data generate --source` takes; scenes of a small world, drawn by code, as
            many as there is time for, if not given.
        minutes: What all of it may take on the machine that the budget is made for: two CPU cores, or a GPU.
        out: Folder of everything; the same command continues.
        seed: Of the corpus, the training and the trials.
        device: `cpu`, `cuda`, or `auto`: a GPU if there is one.
        scratch: Begin with new weights, not with those of the nano that comes with the package, which knows scenes and
            photographs already. On a GPU it is then the larger nano.
        processes: That train together on a CPU, with a thread each; two, or one where there is a single core.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    source: str | None = None
    minutes: float = 30.0
    out: Path = Path("learned")
    seed: int = 0
    device: Device = "auto"
    scratch: bool = False
    processes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", Path(self.out))
        object.__setattr__(self, "minutes", float(self.minutes))
        if not self.minutes >= LEAST_MINUTES:
            raise ValueError(f"minutes is {self.minutes:g}: nothing is learned in less than {LEAST_MINUTES:g}")
        at_least(0, seed=self.seed)
        one_of(Device, device=self.device)
        if self.processes is not None and self.processes not in (1, 2):
            raise ValueError(f"processes is {self.processes}: use 1 or 2, the batches of nano's recipes hold no more")
