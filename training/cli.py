"""The command line: `underpaint-train base | motion | replication | artist`."""

from __future__ import annotations

import dataclasses
import logging
import sys
from collections.abc import Sequence
from typing import Any

from jsonargparse import Namespace

from underpaint.commandline.answering import answer, program
from underpaint.commandline.parser import Help, Parser, configurable, eased, renamed, versioned
from underpaint.extras import needing, quick_imports
from underpaint.training.config import (
    RENAMED,
    RENAMED_OF_BASE,
    ArtistConfig,
    BaseConfig,
    MotionConfig,
    ReplicationConfig,
    TrainConfig,
)
from underpaint.training.data_config import AugmentConfig, DataConfig

# 143 is what a shell makes of SIGTERM: schedulers know by it that the job is to be started again.
OK, FAILED, STOPPED = 0, 1, 143

_log = logging.getLogger(__name__)

_STAGES: dict[str, tuple[type[TrainConfig], str]] = {
    "base": (BaseConfig, "train nano from scratch, or a LoRA that adapts another base to painted pictures"),
    "motion": (MotionConfig, "train a motion module on a frozen base"),
    "replication": (ReplicationConfig, "train a replication network beside a frozen base and a motion module"),
    "artist": (ArtistConfig, "train the two LoRAs of an artist"),
}


@program("underpaint-train")
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage; return its exit status.

    0: finished. 1: a loss, a gradient or weights became NaN or infinite; the last finite checkpoint is there. 2: a
    mistake of the user's. Both are explained in one line. 143: stopped by a signal after saving a checkpoint; the same
    command continues.
    """
    namespace = build_parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
    stage = namespace.command
    return answer(f"underpaint-train {stage}", lambda: _train(stage, config_of(stage, namespace[stage])))


def _train(stage: str, config: TrainConfig) -> int:
    with needing("training", "train"):
        from underpaint.training.checks import check_paths

        check_paths(config)
        # They take seconds to import: not for --help, and not for a mistake.
        _log.info("importing torch and diffusers")
        with quick_imports():
            from underpaint.training.guard import NotFinite
            from underpaint.training.run import train

        try:
            if train(config):
                return OK
        except NotFinite as error:
            _log.error("underpaint-train %s: %s", stage, error)
            return FAILED
    _log.warning("stopped and saved; the same command resumes %s", config.out)
    return STOPPED


def config_of(stage: str, options: Namespace) -> TrainConfig:
    """The config that the options of a stage spell.

    Raises:
        ValueError: values out of range, or that don't go together.
    """
    values: dict[str, Any] = options.clone().as_dict()
    del values["config"]
    names = {field.name for field in dataclasses.fields(DataConfig)} & values.keys()
    if "augment" in values:
        values["augment"] = AugmentConfig(**values["augment"])
    data = {name: values.pop(name) for name in names}
    if stage == "base":
        data["frames"] = 1
    return _STAGES[stage][0](data=DataConfig(**data), **values)


def build_parser() -> Parser:
    """The parser of all stages; the options come from the configs' own dataclasses."""
    parser = Parser(
        prog="underpaint-train",
        description="Train diffusion models that paint, on a corpus of painting processes.",
        formatter_class=Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    for stage, (kind, what) in _STAGES.items():
        commands.add_subcommand(stage, _stage_parser(stage, kind), help=what)
    return versioned(parser)


def _stage_parser(stage: str, kind: type[TrainConfig]) -> Parser:
    what = " ".join((kind.__doc__ or "").partition("Args:")[0].split())
    parser = configurable(f"{what} The same command on the same folder resumes the run.")
    # The last stage's own options first, then those of all, then the data's.
    parser.add_class_arguments(kind, skip={"data"})
    # The base learns from single pictures.
    parser.add_class_arguments(DataConfig, skip={"frames"} if stage == "base" else set())
    return renamed(eased(parser), RENAMED | RENAMED_OF_BASE if stage == "base" else RENAMED)


if __name__ == "__main__":
    raise SystemExit(main())
