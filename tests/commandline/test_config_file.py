from __future__ import annotations

import re
from pathlib import Path

import pytest

from underpaint.commandline.config_file import parse_config, read_config


def test_numbers_and_texts_are_what_they_look_like() -> None:
    text = "a: 010\nb: 1:30\nc: 2020-01-01\nd: on\ne: true\nf: ~\ng: 1e-3\nh: 12\n1: x\nno: y\ni: &n 3\nj: *n\nk: '12'"
    assert parse_config(text, "f") == {
        "a": "010", "b": "1:30", "c": "2020-01-01", "d": "on", "e": True, "f": None, "g": 1e-3, "h": 12, "1": "x",
        "no": "y", "i": 3, "j": 3, "k": "12",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", " is empty"),
        (b"# nothing\n", " is empty"),
        (b"- a\n", " holds a list"),
        (b"word", " holds a single value"),
        (b"size: \xff", " is not UTF-8 (byte 6)"),
        (b"size: 1\nsize: 2\n", ", line 2: size is there twice"),
        (b"oil: {a: 1, a: 2}", ", line 1: a is there twice"),
        (b"a:\n\t- 1", ", line 2: "),
        (b"a: \x00", " is not YAML: "),
        (b"a: !!python/object/apply:os.system [ls]", ", line 1: tags such as"),
        (b"a: !!int x", ", line 1: tags such as"),
        (b"a: &x [1]\nb: *x", ", line 2: *x is no alias of a single value"),
        (b"a: *x", ", line 1: *x is no alias"),
        (b"[a]: 1", ", line 1: a name must be a text"),
        (b"a: 1\n---\nb: 2", ", line 2: "),
        (b"a: " + b"[" * 30 + b"]" * 30, "nested too deeply"),
        (b"a: " + b"[" * 100_000, "nest"),
        (b"a: " + b"9" * 5000, "thousands of digits"),
        (b"a: " + b"x" * 1_000_001, " has 1,000,004 bytes"),
    ],
)
def test_anything_else_is_refused_with_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        read_config(path)
    said = str(refused.value)
    assert said.startswith(str(path))
    assert said.isprintable()


def test_windows_editors_begin_files_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("size: 64\r\n", encoding="utf-8-sig")
    assert read_config(path) == {"size": 64}
