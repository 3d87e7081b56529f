"""Whether what was painted goes like a person's: people's bands, over what the other trials have painted."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from underpaint.experiments.findings import Estimate, Finding, estimate, estimate_share, shown
from underpaint.experiments.trials.context import TrialContext, UInt8
from underpaint.experiments.trials.reconstruct import Way, frames_of
from underpaint.pipelines.evaluation.human import BANDS
from underpaint.pipelines.evaluation.measures import of_order

_MOST = 32  # unseen processes of each medium: their share is known to 9 %
_OWN, _ALL = "the corpus's own", "all"

Painted = Sequence[tuple[str, UInt8]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Going:
    """How some processes go.

    Attributes:
        inside: share of those whose measures are all inside people's bands, but for what their medium keeps out.
        measures: the mean of each measure that has a band.
    """

    inside: Estimate | None
    measures: dict[str, Estimate | None]


def going(painted: Painted) -> Going:
    """Measure processes, each of a medium, uint8 (F, H, W, 3), as `underpaint evaluate`; those of too few steps not."""
    rows = [row for medium, frames in painted if (row := of_order(frames, medium, None))]
    return Going(
        inside=estimate_share([row["human"] for row in rows]),
        measures={name: estimate([row[name] for row in rows]) for name in BANDS},
    )


def going_by_medium(context: TrialContext) -> dict[str, Going]:
    """Measure what other trials have painted, and unseen processes of the corpus, by medium and all together.

    Raises:
        ValueError: nothing was painted yet with these settings.
    """
    made = _painted(context)
    if not any(made.values()):
        raise ValueError(f"nothing is painted in {context.config.out}: run the trial `text` or `reconstruct` first")
    real = [(medium, each.frames) for medium, found in context.processes.items() for each in found[:_MOST]]
    groups = {
        f"{medium}, {name}": [each for each in painted if medium in (each[0], _ALL)]
        for medium in (*context.processes, _ALL)
        for name, painted in (made | {_OWN: real}).items()
    }
    return {name: going(painted) for name, painted in groups.items() if painted}


def _painted(context: TrialContext) -> dict[str, Painted]:
    """Return what the trials have painted with these settings; of `complete` it has a real first half."""
    folder = context.folder("reconstruct")
    reconstructed = frames_of(folder, Way(network=True, inversion=None)) if context.finished("reconstruct") else {}
    return {
        "from text": context.kept("text") + context.kept("words"),
        "reconstructed": [(context.config.medium, frames) for frames in reconstructed.values()],
        "completed": context.kept("complete"),
    }


def human_trial(context: TrialContext) -> Finding:
    """What the trials before have painted, beside what the networks were taught."""
    found = going_by_medium(context)
    bands = (f"{low:.2f} to {high:.2f}" for low, high in BANDS.values())
    table = [["processes", "count", "inside all bands", *BANDS], ["people's bands", "", "", *bands]]
    for name, group in found.items():
        count = str(group.inside.count if group.inside else 0)
        means = (shown(group.measures[measure]) for measure in BANDS)
        table.append([name, count, shown(group.inside, ".0%"), *means])
    words = (
        "Five measures of what was painted in other trials, beside unseen processes of the corpus with as many frames "
        "of the same size: pace, how much of a step is in one place, how much is painted away from its end, or twice, "
        "and what is bare at half time. docs/evaluation.md defines them; the bands are those of recorded processes of "
        "people. Of `ink` and `pencil` one band doesn't count, as they only darken. What is completed has the first "
        "half of a real process. ± is the standard error."
    )
    figures = {name: dataclasses.asdict(group) for name, group in found.items()}
    return Finding(title="Like a person's?", words=words, table=table, figures=figures)
