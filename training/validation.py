"""The fixed validation loss: the same samples, noise and timesteps each time, whatever the number of processes."""

from __future__ import annotations

import math

import torch
from accelerate import Accelerator

from underpaint.training.loader import Data
from underpaint.training.metrics import by_timestep
from underpaint.training.phase import Phase
from underpaint.training.rng import validation_rng

# Pairs of sample and timestep to look at, at least: fewer, and the loss at single timesteps says little.
_PAIRS = 64
_MOST_TURNS = 16


@torch.no_grad()
def validate(phase: Phase, data: Data, accelerator: Accelerator) -> dict[str, float]:
    """Mean error in all, by timestep, and for comparison of `repeated` mean frames where that can be said.

    Captions are kept and pictures aren't altered.
    """
    wanted = data.config.validation_samples
    samples = wanted if data.validation is None else min(len(data.validation.order), wanted)
    turns = min(_MOST_TURNS, math.ceil(_PAIRS / samples))
    rank, world = accelerator.process_index, accelerator.num_processes
    rows: list[tuple[float, float, float]] = []
    place = rank
    for batch in data.validation_batches(batch=phase.batch, rank=rank, world=world):
        # Batches of several buckets don't come in the samples' order; a stream's positions are no places.
        places = [place + world * number for number in range(len(batch))]
        places = places if data.validation is None else batch.positions.tolist()
        place += world * len(batch)
        moved = batch.to(accelerator.device)
        for turn in range(turns):
            rng = validation_rng(places, turn, turns=turns, samples=samples)
            # Not the wrapped model: processes have unlike numbers of batches, and wrappers wait for each other.
            with accelerator.autocast():
                found = phase.errors(phase.model, moved, rng, None)
            nothing = torch.full_like(found.error, math.nan)
            columns = (found.error, found.timestep, nothing if found.repeated is None else found.repeated)
            rows += zip(*(column.tolist() for column in columns), strict=True)
    return _summary(_gathered(rows, accelerator))


def _gathered(rows: list[tuple[float, float, float]], accelerator: Accelerator) -> list[list[float]]:
    """The rows of all processes, which have unlike numbers of them."""
    mine = torch.tensor(rows, dtype=torch.float64, device=accelerator.device).reshape(-1, 3)
    padded = accelerator.pad_across_processes(mine, pad_index=-1)
    table: list[list[float]] = accelerator.gather(padded).tolist()
    return [row for row in table if row[1] >= 0]


def _summary(rows: list[list[float]]) -> dict[str, float]:
    errors, timesteps, repeated = zip(*rows, strict=True)
    values = by_timestep(errors, timesteps)
    if not math.isnan(repeated[0]):
        values["repeated"] = math.fsum(repeated) / len(repeated)
    return values
