"""The command line `underpaint-data`; the folder `commands` has what its commands take and do."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from underpaint.commandline.answering import answer, program
from underpaint.commandline.parser import Help, Parser, versioned
from underpaint.datagen.commands import curation, guides, looking, making, trust

COMMANDS = (*making.COMMANDS, *guides.COMMANDS, *looking.COMMANDS, *trust.COMMANDS, *curation.COMMANDS)


@program("underpaint-data")
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done, and for `generate` and `import` every shard is there, for `verify` no fault found. 1: shards are missing,
    or faults were found. 2: a mistake of the user's, explained in one line. 130: interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    namespace = build_parser(given).parse_args(given)
    command = next(command for command in COMMANDS if command.name == namespace.command)
    return answer(f"underpaint-data {command.name}", lambda: command.run(namespace[command.name]))


def build_parser(given: Sequence[str] | None = None) -> Parser:
    """Return the parser of all commands; those of `generate` and `import` have the fields of their configs.

    Args:
        given: arguments that are going to be parsed. Only the command among them gets its options: those of the
            media take a second, since numba is imported for them. All commands get theirs if nothing is given.
    """
    parser = Parser(
        prog="underpaint-data",
        description="Turn pictures, or recordings, into a corpus of painting processes.",
        formatter_class=Help,  # the commands take it over
    )
    parser.commands = lambda: {command.name: command.parser() for command in COMMANDS}
    commands = parser.add_subcommands(required=True, dest="command")
    names = [command.name for command in COMMANDS]
    asked = names if given is None else [word for word in given if word in names][:1]
    for command in COMMANDS:
        commands.add_subcommand(
            command.name, command.parser() if command.name in asked else Parser(), help=command.help
        )
    return versioned(parser)
