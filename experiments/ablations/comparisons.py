"""The comparisons: which sides, and which figures tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from underpaint.experiments.ablations import sides
from underpaint.experiments.ablations.config import AblationsConfig
from underpaint.experiments.ablations.corpora import artist_corpus, check_equal, manner_corpus, strokes_corpus
from underpaint.experiments.ablations.sides import MANNERED, MEDIUM
from underpaint.experiments.ablations.trials import Trial
from underpaint.pipelines.evaluation.human import BANDS

_HEARD = ("own_better", "larger")
_CHANCE = (
    "Unseen finished pictures are noised, at the four levels where least is left of them: how often the error is "
    "smaller with their own caption than with another picture's, and how large it is with the other's. Chance is 50 %."
)
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


def pretraining(config: AblationsConfig) -> Comparison:
    """An artist's LoRAs on a motion module that has seen synthetic processes, and without it."""
    corpus = artist_corpus(config)
    return Comparison(
        title="With and without pretraining on synthetic processes",
        sides={
            "LoRAs on a pretrained motion module": lambda seed: sides.staged_loras(config, seed, corpus),
            "LoRAs on an untrained one": lambda seed: sides.loras_without_motion(config, seed, corpus),
            "no LoRA, motion module trained on the artist's process alone": lambda seed: sides.motion_of_the_artist(
                config, seed, corpus
            ),
        },
        columns=(*_LEARNED, "variety"),
        note="Judged by the artist's process, which is what they were trained on: the spatial LoRAs for "
        f"{config.spatial_steps} steps, all else for {config.temporal_steps}. An untrained motion module changes "
        "nothing, and then no LoRA in it does.",
    )


def joint(config: AblationsConfig) -> Comparison:
    """The artist's two LoRAs one after the other, and together."""
    corpus = artist_corpus(config)
    return Comparison(
        title="Spatial and temporal LoRA one after the other, or together",
        sides={
            "one after the other": lambda seed: sides.staged_loras(config, seed, corpus),
            "together": lambda seed: sides.joint_loras(config, seed, corpus),
        },
        columns=(*_LEARNED, "brightness", "variety"),
        note="Judged by the artist's process, which is what they were trained on. Either way took "
        f"{config.spatial_steps + config.temporal_steps} steps in all.",
    )


def media(config: AblationsConfig) -> Comparison:
    """A motion module for one medium, trained on it alone or on all."""
    return Comparison(
        title="One medium or all",
        sides={
            f"{MEDIUM} alone": lambda seed: sides.motion(config, seed, f"motion-{MEDIUM}"),
            "all media": lambda seed: sides.motion(config, seed, "motion-all", renderer=None),
        },
        columns=_LEARNED,
        note=f"Both judged by unseen {MEDIUM} processes, after {config.motion_steps} steps on the same base.",
    )


def schedule(config: AblationsConfig) -> Comparison:
    """Frames after equal change, and after equally many strokes."""
    corpus = strokes_corpus(config)
    return Comparison(
        title="Frames by error or by number of strokes",
        sides={
            "by error": lambda seed: sides.motion(config, seed, f"motion-{MEDIUM}"),
            "by number of strokes": lambda seed: sides.motion(config, seed, "motion-strokes", corpus=corpus),
        },
        columns=("steps_towards", "idle", "changed", "mean_progress", "between"),
        note=f"The same {MEDIUM} paintings, cut into frames in two ways; {config.motion_steps} steps. Losses can't "
        "be compared: frames that are nearly equal are easy to predict.",
    )


def terminal(config: AblationsConfig) -> Comparison:
    """The last noise level being noise alone, and with a rest of the picture in it; of one medium."""
    return _terminal(config, f"of {MEDIUM} alone", MEDIUM)


def terminal_all_media(config: AblationsConfig) -> Comparison:
    """The same of all media, where so short a training does not yet learn what one begins with."""
    return _terminal(config, "of all media", None)


def _terminal(config: AblationsConfig, of: str, renderer: str | None) -> Comparison:
    def side(word: str, zero: bool) -> Callable[[int], Trial]:
        name = f"terminal-{renderer or 'all'}-{word}"
        return lambda seed: sides.base_and_motion(config, seed, name, zero_terminal_snr=zero, renderer=renderer)

    return Comparison(
        title=f"With and without zero terminal SNR, {of}",
        sides={"with": side("with", True), "without": side("without", False)},
        columns=("ground", "blankness", "brightness", "steps_towards"),
        note=f"A new base of {config.base_steps} steps and a new motion module of {config.motion_steps}, {of}; "
        f"judged by unseen {MEDIUM} processes, whose ground is white.",
    )


def tokenizer(config: AblationsConfig) -> Comparison:
    """Captions that are read letter by letter, and in words that were learned from them."""
    return Comparison(
        title="Letters, or merges learned from the captions",
        sides={
            "learned": lambda seed: sides.base(config, seed, "base-learned", tokenizer="learned"),
            "letters": lambda seed: sides.base(config, seed, "base-letters", tokenizer="letters"),
        },
        columns=_HEARD,
        note=f"New bases of {config.base_steps} steps. {_CHANCE}",
    )


def world(config: AblationsConfig) -> Comparison:
    """The given corpus as what the base learns from, and as many photographs."""
    photos = config.photos
    assert photos is not None, "a config whose comparisons need it has one"
    check_equal(config.corpus, photos)
    return Comparison(
        title="Scenes or photographs",
        sides={
            "scenes": lambda seed: sides.base(config, seed, "base-learned", tokenizer="learned"),
            "photographs": lambda seed: sides.base(config, seed, "base-photos", corpus=photos, tokenizer="learned"),
        },
        columns=_HEARD,
        note=f"New bases of {config.base_steps} steps, each judged by pictures of its own world. {_CHANCE}",
    )


def manner(config: AblationsConfig) -> Comparison:
    """Processes painted as people do, and by what lessens the error most, as before there was the painter's manner."""

    def side(word: str, schedule: str | None) -> Callable[[int], Trial]:
        corpus = manner_corpus(config, MANNERED, word, schedule)
        return lambda seed: sides.motion(
            config, seed, f"motion-{MANNERED}-{word}", corpus=corpus, renderer=MANNERED, judged=MANNERED
        )

    return Comparison(
        title=f"The manners painter and error, in {MANNERED}",
        sides={"painter": side("painter", None), "error": side("error", "error")},
        columns=("human", *BANDS, "steps_towards", "loss"),
        note="The same pictures, painted and cut into frames as people paint, or by `--oil.manner error "
        f"--schedule error`; {config.motion_steps} steps on the same base, each judged by unseen processes of its own "
        "kind. docs/evaluation.md defines the bands, and the measures behind them.",
    )


COMPARISONS: dict[str, Callable[[AblationsConfig], Comparison]] = {
    "pretraining": pretraining,
    "joint": joint,
    "media": media,
    "schedule": schedule,
    "terminal": terminal,
    "terminal-all-media": terminal_all_media,
    "tokenizer": tokenizer,
    "manner": manner,
    "world": world,
}
