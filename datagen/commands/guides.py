"""The command that makes maps and captions beside pictures: `guides`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jsonargparse import Namespace

from underpaint.commandline.answering import INTERRUPTED
from underpaint.commandline.parser import Parser, configurable, eased
from underpaint.commandline.showing import say
from underpaint.datagen.commands.command import FAULTY, OK, Command
from underpaint.texts import printable

if TYPE_CHECKING:
    from underpaint.datagen.guides.guides import GuidesResult

logger = logging.getLogger(__name__)

_NAMED = 20  # failures that are told one by one


def _parser() -> Parser:
    from underpaint.datagen.guides.config import GuidesConfig

    parser = configurable(
        "Make maps (salient objects, depth) and captions by networks beside the pictures, for `generate` to use. "
        "The same command continues. The exit status is 0 only if every picture was looked at."
    )
    parser.add_argument("source", type=str, help="Pictures: a folder, a glob, or a list of files; path or URL.")
    parser.add_class_arguments(GuidesConfig, skip={"source"})
    return eased(parser)


def _run(options: Namespace) -> int:
    from underpaint.datagen.guides.config import GuidesConfig
    from underpaint.datagen.guides.guides import guides

    values = options.as_dict()
    del values["config"]
    config = GuidesConfig(**values)
    result = guides(config)
    for name in config.models:
        say(f"{name}: {result.made[name]} made, {result.there[name]} were there")
    return _exit_status(result)


def _exit_status(result: GuidesResult) -> int:
    """Log what couldn't be made; return the exit status."""
    for failure in result.failures[:_NAMED]:
        logger.error("%s", printable(str(failure)))
    if len(result.failures) > _NAMED:
        logger.error("and %d more", len(result.failures) - _NAMED)
    for error in result.errors:
        logger.error("%s", printable(error))
    if result.failures:
        logger.error("%d maps or captions couldn't be made; the same command tries them again", len(result.failures))
    if result.errors or result.interrupted:
        logger.error("not all pictures were looked at; to continue, run the same command again")
        return INTERRUPTED if result.interrupted else FAULTY
    return OK if result.made or result.there else FAULTY


COMMANDS = (
    Command(name="guides", help="make maps and captions beside pictures by networks", parser=_parser, run=_run),
)
