"""Completion: the frame in the middle of an unseen process is given, and painted on from."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np

from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.human import going
from underpaint.experiments.trials.unseen import UnseenProcess
from underpaint.pipelines.evaluation.changes import differs
from underpaint.pipelines.evaluation.human import THRESHOLD
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
        stays: share of what was given that stays until it is painted over.
        human: share of processes, their real first half and what was painted on, that go like a person's.
        real_human: of the real processes.
        detail: of each frame, the mean over all processes.
        real_detail: of the real finished pictures.
    """

    first: Estimate | None
    towards: Estimate | None
    before: Estimate | None
    after: Estimate | None
    stays: Estimate | None
    human: Estimate | None
    real_human: Estimate | None
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
    painted = context.paint(orders)
    pairs = list(zip(painted, processes, strict=True))
    found = Completions(
        first=estimate([psnr(made[0], real.frames[half]) for made, real in pairs]),
        towards=estimate([steps_towards(made) for made in painted]),
        before=estimate([psnr(real.frames[half], real.frames[-1]) for real in processes]),
        after=estimate([psnr(made[-1], real.frames[-1]) for made, real in pairs]),
        stays=estimate([staying(real.frames[half], made) for made, real in pairs]),
        human=going([(real.medium, went_on(real.frames, made)) for made, real in pairs]).inside,
        real_human=going([(real.medium, real.frames) for real in processes]).inside,
        detail=tuple(np.mean([[detail(frame) for frame in made] for made in painted], axis=0).tolist()),
        real_detail=float(np.mean([detail(real.frames[-1]) for real in processes])),
    )
    return found, painted


def staying(given: UInt8, made: UInt8) -> float:
    """Return the share of the pixels that stay as given until a single step paints them over.

    Args:
        given: a canvas, uint8 (H, W, 3).
        made: what was painted on from it, uint8 (F, H, W, 3); its first frame is to be what was given.
    """
    steps = [differs(before, after, THRESHOLD) for before, after in pairwise(made)]
    painted_over = accumulate(steps, np.logical_or, initial=np.zeros(given.shape[:2], bool))
    moved = [differs(given, frame, THRESHOLD) & ~over for frame, over in zip(made, painted_over, strict=True)]
    return float(1 - np.any(moved, axis=0).mean())


def went_on(real: UInt8, made: UInt8) -> UInt8:
    """Return the first half of a process, and what was painted on from it, in as many frames as the process has."""
    half = len(real) // 2
    later = np.linspace(0, len(made) - 1, len(real) - half).round().astype(int)[1:]
    return np.concatenate([real[: half + 1], made[later]])


def detail(frame: UInt8) -> float:
    """Mean absolute difference of neighbouring pixels, of a range from 0 to 1: what refining adds."""
    values = frame.astype(float) / 255
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def in_turn(processes: Mapping[str, Sequence[UnseenProcess]], number: int) -> list[UnseenProcess]:
    """Some processes, the media by turns and each with another picture, as far as there are so many."""

    def taken() -> Iterator[UnseenProcess]:
        longest = max(map(len, processes.values()), default=0)
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
    context.keep(
        "complete", [(real.medium, went_on(real.frames, made)) for real, made in zip(processes, painted, strict=True)]
    )
    words = (
        "The middle frame of unseen processes, in all media by turns, is given as the first frame. A pixel stays until "
        "it is painted over if it is as given in all frames before a single step changes it by more than "
        f"{THRESHOLD:g}. Detail is the mean difference of neighbouring pixels, which the strokes that still lack would "
        "add. What goes like a person's is told below."
    )
    table = [
        ["measure", "value"],
        ["processes", str(len(processes))],
        ["first frame against what was given, dB", shown(found.first, ".1f")],
        ["steps towards the last frame", shown(found.towards, ".0%")],
        ["what was given against the real finished picture, dB", shown(found.before, ".1f")],
        ["the last frame against it, dB", shown(found.after, ".1f")],
        ["pixels of what was given that stay until they are painted over", shown(found.stays, ".0%")],
        ["processes that go like a person's: real first half, then painted on", shown(found.human, ".0%")],
        ["the real processes that do", shown(found.real_human, ".0%")],
        ["detail of the first and of the last frame", f"{found.detail[0]:.3f}, {found.detail[-1]:.3f}"],
        ["detail of the real finished pictures", f"{found.real_detail:.3f}"],
    ]
    sheet = Sheet(file="films.png", words="On the left what was given, on the right how the process really ended.")
    return Finding(title="Completion", words=words, table=table, sheets=[sheet], figures=dataclasses.asdict(found))
