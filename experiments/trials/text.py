"""Painting from text alone: whether what comes out looks like the medium, and the picture, that was asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate_share, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.unseen import UnseenProcess

Looks = NDArray[np.float64]

_SHOWN = 2  # captions on the sheet


@dataclasses.dataclass(frozen=True, kw_only=True)
class Texts:
    """Shares of the paintings from text in one medium.

    Attributes:
        medium: that look most like the mean of their own medium, among all.
        picture: pairs in which a painting's last frame is nearer to its own real picture than to another's, which has
            another caption; None where there is only one caption.
    """

    medium: Estimate | None
    picture: Estimate | None


def looks(frames: UInt8) -> Looks:
    """What is looked at: mean colours of 4 x 4 parts of the first and of the last frame, (2, 4, 4, 3), 0 to 1."""
    small = [Image.fromarray(frame).resize((4, 4), Image.Resampling.BOX) for frame in (frames[0], frames[-1])]
    return np.stack([np.asarray(each, float) / 255 for each in small])


def mean_looks(processes: Mapping[str, Sequence[UnseenProcess]]) -> dict[str, Looks]:
    """Of each medium."""
    return {medium: np.mean([looks(each.frames) for each in found], axis=0) for medium, found in processes.items()}


def nearest(painted: Looks, means: Mapping[str, Looks]) -> str:
    """The medium whose mean is nearest."""
    return min(means, key=lambda medium: float(np.abs(painted - means[medium]).mean()))


def paint_texts(context: TrialContext) -> dict[str, list[tuple[UnseenProcess, UInt8]]]:
    """Paintings from captions of unseen processes and the same noise in each medium, beside the real process.

    The captions are the same where each picture is painted in all media.
    """
    pipeline, painted = context.pipeline, {}
    for medium, found in context.processes.items():
        chosen = one_of_each_caption(found)[: context.config.prompts]
        orders = [
            pipeline.request(context.prompt(medium, real.caption), {}, seed=context.config.seed + number)
            for number, real in enumerate(chosen)
        ]
        made = context.paint(orders)
        painted[medium] = list(zip(chosen, made, strict=True))
    return painted


def one_of_each_caption(processes: Sequence[UnseenProcess]) -> list[UnseenProcess]:
    """Processes of unlike captions first, then the others."""
    first = {each.caption: each for each in reversed(processes)}
    return sorted(processes, key=lambda each: first[each.caption] is not each)


def compare(
    painted: Mapping[str, Sequence[tuple[UnseenProcess, UInt8]]], means: Mapping[str, Looks]
) -> dict[str, Texts]:
    """By medium, and `all` of them; standard errors are over paintings."""
    hits: dict[str, list[bool]] = {}
    wins: dict[str, list[float]] = {}
    for medium, pairs in painted.items():
        hits[medium] = [nearest(looks(made), means) == medium for _, made in pairs]
        shares = [_nearer(real, made, [other for other, _ in pairs]) for real, made in pairs]
        wins[medium] = [share for share in shares if share is not None]
    hits["all"] = [hit for found in hits.values() for hit in found]
    wins["all"] = [share for found in wins.values() for share in found]
    return {medium: Texts(medium=estimate_share(hits[medium]), picture=estimate_share(wins[medium])) for medium in hits}


def _nearer(real: UnseenProcess, made: UInt8, others: Sequence[UnseenProcess]) -> float | None:
    """Share of the other pictures that a painting is further from than from its own."""
    last = looks(made)[1]

    def distance(process: UnseenProcess) -> float:
        return float(np.abs(last - looks(process.frames)[1]).mean())

    further = [distance(other) > distance(real) for other in others if other.caption != real.caption]
    return float(np.mean(further)) if further else None


def text_trial(context: TrialContext) -> Finding:
    """The same captions and noise in all media."""
    painted = paint_texts(context)
    context.keep("text", [(medium, made) for medium, pairs in painted.items() for _, made in pairs])
    found = compare(painted, mean_looks(context.processes))
    table = [["painted in", "paintings", "nearest to that medium", "nearer to its own picture"]]
    for medium, result in found.items():
        count = result.medium.count if result.medium else 0
        table.append([medium, str(count), shown(result.medium, ".0%"), shown(result.picture, ".0%")])
    films = [
        SheetRow(words=context.prompt(medium, pairs[number][0].caption), frames=pairs[number][1])
        for number in range(_SHOWN)
        for medium, pairs in painted.items()
        if number < len(pairs)
    ]
    draw_sheet(films, context.folder("text") / "films.png")
    chance = f"{1 / len(painted):.0%}".replace("%", " %")
    words = (
        "Captions of unseen pictures, painted in each medium from the same noise with guidance "
        f"{context.sampling().guidance:g}. Paintings are compared by the colours of 4 x 4 parts of first and last "
        f"frames: to which medium's unseen processes, on average, is one nearest (chance is {chance}), and is its last "
        "frame nearer to its own picture than to others (chance is 50 %)? ± is the standard error."
    )
    figures = {medium: dataclasses.asdict(result) for medium, result in found.items()}
    sheet = Sheet(file="films.png", words="The same noise in each medium.")
    return Finding(title="From text", words=words, table=table, sheets=[sheet], figures=figures)
