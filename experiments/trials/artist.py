"""What an artist's LoRAs change: the trigger is asked for, with them and without."""

from __future__ import annotations

import dataclasses

from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate_share, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.context import TrialContext
from underpaint.experiments.trials.text import looks, mean_looks, nearest, one_of_each_caption
from underpaint.pipelines.loras import Lora

_SHOWN = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Likeness:
    """Share of the paintings that look most like the medium that the artist paints in, among all media."""

    without: Estimate | None
    with_loras: Estimate | None


def artist_trial(context: TrialContext) -> Finding:
    """Paint from the artist's trigger, which says nothing of a medium, with the LoRAs and without.

    Raises:
        ValueError: no artist is given, or its run isn't finished.
    """
    config = context.config
    if config.artist is None:
        raise ValueError("the trial `artist` needs --artist, a run of `underpaint-train artist`")
    means, found = mean_looks(context.processes), [each for every in context.processes.values() for each in every]
    captions = [f"{config.trigger}, {each.caption}" for each in one_of_each_caption(found)[: config.prompts]]
    pipelines = {"without": context.pipeline, "with": context.load([Lora(source=str(config.artist))])}
    painted = {}
    for name, pipeline in pipelines.items():
        orders = [pipeline.request(caption, {}, seed=config.seed + number) for number, caption in enumerate(captions)]
        painted[name] = context.paint(orders, pipeline=pipeline)
    hits = {
        # Of a corpus that paints each picture in one medium only, one medium may have no unseen process.
        name: estimate_share([nearest(looks(made), means) == config.artist_medium for made in films])
        if config.artist_medium in means
        else None
        for name, films in painted.items()
    }
    likeness = Likeness(without=hits["without"], with_loras=hits["with"])
    rows = [
        SheetRow(words=f"{caption}, {name} the LoRAs", frames=painted[name][number])
        for number, caption in enumerate(captions[:_SHOWN])
        for name in pipelines
    ]
    draw_sheet(rows, context.folder("artist") / "films.png")
    words = (
        f"The stand-in for an artist is a few processes in {config.artist_medium}, whose captions begin with "
        f"`{config.trigger}` and name no medium. Of paintings from that trigger, with the same noise, this share is "
        f"nearest to {config.artist_medium} among all media, as above."
    )
    table = [
        ["", "paintings", f"nearest to {config.artist_medium}"],
        ["without the LoRAs", str(len(captions)), shown(likeness.without, ".0%")],
        ["with them", str(len(captions)), shown(likeness.with_loras, ".0%")],
    ]
    sheet = Sheet(file="films.png", words="The same captions and noise, without the LoRAs and with them.")
    return Finding(title="An artist", words=words, table=table, sheets=[sheet], figures=dataclasses.asdict(likeness))
