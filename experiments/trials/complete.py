"""Completion: the frame in the middle of an unseen process is given, and painted on from."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.unseen import UnseenProcess
from underpaint.pipelines.evaluation.pictures import psnr
from underpaint.pipelines.evaluation.progress import steps_towards

_SHOWN = 4  # rows of the sheet


@dataclasses.dataclass(frozen=True, kw_only=True)
class Completions:
    """What was painted on from half-painted canvases.

    Attributes:
        first: the first frame against what was given, dB.
        towards: share of the steps that come nearer to the last frame.
        before: what was given against the real finished picture, dB.
        after: the last frame against it, dB.
        detail: of each frame, the mean over all processes.
        real_detail: of the real finished pictures.
    """

    first: Estimate | None
    towards: Estimate | None
    before: Estimate | None
    after: Estimate | None
    detail: tuple[float, ...]
    real_detail: float


def complete(context: TrialContext, processes: Sequence[UnseenProcess]) -> tuple[Completions, list[UInt8]]:
    """Paint on from the middle frames of processes; measures, and frames (F, H, W, 3) of each."""
    half = context.pipeline.parts.window // 2
    orders = [
        context.pipeline.request(
            context.prompt(each.medium, each.caption), {0: each.frames[half]}, seed=context.config.seed + n
        )
        for n, each in enumerate(processes)
    ]
    painted = context.paint(orders, guidance=1.0)
    pairs = list(zip(painted, processes, strict=True))
    found = Completions(
        first=estimate([psnr(made[0], real.frames[half]) for made, real in pairs]),
        towards=estimate([steps_towards(made) for made in painted]),
        before=estimate([psnr(real.frames[half], real.frames[-1]) for real in processes]),
        after=estimate([psnr(made[-1], real.frames[-1]) for made, real in pairs]),
        detail=tuple(np.mean([[detail(frame) for frame in made] for made in painted], axis=0).tolist()),
        real_detail=float(np.mean([detail(real.frames[-1]) for real in processes])),
    )
    return found, painted


def detail(frame: UInt8) -> float:
    """Mean absolute difference of neighbouring pixels, of a range from 0 to 1: what refining adds."""
    values = frame.astype(float) / 255
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def in_turn(processes: Mapping[str, Sequence[UnseenProcess]], number: int) -> list[UnseenProcess]:
    """Some processes, the media by turns and each with another picture, as far as there are so many."""

    def taken() -> Iterator[UnseenProcess]:
        longest = max(map(len, processes.values()))
        # The pictures have the same order in all media: the second medium begins with the second picture.
        for place in range(longest):
            for number_of_medium, found in enumerate(processes.values()):
                if len(found) > place:
                    yield found[(place + number_of_medium) % len(found)]

    return list(itertools.islice(taken(), number))


def complete_trial(context: TrialContext) -> Finding:
    """Whether the canvas that is given stays, and whether what follows leads to a finished picture."""
    processes = in_turn(context.processes, context.config.completed)
    found, painted = complete(context, processes)
    half, folder = context.pipeline.parts.window // 2, context.folder("complete")
    films = [
        SheetRow(
            words=context.prompt(real.medium, real.caption),
            frames=made,
            before=real.frames[half],
            after=real.frames[-1],
        )
        for real, made in list(zip(processes, painted, strict=True))[:_SHOWN]
    ]
    draw_sheet(films, folder / "films.png")
    words = (
        "The middle frame of unseen processes, in all media by turns, is given as the first frame. Detail is the mean "
        "difference of neighbouring pixels, which the strokes that still lack would add."
    )
    table = [
        ["measure", "value"],
        ["processes", str(len(processes))],
        ["first frame against what was given, dB", shown(found.first, ".1f")],
        ["steps towards the last frame", shown(found.towards, ".0%")],
        ["what was given against the real finished picture, dB", shown(found.before, ".1f")],
        ["the last frame against it, dB", shown(found.after, ".1f")],
        ["detail of the first and of the last frame", f"{found.detail[0]:.3f}, {found.detail[-1]:.3f}"],
        ["detail of the real finished pictures", f"{found.real_detail:.3f}"],
    ]
    sheet = Sheet(file="films.png", words="On the left what was given, on the right how the process really ended.")
    return Finding(title="Completion", words=words, table=table, sheets=[sheet], figures=dataclasses.asdict(found))
