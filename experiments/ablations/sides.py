"""The sides of the comparisons: for a seed, what is trained and what it is judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from underpaint.experiments.ablations.config import AblationsConfig
from underpaint.experiments.ablations.runs import Run
from underpaint.experiments.ablations.trials import Trial
from underpaint.experiments.commands import AUGMENTED, TRIGGER
from underpaint.training.data_config import DataConfig

# The medium that motion modules are judged by. Its paper is white, so it is known what a first frame should be.
MEDIUM = "bezier"
# The medium that is painted in two manners.
MANNERED = "oil"


def motion(
    config: AblationsConfig,
    seed: int,
    name: str,
    *,
    corpus: Path | None = None,
    renderer: str | None = MEDIUM,
    judged: str = MEDIUM,
) -> Trial:
    """A new motion module on the given base; of the given corpus and one medium if nothing else is said.

    Args:
        config: of all comparisons.
        seed: of the training.
        name: of the trial, without the seed.
        corpus: another one.
        renderer: another medium; None for all.
        judged: the medium of the unseen processes that it is judged by.
    """
    found = corpus or config.corpus
    run = _motion_run(config, f"{name}-{seed}", seed, config.base, found, **_only(renderer))
    return Trial(
        name=f"{name}-{seed}",
        seed=seed,
        runs=(run,),
        base=config.base,
        motion=run.out,
        data=_held_out(config, found, judged),
    )


def base(config: AblationsConfig, seed: int, name: str, *, corpus: Path | None = None, **options: Any) -> Trial:
    """A new base on all media, judged by itself; of the given corpus if nothing else is said.

    Args:
        config: of all comparisons.
        seed: of the training.
        name: of the trial, without the seed.
        corpus: another one.
        options: of its training.
    """
    found = corpus or config.corpus
    run = _base_run(config, f"{name}-{seed}", seed, found, **options)
    data = _held_out(config, found, None)
    return Trial(name=f"{name}-{seed}", seed=seed, runs=(run,), base=run.out, motion=None, data=data)


def base_and_motion(
    config: AblationsConfig, seed: int, name: str, *, zero_terminal_snr: bool, renderer: str | None
) -> Trial:
    """A new base with a new motion module, of one medium or, with None, of all."""
    base = _base_run(
        config, f"{name}-{seed}-base", seed, config.corpus, zero_terminal_snr=zero_terminal_snr, **_only(renderer)
    )
    run = _motion_run(config, f"{name}-{seed}-motion", seed, base.out, config.corpus, **_only(renderer))
    return Trial(
        name=f"{name}-{seed}",
        seed=seed,
        runs=(base, run),
        base=base.out,
        motion=run.out,
        data=_held_out(config, config.corpus, MEDIUM),
    )


def staged_loras(config: AblationsConfig, seed: int, corpus: Path) -> Trial:
    """The artist's LoRAs one after the other, on the given motion module."""
    given = _given_motion(config)
    run = _lora_run(config, f"artist-staged-{seed}", seed, given, corpus)
    return _artist(config, seed, "artist-staged", corpus, (run,), given)


def joint_loras(config: AblationsConfig, seed: int, corpus: Path) -> Trial:
    """Both LoRAs together on sequences, with as many steps."""
    given, steps = _given_motion(config), config.spatial_steps + config.temporal_steps
    run = _lora_run(config, f"artist-joint-{seed}", seed, given, corpus, joint=True, steps=steps)
    return _artist(config, seed, "artist-joint", corpus, (run,), given)


def loras_without_motion(config: AblationsConfig, seed: int, corpus: Path) -> Trial:
    """The LoRAs one after the other, on a motion module as it begins: one step, at a rate that changes nothing."""
    before = _motion_run(config, f"untrained-{seed}", seed, config.base, config.corpus, steps=1, learning_rate=1e-9)
    run = _lora_run(config, f"artist-untrained-{seed}", seed, before.out, corpus)
    return _artist(config, seed, "artist-untrained", corpus, (before, run), before.out)


def motion_of_the_artist(config: AblationsConfig, seed: int, corpus: Path) -> Trial:
    """A new motion module on the artist's process alone, with the steps and the batch of the temporal LoRA."""
    own = {"name_medium": False, "validation": 0, "trigger": TRIGGER, "batch": 1, "steps": config.temporal_steps}
    run = _motion_run(config, f"artist-alone-{seed}", seed, config.base, corpus, **own)
    return _artist(config, seed, "artist-alone", corpus, (run,), run.out)


def _run(config: AblationsConfig, stage: str, name: str, **options: Any) -> Run:
    """A run that looks at itself, and writes, no more than it has to."""
    from underpaint.training.hardware import quick_precision  # torch, which takes seconds

    same = {
        "mixed_precision": config.precision or quick_precision(),
        "validate_every": 1_000_000,
        "validation_samples": 1,  # trials are judged by themselves, more thoroughly
        "sheet_every": 0,
        "tensorboard": False,
        "workers": 0,  # a trial has one core
    }
    # An autoencoder knows nothing of noise, so new bases take the given one.
    autoencoder = config.base / "base" / "vae" if stage == "base" else None
    return Run(stage=stage, out=config.out / "runs" / name, options=same | options, autoencoder=autoencoder)


def _base_run(config: AblationsConfig, name: str, seed: int, corpus: Path, **options: Any) -> Run:
    same = _inherited(config, "size", "name_medium", "validation", *AUGMENTED)
    own = {"corpus": corpus, "seed": seed, "steps": config.base_steps}
    return _run(config, "base", name, **(same | own | options))


def _motion_run(config: AblationsConfig, name: str, seed: int, base: Path, corpus: Path, **options: Any) -> Run:
    same = _inherited(config, "size", "frames", "name_medium", "validation", *AUGMENTED)
    own = {"base": base, "corpus": corpus, "seed": seed, "steps": config.motion_steps}
    return _run(config, "motion", name, **(same | own | options))


def _lora_run(config: AblationsConfig, name: str, seed: int, motion: Path, corpus: Path, **options: Any) -> Run:
    same = _inherited(config, "size", "frames", *AUGMENTED) | {
        "base": config.base,
        "motion": motion,
        "corpus": corpus,
    }
    own = {"seed": seed, "steps": config.temporal_steps, "spatial_steps": config.spatial_steps, "trigger": TRIGGER}
    return _run(config, "artist", name, **(same | own | options))


def _artist(config: AblationsConfig, seed: int, name: str, corpus: Path, runs: tuple[Run, ...], motion: Path) -> Trial:
    """A trial that is judged by the artist's process."""
    data = DataConfig(
        corpus=str(corpus),
        **_inherited(config, "size", "frames"),
        trigger=TRIGGER,
        later_start=0,
        validation=0,
        workers=0,
    )
    loras = next((run.out for run in runs if run.stage == "artist"), None)
    return Trial(name=f"{name}-{seed}", seed=seed, runs=runs, base=config.base, motion=motion, loras=loras, data=data)


def _held_out(config: AblationsConfig, corpus: Path, renderer: str | None) -> DataConfig:
    """Unseen processes in one medium or, with None, in all, from the blank ground on."""
    return DataConfig(
        corpus=str(corpus),
        **_only(renderer),
        **_inherited(config, "size", "frames", "name_medium", "validation"),
        later_start=0,
        validation_samples=config.processes,
        workers=0,
    )


def _given_motion(config: AblationsConfig) -> Path:
    assert config.motion is not None, "a config whose comparisons need it has one"
    return config.motion


def _only(renderer: str | None) -> dict[str, Any]:
    return {} if renderer is None else {"renderer": renderer}


def _inherited(config: AblationsConfig, *names: str) -> dict[str, Any]:
    found = config.inherited()
    return {name: found[name] for name in names}
