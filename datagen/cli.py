"""The command line `underpaint-data`; the folder `commands` has what its commands take and do."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from underpaint.commandline.answering import answer
from underpaint.commandline.parser import Help, Parser, versioned
from underpaint.datagen.commands import curation, looking, making, trust

COMMANDS = (*making.COMMANDS, *looking.COMMANDS, *trust.COMMANDS, *curation.COMMANDS)
_NAMES = frozenset(command.name for command in COMMANDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done, and for `generate` and `import` every shard is there, for `verify` no fault found. 1: shards are missing,
    or faults were found. 2: a mistake of the user's, explained in one line. 130: interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    namespace = build_parser(next((word for word in given if word in _NAMES), "")).parse_args(given)
    command = next(command for command in COMMANDS if command.name == namespace.command)
    return answer(f"underpaint-data {command.name}", lambda: command.run(namespace[command.name]))


def build_parser(asked: str | None = None) -> Parser:
    """Return the parser of all commands; those of `generate` and `import` have the fields of their configs.

    Args:
        asked: the only command whose arguments are needed, or "" for none; all take half a second to set up.
    """
    parser = Parser(
        prog="underpaint-data",
        description="Turn pictures, or recordings, into a corpus of painting processes.",
        formatter_class=Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    for command in COMMANDS:
        parser_of = command.parser if asked in (None, command.name) else Parser
        commands.add_subcommand(command.name, parser_of(), help=command.help)
    return versioned(parser)
