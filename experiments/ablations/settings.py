"""What all comparisons share: what they build on, and how long they train."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from underpaint.training.checkpoint import write_file

# They say how much is measured and how fast, not what.
_FREE = ("out", "seeds", "jobs")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the comparisons are made from.

    Args:
        corpus: folder of a corpus in several media, `bezier` among them, made by one `underpaint-data generate`.
        base: run of nano's base on it.
        motion: run of the motion module on both.
        process: folder with the photographs of one process, the artist's.
        out: folder for runs, corpora, figures and sheets; the same command continues.
        seeds: of training, and of the noise that is painted from.
        jobs: trials at a time, of one thread each.
        motion_steps: of each motion module.
        base_steps: of each base, of which the autoencoder is the given one's.
        spatial_steps: of an artist's spatial LoRA.
        temporal_steps: of an artist's temporal LoRA; both together take as many as the two one after the other.
        processes: held-out processes that a trial is judged by, and processes that it paints.
        sampling_steps: of each of those.
        precision: of training; what is measured is painted in 32 bits.
    """

    corpus: Path
    base: Path
    motion: Path
    process: Path
    out: Path
    seeds: tuple[int, ...] = (0, 1, 2)  # the fewest that have a spread
    jobs: int = 2
    motion_steps: int = 400  # the blank first frame is learned by then, see docs/training.md; three minutes of one core
    base_steps: int = 1000  # five minutes of one core
    spatial_steps: int = 100  # this and the next are the recipe's
    temporal_steps: int = 300
    processes: int = 8
    sampling_steps: int = 20  # as many as for the sheets of a training run
    precision: str = "bf16"  # two thirds of the time of 32 bits on a CPU that has it

    def inherited(self) -> dict[str, Any]:
        """Settings of the given motion module's training that every run of a base or a motion module shares."""
        path = self.motion / "config.yaml"
        if not path.is_file():
            raise ValueError(f"motion {self.motion} is not a run of underpaint-train: there is no config.yaml in it")
        run = yaml.safe_load(path.read_bytes())
        # Older runs have never heard of media.
        return {name: run.get(name, False) for name in ("size", "frames", "name_medium", "validation")}

    def claim(self) -> None:
        """Take the folder `out` for these settings.

        Raises:
            ValueError: it holds comparisons by others.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        values = {name: str(value) for name, value in dataclasses.asdict(self).items() if name not in _FREE}
        path = self.out / "settings.json"
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else values
        for name, value in values.items():
            if before[name] != value:
                raise ValueError(
                    f"{self.out} holds comparisons with {name} {before[name]}, now it is {value}: take another --out"
                )
        write_file(path, (json.dumps(values, indent=1) + "\n").encode("utf-8"))
