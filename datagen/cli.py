"""The command line `underpaint-data`; the folder `commands` has what its commands take and do."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from underpaint.commandline.logs import console_logging
from underpaint.commandline.parser import USAGE, Help, Parser
from underpaint.datagen.commands import browsing, curation, looking, making, trust
from underpaint.datagen.commands.command import INTERRUPTED

COMMANDS = (*making.COMMANDS, *looking.COMMANDS, *browsing.COMMANDS, *trust.COMMANDS, *curation.COMMANDS)


@console_logging()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done, and for `generate` and `import` every shard is there, for `verify` no fault found. 1: shards are missing,
    or faults were found. 2: a mistake of the user's, explained in one line. 130: interrupted.
    """
    namespace = build_parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
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


def build_parser() -> Parser:
    """The parser of all commands; those of `generate` and `import` have the fields of their configs."""
    parser = Parser(
        prog="underpaint-data",
        description="Turn pictures, or recordings, into a corpus of painting processes.",
        formatter_class=Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    for command in COMMANDS:
        commands.add_subcommand(command.name, command.parser(), help=command.help)
    return parser
