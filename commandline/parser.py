"""A parser whose options come from dataclasses, and whose mistakes fit in a line."""

from __future__ import annotations

import json
import math
import re
import sys
from argparse import SUPPRESS, Action, _AppendAction
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

from jsonargparse import ActionConfigFile, ArgumentParser, DefaultHelpFormatter

from underpaint.commandline.config_file import parse_config, read_config
from underpaint.commandline.mistakes import in_words, message, typed, unknown
from underpaint.commandline.recipes import find_recipe
from underpaint.commandline.streams import complain
from underpaint.commandline.values import converted, either, members, refusal, shown
from underpaint.texts import printable

_LONGEST = 600  # characters of a message
USAGE = 2  # exit status after a mistake of the user's


class Parser(ArgumentParser):  # type: ignore[misc, unused-ignore]
    """A parser that answers a mistake with one line instead of the whole usage, and knows options by old names too."""

    old_names: Mapping[str, str] = {}  # see `renamed`
    # Of a parser with subcommands: their parsers with all options, to tell which has an option that another lacks.
    commands: Callable[[], Mapping[str, ArgumentParser]] | None = None

    def __init__(self, *others: Any, **keywords: Any) -> None:
        # An option cut short would be taken for another one as soon as there is another that begins so.
        super().__init__(*others, **{"allow_abbrev": False, **keywords})

    def parse_args(self, args: Sequence[str] | None = None, *others: Any, **keywords: Any) -> Any:
        """Parse arguments, in which options may have old names."""
        given = sys.argv[1:] if args is None else args
        try:
            found = super().parse_args(self._with_new_names(given), *others, **keywords)
        except (ValueError, OSError, RecursionError) as error:  # values that jsonargparse reads as YAML can be anything
            self.error(message(error), error)
        for name, value in vars(found).items():
            if not _is_finite(value):
                self.error(f"{name} is {shown(value)}: finite numbers are needed")
        return found

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

    def _get_values(self, action: Action, arg_strings: list[str]) -> Any:
        """Refuse texts that don't fit the type of an option; argparse calls it with those that an option gets."""
        if hasattr(action, "basetype"):
            return self._options_within(action, arg_strings[-1])
        hint = getattr(action, "_typehint", None)
        # Lists and mappings are written as YAML, which only jsonargparse reads.
        for text in arg_strings if not _is_collection(hint) else ():
            if why := refusal(hint, text):
                self.error(f"{typed(action)} {why}")
        return super()._get_values(action, arg_strings)

    def _check_value_key(self, action: Action, value: Any, key: str, *others: Any, **keywords: Any) -> Any:
        """Leave texts as they are where texts are allowed: jsonargparse would take `~` out of a file for None."""
        if isinstance(value, str) and str in members(getattr(action, "_typehint", None)):
            return value
        return super()._check_value_key(action, value, key, *others, **keywords)

    def _options_within(self, action: Action, given: str) -> dict[str, Any]:
        """Return the options of a nested dataclass, which may be given as a YAML file, or as YAML itself."""
        try:
            path = Path(given)
            if not path.is_file() and not given.lstrip().startswith("{"):
                names = [typed(other) for other in self._actions if other.dest.startswith(f"{action.dest}.")]
                raise ValueError(f"{typed(action)} is {shown(given)}: give its options one by one, as {either(names)}")
            values = read_config(path) if path.is_file() else parse_config(given, typed(action))
            return dict(self.checked(values, typed(action), f"{action.dest}.", short=True))
        except (ValueError, OSError) as error:
            self.error(str(error), error)

    def checked(
        self, values: Mapping[str, Any], where: str, prefix: str = "", *, short: bool = False
    ) -> Iterator[tuple[str, Any]]:
        """Yield the options of a mapping by their dotted names, with values of their types.

        Args:
            values: as they were read from a file.
            where: the file; begins messages.
            prefix: of the names, such as `oil.`.
            short: whether to leave out the prefix of what is yielded.

        Raises:
            ValueError: an unknown option, or a value that isn't of its type.
        """
        keys = {action.dest: action for action in self._actions if _is_key(action)}
        for name, value in values.items():
            key = prefix + name
            action = keys.get(key)
            if action is None and any(other.startswith(f"{key}.") for other in keys):
                if isinstance(value, Mapping):
                    yield from self.checked(value, where, f"{key}.")
                elif value is not None:
                    raise ValueError(f"{where}: {key} is {shown(value)}: its options are needed, each with its name")
            elif action is None:
                raise ValueError(f"{where}: {unknown(self, key, {dest: dest for dest in keys}, 'key')}")
            elif why := refusal(hint := _hint_of(action), value):
                raise ValueError(f"{where}: {key} {why}")
            else:
                yield key.removeprefix(prefix) if short else key, converted(hint, value)

    def note_renamed(self, old: str, new: str) -> None:
        """Print the new name of an option that was given by its old one."""
        complain(printable(f"{self._name}: {old} is now {new}; the old name will go with the next version"))

    @property
    def _name(self) -> str:
        return str(self.prog).replace(" [options]", "")

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the mistake and exit."""
        line = printable(" ".join(in_words(self, message).split()))
        if len(line) > _LONGEST:
            line = f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"
        complain(f"{self._name}: {line} (--help tells more)")
        raise SystemExit(USAGE) from ex


def _is_collection(hint: Any) -> bool:
    return "list[" in str(hint) or "dict[" in str(hint)


def _is_key(action: Action) -> bool:
    """Return whether an option may stand in a file: not --help and the like, and no nested dataclass as a whole."""
    return action.default is not SUPPRESS and not isinstance(action, ConfigFile) and not hasattr(action, "basetype")


def _hint_of(action: Action) -> Any:
    """Return the type that an option has in a file, where lists are lists."""
    hint: Any = getattr(action, "_typehint", None) or (str if action.nargs != 0 else bool)
    if action.choices:
        hint = Literal.__getitem__(tuple(action.choices))
    return list[hint] if action.nargs in ("+", "*") or isinstance(action, _AppendAction) else hint


def _is_finite(value: Any) -> bool:
    """Return whether lists and mappings hold finite numbers; those of other options are checked as they are read."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(not isinstance(number, float) or math.isfinite(number) for number in inner)


class ConfigFile(ActionConfigFile):  # type: ignore[misc, unused-ignore]
    """The option `--config`: a YAML file or the name of a recipe; the keys may be old names of options."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Add the file's values to the namespace."""
        try:
            path = find_recipe(values)
            loaded = read_config(path)
            for name in _rename_keys(loaded, parser.old_names):
                parser.note_renamed(f"{name} in {path}", parser.old_names[name])
            for name, value in parser.checked(loaded, str(path)):
                namespace[name] = value
        except (ValueError, TypeError, OSError) as error:
            parser.error(message(error), error)
        namespace[self.dest] = [path]


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
        return re.sub(r"type: (Optional\[)?Literal\[.*?\]+, ", "", text)


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
            # Of an option of lists `--name+`, which adds to it, is a second name.
            action.option_strings = [hyphenated] if not option.endswith("+") else [*action.option_strings, hyphenated]
            parser._option_string_actions[hyphenated] = action
    for action in parser._actions:
        if isinstance(action.default, bool) and action.nargs is None:
            action.nargs, action.const = "?", True
    return parser
