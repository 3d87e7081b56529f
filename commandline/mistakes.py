"""What is wrong with a command line, in the words of whoever typed it."""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from underpaint.commandline.values import either, refusal, shown
from underpaint.texts import did_you_mean, printable

# What argparse and jsonargparse say of mistakes, and what is said instead.
_UNKNOWN = re.compile(r"unrecognized arguments: (?P<rest>.*)", re.DOTALL)
_REQUIRED = re.compile(r"the following arguments are required: (?P<keys>.*)")
_NO_COMMAND = re.compile(r'expected "command" to be one of')
_NO_CHOICE = re.compile(r"argument (?P<name>\S+): invalid choice: (?P<value>.*?) \(choose from .*\)", re.DOTALL)
_NO_VALUE = re.compile(r"argument (?P<name>\S+): expected (?P<count>one|at least one) argument")
_NO_FLAG = re.compile(r"argument (?P<name>\S+): ignored explicit argument (?P<value>.*)", re.DOTALL)
_OF_KEY = re.compile(r'Parser key "(?P<key>[^"]+)"(?: element \d+)?:\s*(?P<why>.*)', re.DOTALL)
_GIVEN = re.compile(r"(?:Got value|Given value): (?P<value>.*)", re.DOTALL)


def message(error: Exception) -> str:
    """Return what an error says, without the number that the operating system gives it, as a terminal may show it."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        text = f"{place}{error.strerror}"
    elif isinstance(error, MemoryError):
        text = "not enough memory: give it less at a time, or fewer --workers"
    elif isinstance(error, RecursionError):
        text = "something is nested too deeply to be read"
    else:
        text = str(error).strip() or type(error).__name__
    return "\n".join(printable(line) for line in text.split("\n"))


def in_words(parser: ArgumentParser, message: str) -> str:
    """Return what argparse or jsonargparse says about a mistake as people would say it."""
    for pattern, say in _SAYINGS:
        if found := pattern.search(message):
            return say(parser, found)
    return message


def options_of(parser: ArgumentParser) -> dict[str, str]:
    """Return how each option is typed, by its name in Python and YAML; `corpus` is CORPUS if it has no hyphens."""
    return {action.dest: typed(action) for action in parser._actions}


def typed(action: Action) -> str:
    """Return an option as it is typed, `--shard-size`, or a positional argument as --help shows it."""
    if action.option_strings:
        return max((name for name in action.option_strings if not name.endswith("+")), key=len)
    return str(action.metavar or action.dest).upper()


def unknown(parser: ArgumentParser, name: str, choices: Mapping[str, str], what: str) -> str:
    """Return the line about an option or key that a command doesn't have.

    Args:
        parser: of the command.
        name: as it was given.
        choices: what there is, as it is written here, by its name in Python.
        what: `option` or `key`.
    """
    line = f"{name} is no {what}{did_you_mean(name, choices.values())}"
    if "did you mean" in line:
        return line
    leaf = name.lstrip("-").replace("-", "_")
    nested = [written for dest, written in choices.items() if dest.rpartition(".")[2] == leaf]
    if nested:
        return f"{line}; did you mean {either(nested[:3])}?"
    others = [command for command, other in _other_commands(parser) if leaf in options_of(other)]
    return f"{line} of this command, but of {either(others)}" if others else line


def _other_commands(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    root: Any = getattr(parser, "parent_parser", None)
    commands: Callable[[], Mapping[str, ArgumentParser]] | None = getattr(root, "commands", None)
    if commands:
        yield from commands().items()


def _unknown(parser: ArgumentParser, found: re.Match[str]) -> str:
    first, *_ = found["rest"].split(" ")
    if not first.startswith("-"):
        return f"{shown(first)} is one argument too many"
    names = {action.dest: typed(action) for action in parser._actions if action.option_strings}
    return unknown(parser, first.partition("=")[0], names, "option")


def _required(parser: ArgumentParser, found: re.Match[str]) -> str:
    keys = found["keys"].split(", ")
    owner, missing = parser, keys
    for command, other in getattr(parser, "_subcommands_action", None)._name_parser_map.items() if _has(parser) else ():
        if all(key.startswith(f"{command}.") for key in keys):
            owner, missing = other, [key.removeprefix(f"{command}.") for key in keys]
    names = options_of(owner)
    said = [names.get(key, f"--{key}") for key in missing]
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f"{listed} {'is' if len(said) == 1 else 'are'} needed"


def _has(parser: ArgumentParser) -> bool:
    return getattr(parser, "_subcommands_action", None) is not None


def _no_command(parser: ArgumentParser, found: re.Match[str]) -> str:
    return f"give a command: {either(list(getattr(parser, '_subcommands_action')._name_parser_map))}"  # noqa: B009


def _no_choice(parser: ArgumentParser, found: re.Match[str]) -> str:
    value = found["value"].strip("'")
    action = _named(parser, found["name"])
    choices = [str(choice) for choice in (action.choices if action and action.choices else ())]
    if action is not None and not action.option_strings:
        return f"{shown(value)} is no command: use {either(choices)}{did_you_mean(value, choices)}"
    return f"{found['name']} is {shown(value)}: use {either(choices)}{did_you_mean(value, choices)}"


def _named(parser: ArgumentParser, name: str) -> Action | None:
    alike = (action for action in parser._actions if name.split("/")[0] in (action.dest, *action.option_strings))
    return next(alike, None)


def _no_value(parser: ArgumentParser, found: re.Match[str]) -> str:
    return f"{found['name'].split('/')[0]} needs {'a value' if found['count'] == 'one' else 'at least one value'}"


def _no_flag(parser: ArgumentParser, found: re.Match[str]) -> str:
    return f"{found['name'].split('/')[0]} takes no value"


def _of_key(parser: ArgumentParser, found: re.Match[str]) -> str:
    action = _named(parser, found["key"])
    name = typed(action) if action else found["key"]
    given = _GIVEN.search(found["why"])
    why = refusal(getattr(action, "_typehint", None), given["value"]) if given else None
    return f"{name} {why}" if why else f"{name}: {found['why']}"


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[ArgumentParser, re.Match[str]], str]], ...] = (
    (_UNKNOWN, _unknown),
    (_REQUIRED, _required),
    (_NO_COMMAND, _no_command),
    (_NO_CHOICE, _no_choice),
    (_NO_VALUE, _no_value),
    (_NO_FLAG, _no_flag),
    (_OF_KEY, _of_key),
)
