"""The page: what was run, what came of it, and what it took."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from underpaint.datagen.format.atomic import atomic_file
from underpaint.experiments.commands import TRIGGER
from underpaint.experiments.findings import Finding, Sheet, markdown, read_finding
from underpaint.experiments.learn.budget import MEDIA, STEPS
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.curves import draw_losses, losses, read_phases
from underpaint.experiments.learn.machine import describe
from underpaint.experiments.learn.parts import ARTIST_MEDIUM, ARTIST_PROCESSES, CORPUS
from underpaint.experiments.learn.pictures import Stored, read_stored
from underpaint.experiments.learn.settings import read_times
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.trials.config import USUAL
from underpaint.experiments.trials.words import OPENING

PAGE = "results.md"
_TEMPLATE = Path(__file__).with_name("page.md.j2")
_STAGES = ("base", "motion", "replication", "artist")


def write_page(config: LearnConfig, stages: Stages) -> Path:
    """Write `results.md` of a finished chain, and return it.

    All but its last table, of times, follows from the settings and the machine: equal chains have equal pages.
    """
    folder = config.out
    stored = read_stored(folder)
    assert stored is not None, "a chain begins with its pictures"
    phases = read_phases(stages.models, _STAGES)
    draw_losses(phases, folder / "losses.png")
    opening = _opening(folder)
    text = _template().render(
        stored=stored,
        opening=opening,
        base=stages.base,
        settings=markdown(_settings(config, stages, stored), right=False),
        # What is painted from words comes first, if there is a world that nano can know.
        sections=[_section(folder, name) for name in sorted(USUAL, key=lambda name: not opening or name != "words")],
        losses=markdown(losses(phases)),
        times=markdown(_times(folder, stages.budget.seconds)),
    )
    with atomic_file(folder / PAGE) as file:
        file.write(text.encode("utf-8"))
    return folder / PAGE


def _template() -> Template:
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))


def _opening(folder: Path) -> Sheet | None:
    """What a stranger sees first: scenes from fixed prompts, if the trial of words painted any."""
    return next((sheet for sheet in _finding(folder, "words").sheets if sheet.file == OPENING), None)


def _section(folder: Path, name: str) -> dict[str, object]:
    finding = _finding(folder, name)
    sheets = [sheet for sheet in finding.sheets if sheet.file != OPENING]
    return {"finding": finding, "table": markdown(finding.table), "sheets": sheets, "folder": f"trials/{name}"}


def _finding(folder: Path, name: str) -> Finding:
    finding = read_finding(folder / "trials" / name)
    assert finding is not None, "a chain's trials are done when its page is written"
    return finding


def _settings(config: LearnConfig, stages: Stages, stored: Stored) -> list[list[str]]:
    budget = stages.budget
    steps = {name: getattr(budget, name) for name in ("autoencoder", *_STAGES[:3]) if getattr(budget, name)}
    corpus = f"{CORPUS['strokes']} strokes, {stages.corpus_size} px, {CORPUS['frames']} frames"
    artist = f"{ARTIST_PROCESSES} processes in {ARTIST_MEDIUM}; captions begin with `{TRIGGER}`, and name no medium"
    return [
        ["", ""],
        ["source", config.source or "scenes of a small world, drawn by code"],
        ["pictures", _pictures(stored)],
        ["corpus", f"each picture in one of {', '.join(MEDIA)}: {corpus}"],
        ["image model", f"{stages.base}, {stages.size} px"],
        ["begins with", "the networks of the built-in nano" if stages.init else "new weights"],
        ["steps", ", ".join(f"{name} {count:,}" for name, count in steps.items())],
        ["an artist, or rather its stand-in", f"{artist}; {budget.spatial:,} and {budget.artist:,} steps"],
        ["sampling", f"{STEPS} steps, from drawn noise"],
        ["seed", str(config.seed)],
        ["minutes", f"{config.minutes:g}"],
        *map(list, describe(stages.machine)),
    ]


def _pictures(stored: Stored) -> str:
    crops = f", {stored.crops} crops each of {stored.originals}" if stored.crops > 1 else ""
    chosen = f", chosen among {stored.found:,}" if stored.found > stored.originals else ""
    return f"{stored.pictures:,}{crops}{chosen}; {stored.unseen} of them unseen"


def _times(folder: Path, nominal: dict[str, float]) -> list[list[str]]:
    taken = read_times(folder)
    rows = [["part", "minutes in the budget", "minutes taken"]]
    rows += [[name, _minutes(nominal.get(name)), _minutes(taken.get(name))] for name in ("pictures", *nominal)]
    return [*rows, ["all", _minutes(sum(nominal.values())), _minutes(sum(taken.values()))]]


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f}"
