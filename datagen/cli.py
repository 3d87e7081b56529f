"""The command line `underpaint-data`; the folder `commands` has what its commands take and do."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from underpaint.commandline.parser import USAGE, Help, Parser
from underpaint.datagen.commands import curation, looking, making, trust
from underpaint.datagen.commands.command import INTERRUPTED

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
    try:
        return command.run(namespace[command.name])
    except (ValueError, OSError) as error:
        print(f"underpaint-data {command.name}: {_message(error)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error).strip()


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
    return parser
