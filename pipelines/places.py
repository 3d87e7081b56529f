"""Where the networks that paint are; without torch, so that a mistake is told at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from underpaint.hub import VAE, check_base_config, check_source
from underpaint.models.folders import check_folder
from underpaint.models.nano_names import is_nano
from underpaint.pipelines.settings import NetworksConfig
from underpaint.runs import is_run, result_of, tuned_motion

# The trained nano that lies in the package itself, see its README.md.
SHIPPED = Path(__file__).parent / "nano"
_HOW_TO_TRAIN = """leave --models out for the nano that is built in, or train one in about an hour of two cores, on a corpus of `underpaint-data generate
--renderer bezier,oil,ink,region --size 72 --frames 16 --strokes 200`:
  underpaint-train base        --config configs/nano-base.yaml        --corpus CORPUS --out {0}/base
  underpaint-train motion      --config configs/nano-motion.yaml      --corpus CORPUS --base {0}/base --out {0}/motion
  underpaint-train replication --config configs/nano-replication.yaml --corpus CORPUS --base {0}/base --motion {0}/motion --out {0}/replication
and paint with --models {0}"""  # noqa: E501, commands to be copied


@dataclasses.dataclass(frozen=True, kw_only=True)
class Places:
    """Where the networks are: finished runs, folders that diffusers saved, files, or hub ids.

    Attributes:
        base: the image model.
        motion: the motion module.
        replication: the replication network, if there is one.
        vae: an autoencoder in place of the base's, if one is named.
        base_config: configs and tokenizer for a base in one file; those of Stable Diffusion 1.5 if not named.
    """

    base: str
    motion: str
    replication: str | None
    vae: str | None = None
    base_config: str | None = None


def _check_kind(name: str, folder: Path) -> None:
    if name == "base":
        check_folder("UNet2DConditionModel", folder / "unet")
        check_folder("AutoencoderKL", folder / "vae")
    else:
        check_folder({"motion": "MotionAdapter", "replication": "SparseControlNetModel"}[name], folder)


def places_of(config: NetworksConfig) -> Places:
    """Find what the settings of a command name; see `find_places`."""
    return find_places(
        config.models,
        base=config.base,
        motion=config.motion,
        replication=config.replication,
        vae=config.vae,
        base_config=config.base_config,
    )


def find_places(
    models: Path | None,
    *,
    base: str | None = None,
    motion: str | None = None,
    replication: str | None = None,
    vae: str | None = None,
    base_config: str | None = None,
) -> Places:
    """Find what to load: `base`, `motion` and `replication` as named, and those that aren't from the folder `models`.

    Without the folder, and unless base and motion module are named, the others are the built-in nano's.

    Raises:
        ValueError: there is no such folder, no base or motion module, or a run that isn't finished; says what to do.
    """
    if models is None and not (base and motion):
        models = SHIPPED
    if models is not None and not models.is_dir():
        raise ValueError(f"models {models} is not a folder; {_HOW_TO_TRAIN.format(models)}")
    named = {"base": base, "motion": motion, "replication": replication}
    for name in named:
        folder = (models or Path()) / name
        # A replication network that isn't finished is only missed when it is needed.
        awaited = name == "replication" and is_run(folder) and not (folder / name).is_dir()
        if named[name] is None and models is not None and folder.is_dir() and not awaited:
            named[name] = str(folder)
    if motion is None and named["replication"] and (tuned := tuned_motion(Path(named["replication"]))):
        named["motion"] = str(tuned)
    for name in ("base", "motion"):
        if named[name] is None:
            raise ValueError(f"models {models} holds no {name}/; {_HOW_TO_TRAIN.format(models)}")
    for name, place in named.items():
        if place is not None and not (name == "base" and is_nano(place)):
            check_source(name, place)
            _check_kind(name, Path(result_of(place, name)))
    if vae is not None:
        check_source("vae", vae, VAE)
    check_base_config(base_config, str(named["base"]))
    return Places(
        base=str(named["base"]),
        motion=str(named["motion"]),
        replication=named["replication"],
        vae=vae,
        base_config=base_config,
    )
