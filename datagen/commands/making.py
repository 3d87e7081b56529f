"""The commands that make a corpus: `generate` and `import`."""

from __future__ import annotations

import logging
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jsonargparse import Namespace

from underpaint.commandline.answering import INTERRUPTED
from underpaint.commandline.parser import Parser, configurable, eased
from underpaint.commandline.showing import show
from underpaint.datagen.commands.command import FAULTY, OK, Command

if TYPE_CHECKING:
    from underpaint.datagen.config import GenerateConfig
    from underpaint.datagen.jobs.writing import Result

logger = logging.getLogger(__name__)


def _generate_parser() -> Parser:
    from underpaint import renderers
    from underpaint.datagen.config import GenerateConfig

    parser = _writing_parser("Paint pictures into a corpus")
    parser.add_class_arguments(GenerateConfig, skip={"options"})
    for name in renderers.names():
        parser.add_class_arguments(renderers.options_class(name), name)
    return eased(parser)


def _import_parser() -> Parser:
    from underpaint.datagen.import_config import ImportConfig

    parser = _writing_parser("Import recorded processes (videos, or folders of frames) into a corpus")
    parser.add_class_arguments(ImportConfig)
    return eased(parser)


def _writing_parser(what: str) -> Parser:
    return configurable(
        f"{what}. The same command on the same folder continues. The exit status is 0 only if every shard is there."
    )


def _generate(options: Namespace) -> int:
    from underpaint.datagen.generate import generate

    _warn_of_locale()
    return _exit_status(generate(generate_config(options)))


def generate_config(options: Namespace) -> GenerateConfig:
    """Return the config with the options of its renderers, and of others where given, which `with_options` refuses."""
    from underpaint import renderers
    from underpaint.datagen.config import GenerateConfig

    values = options.as_dict()
    del values["config"]
    own = {name: _own_options(name, values.pop(name)) for name in renderers.names()}
    config = GenerateConfig(**values)
    options = {name: chosen for name, chosen in own.items() if name in config.media or chosen != type(chosen)()}
    return replace(config, options=options)


def _own_options(name: str, values: dict[str, Any]) -> Any:
    from underpaint import renderers

    try:
        return renderers.options_class(name)(**values)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None  # several media have a place, a detail, a drawing


def _import(options: Namespace) -> int:
    from underpaint.datagen.import_config import ImportConfig
    from underpaint.datagen.importing import import_recordings

    _warn_of_locale()
    values = options.as_dict()
    del values["config"]
    return _exit_status(import_recordings(ImportConfig(**values)))


def _warn_of_locale() -> None:
    """Say that names of files may come out wrong: Python reads them in the locale's encoding."""
    if (encoding := sys.getfilesystemencoding()).lower() != "utf-8":
        logger.warning(
            "this locale's encoding of file names is %s: names in UTF-8 aren't found from lists, and their pictures "
            "get other seeds; set PYTHONUTF8=1",
            encoding,
        )


def _exit_status(result: Result) -> int:
    """Print how a job ended and log how to continue it; return the exit status."""
    from underpaint.datagen.summary.tables import summary_table

    show([summary_table(result)])
    for shard, error in sorted(result.errors.items()):
        logger.error("shard %06d failed: %s", shard, error)
    if any("out of reach" in error for error in result.errors.values()):
        logger.error("with --unreachable skip, pictures that stay out of reach are left out, and named in the corpus")
    if result.complete and not result.errors:
        if result.sums.total.samples:
            return OK
        logger.error(
            "no sample was written, as every %s was skipped; `underpaint-data inspect %s` says why",
            result.meter.unit,
            result.sources.maker.config.out,
        )
        return FAULTY
    logger.error("%s; to continue, run the same command again:\n  %s", _state(result), _command_line())
    return INTERRUPTED if result.interrupted else FAULTY


def _state(result: Result) -> str:
    if result.interrupted:
        return "stopped"
    if not result.missing:
        return "what was to be made again is as it was"
    return "1 shard is missing" if len(result.missing) == 1 else f"{len(result.missing)} shards are missing"


def _command_line() -> str:
    return shlex.join(["underpaint-data", *sys.argv[1:]])


COMMANDS = (
    Command(
        name="generate", help="paint pictures into a corpus, or continue one", parser=_generate_parser, run=_generate
    ),
    Command(
        name="import", help="import videos and folders of frames into a corpus", parser=_import_parser, run=_import
    ),
)
