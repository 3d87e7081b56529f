"""A parser whose options come from dataclasses, and whose mistakes fit in a line."""

from __future__ import annotations

import re
import sys
from argparse import Action
from typing import NoReturn

from jsonargparse import ArgumentParser, DefaultHelpFormatter

USAGE = 2  # exit status after a mistake of the user's


class Parser(ArgumentParser):  # type: ignore[misc, unused-ignore]
    """Answers a mistake with one line instead of the whole usage."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the mistake and exit."""
        line = " ".join(message.split())
        print(f"{self.prog.replace(' [options]', '')}: {line} (--help tells more)", file=sys.stderr)
        raise SystemExit(USAGE) from ex


class Help(DefaultHelpFormatter):  # type: ignore[misc, unused-ignore]
    """Types in words: the choices stand in the usage already, and <class 'Path'> helps nobody."""

    def _expand_help(self, action: Action) -> str:
        text = str(super()._expand_help(action)).replace("<class 'Path'>", "path")
        return re.sub(r"type: Literal\[.*?\], ", "", text)


def configurable(description: str) -> Parser:
    """A parser that reads its options from a YAML file too; add them, then call `eased`."""
    parser = Parser(description=description)
    parser.add_argument("--config", action="config", help="YAML file with the same keys; unknown keys are refused.")
    return parser


def eased(parser: Parser) -> Parser:
    """Let the options that are there be written as people write them.

    `--shard-size` is accepted, and shown, beside `--shard_size`, which is the name in YAML and in Python; and `--mix`
    beside `--mix true`.
    """
    for option, action in list(parser._option_string_actions.items()):
        if "_" in option and option.startswith("--") and not option.startswith("--print_"):
            hyphenated = option.replace("_", "-")
            action.option_strings = [hyphenated]
            parser._option_string_actions[hyphenated] = action
    for action in parser._actions:
        if isinstance(action.default, bool) and action.nargs is None:
            action.nargs, action.const = "?", True
    return parser
