"""The command lines of the four stages: nano's recipes, with the steps of a budget."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from underpaint.datagen.sources.scenes import are_scenes
from underpaint.experiments.commands import AUGMENTED, HELD_OUT, TRIGGER, canvas_of, recipe_of, stage_arguments
from underpaint.experiments.learn.budget import Budget
from underpaint.experiments.learn.machine import Machine
from underpaint.experiments.learn.pictures import painted_from
from underpaint.models.nano_names import NANO, NANO_LARGE, SIZES

# Validations beside the first one; those of processes take as long as some dozen steps.
_VALIDATIONS = {"base": 4, "motion": 2, "replication": 2, "artist": 1}
_CHECKPOINT = 200  # steps: a minute or two to lose
# Of a recipe's learning rate, for networks that have learned already: by the size of a batch, half of the rate at which
# they did. At a quarter of the recipe's the replication network's error rose by 3 % in a hundred steps, and the base's
# fell, but in 315 steps things lost their shapes, which at 0.03 they kept, with a smaller error.
_GENTLER = {"base": 0.03, "motion": 0.06, "replication": 0.06}


@dataclass(frozen=True, kw_only=True)
class Stages:
    """Where a chain trains, and how.

    Args:
        folder: of the whole chain.
        budget: how many steps.
        machine: on what.
        seed: of the data's order, the noise and new weights.
        init: folder of networks to go on with, as `underpaint --models` takes it; new ones if not given.
        recipes: folder of nano-STAGE.yaml in place of the package's.
    """

    folder: Path
    budget: Budget
    machine: Machine
    seed: int
    init: Path | None = None
    recipes: Path | None = None

    @property
    def models(self) -> Path:
        """What `underpaint --models` takes."""
        return self.folder / "models"

    @property
    def base(self) -> str:
        """The nano that there is time for: a GPU trains a new, larger one as fast as two cores the other."""
        return NANO_LARGE if self.machine.device == "cuda" and self.init is None else NANO

    @property
    def size(self) -> int:
        """Side of the frames in pixels."""
        return SIZES[self.base]

    @property
    def corpus_size(self) -> int:
        """Side of the corpus's canvases in pixels."""
        return canvas_of(self.size)

    def finished(self, stage: str) -> bool:
        """Whether a stage has left its result."""
        return (self.models / stage / stage).is_dir()

    def command(self, stage: str) -> list[str]:
        """What trains a stage."""
        options = {"corpus": self.folder / "corpus", "out": self.models / stage, "steps": getattr(self.budget, stage)}
        options |= {
            "validation": HELD_OUT,
            "seed": self.seed,
            "mixed_precision": self.machine.precision,
            "checkpoint_every": _CHECKPOINT,
        }
        options |= self._own(stage) | self._batches(stage) | self._begun(stage)
        if self.machine.device == "cpu":
            # There is no core left for them, and torchrun would end them before the run has saved itself.
            options["workers"] = 0
        if self.base == NANO_LARGE:
            options["size"] = self.size  # the recipes are nano's
        if are_scenes(painted_from(self.folder)):
            options |= dict.fromkeys(AUGMENTED, 0)
        # Sheets take as long; one at the end is painted anyway.
        options |= {"sheet_every": 0, "validate_every": math.ceil(options["steps"] / _VALIDATIONS[stage])}
        return [*self._launcher(), *stage_arguments(stage, options, self.recipes)]

    def environment(self) -> dict[str, str]:
        """Variables for it: several processes of one thread each don't wait for each other's threads."""
        return {"OMP_NUM_THREADS": "1"} if self.machine.device == "cpu" else {}

    def _own(self, stage: str) -> dict[str, Any]:
        """The options that a stage has of its own."""
        base, motion = {"base": self.models / "base"}, {"motion": self.models / "motion"}
        if stage == "base":
            own = {} if self.init else {"autoencoder_steps": self.budget.autoencoder}
            return own | ({"base": NANO_LARGE} if self.base == NANO_LARGE else {})
        if stage == "motion":
            return base
        if stage == "replication":
            return base | motion
        # The motion module that has trained on beside the network is the one that paints.
        artist = {"corpus": self.folder / "artist" / "corpus", "motion": self.models / "replication"}
        return base | artist | {"trigger": TRIGGER, "validation": 0, "spatial_steps": self.budget.spatial}

    def _begun(self, stage: str) -> dict[str, Any]:
        """What a network goes on with, and a learning rate at which it doesn't forget it."""
        if self.init is None or stage == "artist":
            return {}
        return {"init": self.init / stage, "learning_rate": _GENTLER[stage] * self._recipe(stage)["learning_rate"]}

    def _recipe(self, stage: str) -> dict[str, Any]:
        recipe: dict[str, Any] = yaml.safe_load(recipe_of(stage, self.recipes).read_bytes())
        return recipe

    def _batches(self, stage: str) -> dict[str, int]:
        """The recipe's batches, divided among the processes; all processes together see as many samples a step."""
        recipe = self._recipe(stage)
        batches = {"batch": recipe["batch"]}
        if stage == "base":
            batches["autoencoder_batch"] = recipe.get("autoencoder_batch", 16)
        if stage == "artist":
            batches["spatial_batch"] = recipe.get("spatial_batch", 4)
        return {name: max(1, value // self.machine.processes) for name, value in batches.items()}

    def _launcher(self) -> list[str]:
        if self.machine.processes == 1:
            return [sys.executable, "-m", "underpaint.training"]
        several = ["--standalone", "--nproc-per-node", str(self.machine.processes)]
        return [sys.executable, "-m", "torch.distributed.run", *several, "-m", "underpaint.training"]
