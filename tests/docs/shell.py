"""Runs blocks of shell, line by line: our commands within this process, of others what can be checked without them."""

from __future__ import annotations

import importlib
import io
import re
import shlex
import shutil
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from configparser import ConfigParser
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, BadBlock
from tests.docs.stops import LONG, WORK, Reached, argparse_stopped, stopped_at_work
from tests.docs.world import World

_PROGRAMS = {
    "underpaint": "underpaint.pipelines.cli",
    "underpaint-data": "underpaint.datagen.cli",
    "underpaint-train": "underpaint.training.cli",
}
_MODULES = {
    "underpaint.pipelines": "underpaint",
    "underpaint.datagen": "underpaint-data",
    "underpaint.training": "underpaint-train",
    "underpaint.learn": "underpaint.experiments.learn",
}
# Options that make a command cheap; given last, they win over those of the page.
_CHEAP = {
    "underpaint paint": "--size 48 --strokes 24 --quality draft --seconds 0.2",
    **dict.fromkeys(("underpaint text", "underpaint reconstruct", "underpaint complete"), "--steps 1 --device cpu"),
    "underpaint-data generate": "--strokes 24 --quality draft --workers 0",
    "underpaint-data import": "--size 48 --workers 0",
    **dict.fromkeys(
        (f"underpaint-data {name}" for name in ("verify", "merge", "split", "reorder", "dedupe")), "--workers 0"
    ),
}
_OUT = ("--out",)
_OPERATORS = re.compile(r"(?<!\S)(\||\|\||&&|&|;|>|>>|<)(?!\S)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]+=")


class Unavailable(Exception):  # noqa: N818
    """A block needs a package that isn't installed here."""


def run_shell(code: str, folder: Path, world: World, *, parse_only: bool = False) -> bool:
    """Run a block in a folder; return whether all of it was run, and not only parsed.

    Args:
        code: the block's lines.
        folder: where it runs.
        world: gives it the files that it names.
        parse_only: whether to parse the lines of our commands, and nothing else, as of a block that is marked.

    Raises:
        BadBlock: a line that doesn't work.
        Unavailable: it needs a package that isn't here.
    """
    variables: dict[str, str] = {}
    whole = True
    for number, line in _logical_lines(code):
        try:
            words = shlex.split(string.Template(line).safe_substitute(variables), comments=True)
            if _OPERATORS.search(line.partition("#")[0]):
                raise ValueError("operators of the shell are more than this test knows: give each command a line")
            words = words[1:] if words[:1] == ["export"] else words
            while words and _ASSIGNMENT.match(words[0]):
                name, _, value = words.pop(0).partition("=")
                variables[name] = value
            if words:
                whole &= _parse(words) if parse_only else _run(words, folder, world)
        except ValueError as error:
            raise BadBlock(number, str(error)) from None
    return whole


def _logical_lines(code: str) -> Iterator[tuple[int, str]]:
    """Yield lines with the numbers where they begin, those that end in a backslash with the next."""
    first, text = 0, ""
    for number, line in enumerate(code.splitlines()):
        first, text = (number, line) if not text else (first, text + line)
        if text.endswith("\\"):
            text = text[:-1] + " "
        else:
            yield first, text
            text = ""


def _run(words: Sequence[str], folder: Path, world: World) -> bool:
    words = _plain(words)
    if words[0] in _FOREIGN:
        _FOREIGN[words[0]](words[1:])
        return False
    command = _command(words)
    _provide(words[1:], folder, world)
    arguments = words[1:]
    stop = command in LONG or words[0].startswith("benchmarks.") or any("://" in word for word in arguments)
    if stop or "--address" in arguments:
        _call(command, words[0], arguments, folder, stop=True)
    if not stop:
        # What a cluster would do is done here.
        at = arguments.index("--address") if "--address" in arguments else len(arguments)
        cheap = [*arguments[:at], *arguments[at + 2 :], *_CHEAP.get(command, "").split()]
        _call(command, words[0], cheap, folder, stop=False)
    return not stop and "--address" not in arguments


def _plain(words: Sequence[str]) -> list[str]:
    """Return `python -m MODULE ...` and `torchrun ... -m MODULE ...` as the command that it is, or as MODULE."""
    program = Path(words[0]).name
    if program not in ("python", "torchrun"):
        return list(words)
    if "-m" not in words:
        raise ValueError(f"{program} without -m is more than this test knows")
    at = list(words).index("-m")
    if program == "torchrun":
        _check_torchrun(words[1:])
    return [_MODULES.get(words[at + 1], words[at + 1]), *words[at + 2 :]]


def _check_torchrun(arguments: Sequence[str]) -> None:
    try:
        from torch.distributed.run import get_args_parser
    except ImportError:
        raise Unavailable("torch") from None
    _silently(lambda: get_args_parser().parse_args(list(arguments)))


def _command(words: Sequence[str]) -> str:
    """Return `underpaint paint`, or the module of a program without commands of its own."""
    if words[0] in _PROGRAMS:
        return " ".join(words[:2])
    if words[0] in WORK or words[0].startswith("benchmarks."):
        return words[0]
    raise ValueError(f"{words[0]} is a command that this test doesn't know: teach it, or mark the block")


def _provide(arguments: Sequence[str], folder: Path, world: World) -> None:
    outs = {arguments[at + 1] for at, word in enumerate(arguments[:-1]) if word in _OUT}
    for word in arguments:
        if word not in outs:
            world.provide(re.sub(r"^-?\d+=|(?<=[\w/])=[\d.]+$", "", word), folder)
    for out in outs - {word for word in arguments if word not in outs}:
        if (folder / out).is_dir():
            shutil.rmtree(folder / out)
        else:
            (folder / out).unlink(missing_ok=True)


def _call(command: str, program: str, arguments: Sequence[str], folder: Path, *, stop: bool) -> None:
    name = _PROGRAMS.get(program) or (program if program.startswith("benchmarks.") else f"{program}.cli")
    main = importlib.import_module(name).main
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.chdir(folder)
        patch.setattr(sys, "argv", [program, *arguments])
        if program.startswith("benchmarks."):
            stack.enter_context(argparse_stopped())
            _silently(main, reaching=True)
            return
        if stop:
            stack.enter_context(stopped_at_work(command))
        expanded = [name for word in arguments for name in _expanded(word, folder)]
        _silently(lambda: main(expanded), reaching=stop)


def _expanded(word: str, folder: Path) -> list[str]:
    found = (
        sorted(str(path.relative_to(folder)) for path in folder.glob(word)) if "*" in word and word[0] != "/" else []
    )
    return found or [word]


def _silently(work: Callable[[], object], *, reaching: bool = False) -> None:
    """Do work without its output; raise ValueError with what it says of a mistake, and Unavailable for a package."""
    told, status = io.StringIO(), None
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(told):
            status = work()
    except Reached:
        return
    except SystemExit as ended:
        status = ended.code
    if missing := re.search(r"needs (\w+): pip install 'underpaint\[", told.getvalue()):
        raise Unavailable(missing[1])
    if isinstance(status, int) and status:
        raise ValueError(told.getvalue().strip() or f"ends with {status}")
    assert not reaching, "it ended before its work: see tests/docs/stops.py"


def _parse(words: Sequence[str]) -> bool:
    """Parse a line if it is one of our commands; say that it wasn't run."""
    words = _plain(words)
    if words[0] in _PROGRAMS:
        parser = importlib.import_module(_PROGRAMS[words[0]]).build_parser()
        _silently(lambda: parser.parse_args(words[1:]))
    return False


def _check_make(words: Sequence[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        name, assigned, _ = word.partition("=")
        pattern = rf"^{name} *\??=" if assigned else rf"^{name}:.*##"
        if not re.search(pattern, makefile, re.MULTILINE):
            raise ValueError(f"the Makefile has no {'variable' if assigned else 'target'} {name}")


def _check_pip(words: Sequence[str]) -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    if words[0] not in ("install", "wheel"):
        raise ValueError(f"pip {words[0]} is more than this test knows")
    for word in words[1:]:
        name, _, extras = word.rstrip("]").partition("[")
        if extras and not re.fullmatch(r"\.|underpaint|dist/underpaint-.*-py3-none-any\.whl", name):
            raise ValueError(f"{name} isn't this package")
        for extra in filter(None, extras.split(",")):
            if extra not in setup["options.extras_require"]:
                raise ValueError(f"there is no extra {extra}")
        if name.startswith("dist/") and f"-{importlib.import_module('underpaint').__version__}-" not in name:
            raise ValueError(f"{name} is of another version")


def _check_pytest(words: Sequence[str]) -> None:
    for word in words:
        if "/" in word and not (ROOT / word).exists():
            raise ValueError(f"there is no {word}")


_FOREIGN: dict[str, Callable[[Sequence[str]], None]] = {
    "make": _check_make,
    "pip": _check_pip,
    "pytest": _check_pytest,
}
