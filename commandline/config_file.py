"""YAML files of options: every file is read as its writer meant it, or refused with one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from underpaint.texts import printable

_MOST_BYTES = 1_000_000  # a config has some dozen lines
_DEEPEST = 20
_CORE = "tag:yaml.org,2002:"


def read_config(path: Path) -> dict[str, Any]:
    """Read a YAML file that maps names to values.

    Only what YAML 1.2 calls numbers, `true`, `false` and `null` is taken for these: a date, `on`, `010` and `1:30`
    stay texts, which the option that gets them may refuse.

    Raises:
        OSError: it can't be read.
        ValueError: it is no such file: too large, not UTF-8, not YAML, no mapping, empty; a name that stands there
            twice, a tag, an alias of more than one value, or deep nesting. Says where.
    """
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(f"{path} has {size:,} bytes: a config has at most {_MOST_BYTES:,}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    return parse_config(text, str(path))


def parse_config(text: str, where: str) -> dict[str, Any]:
    """Return the content of a YAML text, which came from `where`; see `read_config`."""
    try:
        _refuse_tricks(text)
        found = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise ValueError(f"{where}{line}: {printable(error.problem or error.context or 'not YAML')}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{where} is not YAML: {printable(' '.join(str(error).split()))}") from None
    except ValueError:  # what Python says of a whole number with more digits than it reads
        raise ValueError(f"{where}: a number of thousands of digits is none that an option takes") from None
    if found is None:
        raise ValueError(f"{where} is empty: a config has lines such as `size: 64`")
    if not isinstance(found, dict):
        raise ValueError(f"{where} holds {_kind(found)}: a config has lines such as `size: 64`")
    return found


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a single value"


def _refuse_tricks(text: str) -> None:
    """Refuse tags, aliases of collections, and deep nesting, before anything is made of a text.

    A few aliases of aliases are a list of a billion texts, and whoever shows it in a message waits for ever.
    """
    depth, scalars = 0, set[str]()
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag not in (None, "!"):
            raise yaml.MarkedYAMLError(problem="tags such as !!int mean nothing here", problem_mark=event.start_mark)
        if isinstance(event, yaml.ScalarEvent) and event.anchor:
            scalars.add(event.anchor)
        elif isinstance(event, yaml.AliasEvent) and event.anchor not in scalars:
            raise yaml.MarkedYAMLError(
                problem=f"*{event.anchor} is no alias of a single value", problem_mark=event.start_mark
            )
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that resolves what YAML 1.2 resolves, and takes no name twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a dict of a mapping whose names differ and are texts."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a name must be a text", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
            key.tag = f"{_CORE}str"  # an option may be called 1, or true
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9_]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9_]*)(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(f"{_CORE}{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
