"""A parser whose options come from dataclasses, and whose mistakes fit in a line."""

from __future__ import annotations

import json
import re
import sys
from argparse import SUPPRESS, Action
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import yaml
from jsonargparse import ActionConfigFile, ArgumentParser, DefaultHelpFormatter

from underpaint.commandline.recipes import find_recipe

USAGE = 2  # exit status after a mistake of the user's


class Parser(ArgumentParser):  # type: ignore[misc, unused-ignore]
    """A parser that answers a mistake with one line instead of the whole usage, and knows options by old names too."""

    old_names: Mapping[str, str] = {}  # see `renamed`

    def parse_args(self, args: Sequence[str] | None = None, *others: Any, **keywords: Any) -> Any:
        """Parse arguments, in which options may have old names."""
        given = sys.argv[1:] if args is None else args
        return super().parse_args(self._with_new_names(given), *others, **keywords)

    def _with_new_names(self, arguments: Sequence[str]) -> list[str]:
        new = {f"--{_hyphenated(old)}": f"--{_hyphenated(new)}" for old, new in self.old_names.items()}
        end = list(arguments).index("--") if "--" in arguments else len(arguments)
        options = list(arguments)
        for number, argument in enumerate(options[:end]):
            name, *value = argument.split("=", 1)
            if argument.startswith("--") and (option := new.get(_hyphenated(name))):
                self.note_renamed(name, option)
                options[number] = "=".join([option, *value])
        return options

    def note_renamed(self, old: str, new: str) -> None:
        """Print the new name of an option that was given by its old one."""
        print(f"{self._name}: {old} is now {new}; the old name will go with the next version", file=sys.stderr)

    @property
    def _name(self) -> str:
        return str(self.prog).replace(" [options]", "")

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the mistake and exit."""
        line = " ".join(message.split())
        print(f"{self._name}: {line} (--help tells more)", file=sys.stderr)
        raise SystemExit(USAGE) from ex


class ConfigFile(ActionConfigFile):  # type: ignore[misc, unused-ignore]
    """The option `--config`: a YAML file or the name of a recipe; the keys may be old names of options."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Add the file's values to the namespace."""
        try:
            path = find_recipe(values)
        except ValueError as error:
            parser.error(str(error))
        values = str(path)
        if parser.old_names:
            loaded = yaml.safe_load(path.read_bytes())
            if isinstance(loaded, dict) and (old := _rename_keys(loaded, parser.old_names)):
                for name in old:
                    parser.note_renamed(f"{name} in {path}", parser.old_names[name])
                values = json.dumps(loaded)  # jsonargparse takes the values themselves in place of a path
        super().__call__(parser, namespace, values, option_string)


class ShowVersion(Action):
    """The option `--version`, which prints a line and ends the command."""

    def __init__(self, option_strings: list[str], dest: str = SUPPRESS, **others: Any) -> None:
        super().__init__(option_strings, dest=SUPPRESS, default=SUPPRESS, nargs=0, help="Show versions and exit.")

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> NoReturn:
        """Print the versions."""
        from underpaint.versions import version_line

        print(version_line())
        raise SystemExit(0)


class Help(DefaultHelpFormatter):  # type: ignore[misc, unused-ignore]
    """Types in words: the choices stand in the usage already, and <class 'Path'> helps nobody."""

    def _expand_help(self, action: Action) -> str:
        text = str(super()._expand_help(action)).replace("<class 'Path'>", "path")
        return re.sub(r"type: Literal\[.*?\], ", "", text)


def configurable(description: str) -> Parser:
    """A parser that reads its options from a YAML file too; add them, then call `eased`."""
    parser = Parser(description=description)
    parser.add_argument(
        "--config",
        action=ConfigFile,
        metavar="FILE_OR_RECIPE",
        help="YAML file with the same keys, or the name of a recipe such as nano-base; unknown keys are refused.",
    )
    return parser


def versioned(parser: Parser) -> Parser:
    """Let a program tell its version; return its parser."""
    parser.add_argument("--version", action=ShowVersion)
    return parser


def renamed(parser: Parser, names: Mapping[str, str]) -> Parser:
    """Let options be given by the names that they had before, for one version; return the parser.

    An old name works on the command line (with hyphens or underscores) and as a key of the `--config` file, prints one
    line on stderr that tells the new name, and isn't shown by --help. Beside the dataclass that declares the options:

        RENAMED = {"level_shift": "timestep_shift", "oil.tries": "oil.candidates"}

    and where its parser is made:

        parser.add_class_arguments(MotionConfig)
        return renamed(eased(parser), RENAMED)

    Options of a subcommand are renamed in the subcommand's own parser. Values stay as they are: only names change.

    Args:
        parser: has the options already, by their new names.
        names: old names and the new ones, as in Python and YAML; options of a nested dataclass with a dot.
    """
    for old, new in names.items():
        assert old.rpartition(".")[0] == new.rpartition(".")[0], f"{old} and {new} belong to different dataclasses"
        assert f"--{new}" in parser._option_string_actions, f"no option is called {new}"
        assert f"--{old}" not in parser._option_string_actions, f"{old} is the name of an option"
    parser.old_names = {**parser.old_names, **names}
    return parser


def with_new_names(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return stored options, such as those of an earlier run's record, with old names replaced by new ones."""
    found: dict[str, Any] = json.loads(json.dumps(values))
    _rename_keys(found, names)
    return found


def _rename_keys(values: dict[str, Any], names: Mapping[str, str]) -> list[str]:
    """Rename keys in place, also those of nested dictionaries; return the old names that were there."""
    there = []
    for old, new in names.items():
        *above, key = old.split(".")
        inner: Any = values
        for name in above:
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and key in inner:
            inner[new.split(".")[-1]] = inner.pop(key)
            there.append(old)
    return there


def _hyphenated(name: str) -> str:
    return name.replace("_", "-")


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
