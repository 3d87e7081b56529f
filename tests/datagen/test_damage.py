"""Corpora that are damaged in every way: each command says so in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from underpaint.datagen.cli import main

DEEP = b"[" * 100_000 + b"]" * 100_000


def file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def zeros(folder: Path) -> None:
    for path in folder.glob("*.tar"):
        path.write_bytes(bytes(path.stat().st_size))


def folder_for_sidecar(folder: Path) -> None:
    (folder / "000000.json").unlink()
    (folder / "000000.json").mkdir()


def of_others(folder: Path) -> None:
    for path in folder.glob("*.json"):
        path.write_text(json.dumps({"url": "https://example.org", "caption": "\x1b[2J"}))


def content(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


DAMAGES: tuple[Callable[[Path], object], ...] = (
    *(content(name, data) for name in ("000000.json", "job.json") for data in (DEEP, b"\xff", b"[]", b'{"a": NaN}')),
    file_in_its_place,
    folder_for_sidecar,
    of_others,
    zeros,
)
COMMANDS = (
    "inspect C", "inspect C p3", "stats C", "filmstrip C --out s.png", "report C --out r.html",
    "export C p3 --out e.png", "manifest C", "card C", "split C --out o --validation 0.5 --workers 0",
    "merge C C2 --out m --workers 0", "verify C --workers 0", "dedupe C --out l.jsonl --workers 0",
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_one_line(damage, finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "C2")
    for command in COMMANDS:
        shutil.copytree(finished, "C")
        damage(Path("C"))
        status = main(command.split())
        said = capsys.readouterr()
        assert status in (0, 1, 2), command
        assert said.err.count("\n") == (status == 2), (command, said.err)
        assert "\x1b" not in said.err + said.out
        Path("C").unlink() if Path("C").is_file() else shutil.rmtree("C")


def test_a_corpus_is_neither_written_over_nor_into(finished, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, "C")
    Path("link").symlink_to("C")
    before = {path.name: path.read_bytes() for path in Path("C").iterdir()}
    for command, line in (
        ("split C --out C", "lies within"),
        ("split link --out C/parts", "lies within"),
        ("merge C link --out C/parts", "lies within"),
        ("report C --out C/000000.tar", "ends in .tar"),
        ("filmstrip C --out C/job.json", "ends in .json"),
        ("export C p3 --out C/000000.json", "ends in .json"),
        ("dedupe C/job.jsonl --out C/job.jsonl", "is the source itself"),
        ("dedupe C --out l.jsonl --report l.jsonl", "out and report are both"),
    ):
        assert main(command.split()) == 2, command
        assert line in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path("C").iterdir()} == before
