"""The comparisons: which sides, and which figures tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from underpaint.experiments.ablations import sides
from underpaint.experiments.ablations.corpora import artist_corpus, strokes_corpus
from underpaint.experiments.ablations.settings import Settings
from underpaint.experiments.ablations.sides import MEDIUM
from underpaint.experiments.ablations.trials import Trial

_LEARNED = ("loss", "loss/0.75-1.00", "steps_towards", "blankness", "progress_distance")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Sides that differ in one thing.

    Attributes:
        title: of its table.
        sides: by what the table calls them; each gives the trial of a seed.
        columns: names of figures.
        note: what a reader must know.
    """

    title: str
    sides: dict[str, Callable[[int], Trial]]
    columns: tuple[str, ...]
    note: str


def pretraining(settings: Settings) -> Comparison:
    """An artist's LoRAs on a motion module that has seen synthetic processes, and without it."""
    corpus = artist_corpus(settings)
    return Comparison(
        title="With and without pretraining on synthetic processes",
        sides={
            "LoRAs on a pretrained motion module": lambda seed: sides.staged_loras(settings, seed, corpus),
            "LoRAs on an untrained one": lambda seed: sides.loras_without_motion(settings, seed, corpus),
            "no LoRA, motion module trained on the artist's process alone": lambda seed: sides.motion_of_the_artist(
                settings, seed, corpus
            ),
        },
        columns=(*_LEARNED, "variety"),
        note="Judged by the artist's process, which is what they were trained on: the spatial LoRAs for "
        f"{settings.spatial_steps} steps, all else for {settings.temporal_steps}. An untrained motion module changes "
        "nothing, and then no LoRA in it does.",
    )


def joint(settings: Settings) -> Comparison:
    """The artist's two LoRAs one after the other, and together."""
    corpus = artist_corpus(settings)
    return Comparison(
        title="Spatial and temporal LoRA one after the other, or together",
        sides={
            "one after the other": lambda seed: sides.staged_loras(settings, seed, corpus),
            "together": lambda seed: sides.joint_loras(settings, seed, corpus),
        },
        columns=(*_LEARNED, "brightness", "variety"),
        note="Judged by the artist's process, which is what they were trained on. Either way took "
        f"{settings.spatial_steps + settings.temporal_steps} steps in all.",
    )


def media(settings: Settings) -> Comparison:
    """A motion module for one medium, trained on it alone or on all."""
    return Comparison(
        title="One medium or all",
        sides={
            f"{MEDIUM} alone": lambda seed: sides.motion(settings, seed, f"motion-{MEDIUM}"),
            "all media": lambda seed: sides.motion(settings, seed, "motion-all", renderer=None),
        },
        columns=_LEARNED,
        note=f"Both judged by unseen {MEDIUM} processes, after {settings.motion_steps} steps on the same base.",
    )


def schedule(settings: Settings) -> Comparison:
    """Frames after equal change, and after equally many strokes."""
    corpus = strokes_corpus(settings)
    return Comparison(
        title="Frames by error or by number of strokes",
        sides={
            "by error": lambda seed: sides.motion(settings, seed, f"motion-{MEDIUM}"),
            "by number of strokes": lambda seed: sides.motion(settings, seed, "motion-strokes", corpus=corpus),
        },
        columns=("steps_towards", "idle", "changed", "mean_progress", "between"),
        note=f"The same {MEDIUM} paintings, cut into frames in two ways; {settings.motion_steps} steps. Losses can't "
        "be compared: frames that are nearly equal are easy to predict.",
    )


def terminal(settings: Settings) -> Comparison:
    """The last noise level being noise alone, and with a rest of the picture in it; of one medium."""
    return _terminal(settings, f"of {MEDIUM} alone", MEDIUM)


def terminal_all_media(settings: Settings) -> Comparison:
    """The same of all media, where so short a training does not yet learn what one begins with."""
    return _terminal(settings, "of all media", None)


def _terminal(settings: Settings, of: str, renderer: str | None) -> Comparison:
    def side(word: str, zero: bool) -> Callable[[int], Trial]:
        name = f"terminal-{renderer or 'all'}-{word}"
        return lambda seed: sides.base_and_motion(settings, seed, name, zero_terminal_snr=zero, renderer=renderer)

    return Comparison(
        title=f"With and without zero terminal SNR, {of}",
        sides={"with": side("with", True), "without": side("without", False)},
        columns=("ground", "blankness", "brightness", "steps_towards"),
        note=f"A new base of {settings.base_steps} steps and a new motion module of {settings.motion_steps}, {of}; "
        f"judged by unseen {MEDIUM} processes, whose ground is white.",
    )


COMPARISONS: dict[str, Callable[[Settings], Comparison]] = {
    "pretraining": pretraining,
    "joint": joint,
    "media": media,
    "schedule": schedule,
    "terminal": terminal,
    "terminal-all-media": terminal_all_media,
}
