"""Inversion and back: how well an unseen process survives being turned into noise and sampled again."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from underpaint.experiments.findings import Estimate, Finding, estimate, shown
from underpaint.experiments.trials.complete import in_turn
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.unseen import UnseenProcess
from underpaint.models.noise import NoiseSchedule
from underpaint.pipelines.evaluation.pictures import psnr
from underpaint.pipelines.inversion import invert
from underpaint.pipelines.sampling import SeededNoise, sample
from underpaint.pipelines.settings import Start


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trip:
    """A way there and back.

    Attributes:
        start: what is inverted.
        rounds: passes of the network in each step.
        schedule: of the betas of the inversion; sampling always has its own.
        back: what comes back against what went in, dB.
        variance: of the noise; that of noise is 1.
    """

    start: Start
    rounds: int
    schedule: str
    back: Estimate | None
    variance: Estimate | None


@torch.no_grad()
def round_trip(context: TrialContext) -> list[Trip]:
    """Every number of rounds on the networks' own schedule, and on another one what comes of confusing them."""
    own = context.pipeline.parts.noise
    other = dataclasses.replace(own, beta_schedule="linear" if own.beta_schedule != "linear" else "scaled_linear")
    ways: list[tuple[Start, int, NoiseSchedule]] = [("clean", rounds, own) for rounds in context.config.rounds]
    ways += [("noised", 2, own), ("clean", 2, other), ("noised", 2, other)]
    processes, trips = in_turn(context.processes, context.config.plain), []
    for start, rounds, schedule in ways:
        found = [_back(context, each, start, rounds, schedule, seed) for seed, each in enumerate(processes)]
        trips.append(
            Trip(
                start=start,
                rounds=rounds,
                schedule="its own" if schedule == own else schedule.beta_schedule,
                back=estimate([psnr(made, wanted) for made, wanted, _ in found]),
                variance=estimate([variance for _, _, variance in found]),
            )
        )
    return trips


def _back(
    context: TrialContext, each: UnseenProcess, start: Start, rounds: int, schedule: NoiseSchedule, seed: int
) -> tuple[UInt8, UInt8, float]:
    pipeline, latents, steps = context.pipeline, context.latents(each), context.ddim_steps
    predict = context.predictor(pipeline.networks.states([context.prompt(each.medium, each.caption)]))
    drawn = SeededNoise([seed]).draw(*latents.shape[1:]).to(latents) if start == "noised" else None
    noise = invert(predict, schedule.scheduler(), latents, steps, _quiet, rounds=rounds, drawn=drawn)
    made = sample(predict, pipeline.parts.noise.scheduler(), noise, steps, _quiet)
    decoded = [pipeline.networks.decoded(value[0].transpose(0, 1)) for value in (made, latents)]
    return decoded[0], decoded[1], float(noise.var())


def _quiet(clean: Tensor | None) -> None:
    """Watches nothing."""


def round_trip_trial(context: TrialContext) -> Finding:
    """What comes back, and whether what it went through was noise."""
    trips = round_trip(context)
    table = [["start", "rounds", "schedule of the inversion", "comes back with, dB", "noise variance"]]
    table += [
        [trip.start, str(trip.rounds), trip.schedule, shown(trip.back, ".1f"), shown(trip.variance)] for trip in trips
    ]
    words = "Unseen processes are turned into noise by DDIM inversion and sampled again. Noise has variance 1."
    figures = [dataclasses.asdict(trip) for trip in trips]
    return Finding(title="Inversion and back", words=words, table=table, figures=figures)
