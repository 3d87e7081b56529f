"""Drawn YAML configs for every command: each is read as it was meant, or refused with exactly one line.

`python -m tests.commandline.test_fuzz 3000` draws so many.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import tempfile
from argparse import SUPPRESS, Action
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import yaml

from underpaint.commandline.parser import ConfigFile, Parser
from underpaint.commandline.values import members
from underpaint.datagen.cli import build_parser as data_parser
from underpaint.experiments.ablations.cli import build_parser as ablations_parser
from underpaint.experiments.learn.cli import build_parser as learn_parser
from underpaint.experiments.trials.cli import build_parser as trials_parser
from underpaint.pipelines.cli import build_parser as painting_parser
from underpaint.texts import printable
from underpaint.training.cli import build_parser as training_parser

DRAWN = 150
# fmt: off
TEXTS = (
    "a", "no", "on", "yes", "null", "~", "010", "1:30", "2020-01-01", ".nan", "x: y", "[1", "- a", "#c", " ",
    "été", "😀", "\x7f", "\x1b[2J", "\u202e", "'", '"', "a\nb", "\\", "%", "!!int 3", "&a", "*a", "<<", "=", "\ufeff",
)
# Lines that no config should have; some are harmless in some places.
BROKEN = (
    "a: [", "\ta: 1", "x: !!python/object/apply:os.system [ls]", "- 1", "a: &b [1]\nc: *b", "{", "? [1]\n: 2", "'",
    "...", "---\na: 1", "a: 1: 2", "%YAML 9.9", "<<: {a: 1}", "1: 2", "null: 1", "size: 010", "seed: 1:30",
    "seed: 2020-01-01", "seed: .inf", "seed: 1e999", "seed: " + "9" * 5000, "out: !!binary x", "seed: !!int x",
    "config: a.yaml", "help: true", "out: a\x00b", "x: " + "[" * 30 + "]" * 30, "seed: " + "{a: " * 5000 + "}" * 5000,
    "seed: &a 3\nsize: *a", "seed: *none", "version: 1", "print_config: x",
)
ODD = (*TEXTS, 1, 1.5, True, None, [], [[1]], {"a": {}}, float("nan"), float("inf"), -(2**80))
# fmt: on


@cache
def parsers() -> list[Parser]:
    """All parsers that take `--config`."""
    found = [learn_parser(), ablations_parser(), trials_parser()]
    for root in (data_parser(), training_parser(), painting_parser()):
        found += [p for p in root._subcommands_action._name_parser_map.values() if keys_of(p)]
    return [parser for parser in found if any(isinstance(action, ConfigFile) for action in parser._actions)]


def keys_of(parser: Parser) -> dict[str, Action]:
    return {
        action.dest: action
        for action in parser._actions
        if getattr(action, "_typehint", None) is not None and action.default is not SUPPRESS
    }


def hint_of(action: Any) -> Any:
    return list[action._typehint] if action.nargs == "+" else action._typehint


def value_of(draw: random.Random, hint: Any) -> Any:
    kind = draw.choice(members(hint))
    origin = get_origin(kind) or kind
    if origin is Literal:
        return draw.choice(get_args(kind))
    made: dict[Any, Callable[[], Any]] = {
        int: lambda: draw.choice((0, 1, -1, 7, 2**40)),
        float: lambda: draw.choice((0.0, 0.5, -1e-9, 3, 1e300, 12.25)),
        bool: lambda: draw.random() < 0.5,
        str: lambda: draw.choice(TEXTS),
        Path: lambda: draw.choice(TEXTS),
        NoneType: lambda: None,
        list: lambda: [value_of(draw, get_args(kind)[0]) for _ in range(draw.randrange(3))],
        dict: lambda: {draw.choice("ab"): value_of(draw, get_args(kind)[1])},
    }
    return made[origin]()


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in flat.items():
        *above, key = name.split(".")
        inner = found
        for group in above:
            inner = inner.setdefault(group, {})
        inner[key] = value
    return found


def spoilt(draw: random.Random, parser: Parser, flat: dict[str, Any]) -> str:
    """A config in which something is wrong, or may be."""
    name = draw.choice(list(flat))
    what = draw.randrange(6)
    if what == 0:  # a misspelt key
        place = draw.randrange(len(name))
        flat[name[:place] + draw.choice(("", "x", "ü", " ")) + name[place + 1 :]] = flat.pop(name)
    elif what == 1:  # a value of any type
        flat[name] = draw.choice(
            (*TEXTS, 1, 1.5, True, None, [], [[1]], {"a": {}}, float("nan"), float("inf"), -(2**80))
        )
    elif what == 2:  # a group that is none, or an option that is one
        flat = (
            {f"{name}.{draw.choice(('a', ''))}": 1}
            if draw.random() < 0.5
            else {name.split(".")[0]: draw.choice(([1], 3, "a"))}
        )
    text = yaml.safe_dump(nested(flat), allow_unicode=True, sort_keys=False)
    if what == 3:
        return text + text.splitlines(keepends=True)[0]
    if what == 4:
        return "\n".join(draw.sample([text, draw.choice(BROKEN)], 2)) + "\n"
    if what == 5:
        place = draw.randrange(len(text))
        return (
            text[:place]
            + chr(draw.choice((0, 9, 10, 39, 58, 91, 123, 0x85, 0xD7FF)))
            + text[place + draw.randrange(3) :]
        )
    return text


def parsed(parser: Parser, path: Path) -> tuple[dict[str, Any] | None, str]:
    """Options by their dotted names, or None, and what stderr got."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            found = parser.parse_args(["--config", str(path)], _skip_validation=True)
    except SystemExit as stopped:
        return (None, said.getvalue()) if stopped.code == 2 else ({}, "")
    return {name: found[name] for name in keys_of(parser)}, said.getvalue()


def trial(seed: int, path: Path) -> str:
    """Draw one config and read it; return how that ended."""
    draw = random.Random(seed)
    parser = draw.choice(parsers())
    keys = keys_of(parser)
    flat = {
        name: value_of(draw, hint_of(keys[name]))
        for name in draw.sample(list(keys), draw.randint(1, min(6, len(keys))))
    }
    good = draw.random() < 0.4
    text = yaml.safe_dump(nested(flat), allow_unicode=draw.random() < 0.5) if good else spoilt(draw, parser, dict(flat))
    data = text.encode("utf-8", "surrogatepass")
    if not good and draw.random() < 0.1:
        data = data[: len(data) // 2] + b"\xff" + data[len(data) // 2 :]
    path.write_bytes(data)
    found, said = parsed(parser, path)
    if found is None:
        assert said.count("\n") == 1, said
        assert str(path) in said, said
        assert printable(said[:-1]) == said[:-1], said
        assert not any(word in said for word in ("Literal", "<class", "Parser key", "Traceback", "typing")), said
        assert not good, f"{text}\n{said}"
        return "refused"
    if good:
        for name, value in flat.items():
            wanted = [value, Path(value)] if isinstance(value, str) else [value]
            assert found[name] in wanted, (name, value, found[name], text)
        return "read"
    return "read though changed"


def trials(count: int, path: Path) -> Iterator[str]:
    return (trial(seed, path) for seed in range(count))


def test_a_drawn_config_is_read_or_refused_with_one_line(tmp_path: Path) -> None:
    ends = Counter(trials(DRAWN, tmp_path / "config.yaml"))
    assert min(ends["read"], ends["refused"]) > DRAWN // 5, ends


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(Counter(trials(int(sys.argv[1]), Path(folder) / "config.yaml")))
