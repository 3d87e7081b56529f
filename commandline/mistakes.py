"""What is wrong with a command line, in the words of whoever typed it."""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from underpaint.commandline.values import both, either, refusal, shown
from underpaint.texts import closest, did_you_mean, printable_lines

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
    return printable_lines(text)


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
    bare = name.lstrip("-").replace("-", "_")
    group, _, leaf = bare.rpartition(".")
    # Within a group names are compared without it, or any two of `region` would look alike.
    near = closest(leaf, (dest.rpartition(".")[2] for dest in choices if dest.rpartition(".")[0] == group))
    meant = [".".join(filter(None, (group, near)))] if near else []
    meant = meant or [dest for dest in choices if dest.rpartition(".")[2] == leaf][:3]
    meant = meant or list(filter(None, [closest(bare, choices)]))
    if meant:
        return f"{name} is no {what}; did you mean {either([choices[dest] for dest in meant])}?"
    others = [command for command, other in _other_commands(parser) if bare in options_of(other)]
    if others:
        return f"{name} is no {what} of this command, but of {either(others)}"
    alike = [written for dest, written in choices.items() if group and dest.startswith(f"{group}.")]
    return f"{name} is no {what}{f'; there are {both(alike)}' if alike else ''}"


def _other_commands(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    root: Any = getattr(parser, "parent_parser", None)
    if root is not None:
        yield from (root.commands or partial(_commands, root))().items()


def _unknown(parser: ArgumentParser, found: re.Match[str]) -> str:
    first, *_ = found["rest"].split(" ")
    if not first.startswith("-"):
        return f"{shown(first)} is one argument too many"
    names = {action.dest: typed(action) for action in parser._actions if action.option_strings}
    return unknown(parser, first.partition("=")[0], names, "option")


def _required(parser: ArgumentParser, found: re.Match[str]) -> str:
    keys = found["keys"].split(", ")
    command = keys[0].partition(".")[0]
    of = _commands(parser).get(command)
    names = {f"{command}.{dest}": name for dest, name in options_of(of).items()} if of else options_of(parser)
    said = [names.get(key, key) for key in keys]
    return f"{command if of else 'the command'} needs {both(said)}"


def _commands(parser: ArgumentParser) -> Mapping[str, ArgumentParser]:
    action: Any = getattr(parser, "_subcommands_action", None)
    return action._name_parser_map if action else {}


def _no_command(parser: ArgumentParser, found: re.Match[str]) -> str:
    return f"give a command: {either(list(_commands(parser)))}"


def _no_choice(parser: ArgumentParser, found: re.Match[str]) -> str:
    value = found["value"].strip("'")
    action = _named(parser, found["name"])
    choices = [str(choice) for choice in (action.choices if action and action.choices else ())]
    if action is not None and not action.option_strings:
        return f"'{value}' is no command: use {either(choices)}{did_you_mean(value, choices)}"
    return f"{found['name']} is '{value}': use {either(choices)}{did_you_mean(value, choices)}"


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
    return f"{name} {why}" if why else f"{name} has another value than it can have"


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[ArgumentParser, re.Match[str]], str]], ...] = (
    (_UNKNOWN, _unknown),
    (_REQUIRED, _required),
    (_NO_COMMAND, _no_command),
    (_NO_CHOICE, _no_choice),
    (_NO_VALUE, _no_value),
    (_NO_FLAG, _no_flag),
    (_OF_KEY, _of_key),
)
