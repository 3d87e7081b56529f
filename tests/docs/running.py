"""Runs a block of any language, and says how much of it was run."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.docs.blocks import BadBlock, Block, check_form
from tests.docs.shell import Unavailable, run_shell
from tests.docs.stops import replaced_functions
from tests.docs.world import World
from underpaint.extras import EXTRAS

Kind = Literal["run", "parsed", "marked", "text"]

# Keyword arguments of calls, as small as the files of the world are.
_SMALL = {"size": 48, "seconds": 0.2, "strokes": 24, "steps": 1}
_OPTIONAL = {module for modules in EXTRAS.values() for module in modules} | {"datasets", "megatron"}


def run_block(block: Block, folder: Path, world: World) -> Kind:
    """Run a block in a folder of its own, with the files that it names; of a marked one check what can be checked.

    Raises:
        BadBlock: it doesn't do what its page says.
        Unavailable: it needs a package that isn't installed.
    """
    check_form(block)
    if block.language in ("text", "markdown"):
        return "text"
    try:
        whole = _RUN[block.language](block, folder, world)
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        if name in _OPTIONAL and importlib.util.find_spec(name) is None:
            raise Unavailable(name) from None
        raise
    return "marked" if block.reason is not None else "run" if whole else "parsed"


def _run_sh(block: Block, folder: Path, world: World) -> bool:
    return run_shell(block.code, folder, world, parse_only=block.reason is not None)


def _run_yaml(block: Block, folder: Path, world: World) -> bool:
    """Have `underpaint-data generate` take a config."""
    (folder / "job.yaml").write_text(block.code)
    world.provide("photos", folder)
    return run_shell("underpaint-data generate --config job.yaml", folder, world)


def _run_python(block: Block, folder: Path, world: World) -> bool:
    try:
        tree = ast.parse(block.code, block.page)
    except SyntaxError as error:
        raise BadBlock((error.lineno or 1) - 1, error.msg) from None
    if block.reason is not None:
        _check_imports(tree)
        return False
    for name in _files(tree):
        world.provide(name, folder)
    with replaced_functions(block.code) as replaced, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_DATASETS_CACHE", str(folder / ".cache"))
        patch.setattr(sys, "argv", ["block.py", "corpus"])
        _execute(ast.fix_missing_locations(_Smaller().visit(tree)), block.page)
    return not replaced


def _execute(tree: ast.Module, page: str) -> None:
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            exec(compile(tree, page, "exec", dont_inherit=True), {"__name__": "block"})
    except Exception as error:
        if isinstance(error, ImportError) and (error.name or "").partition(".")[0] in _OPTIONAL:
            raise
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == page]
        raise BadBlock((lines[-1] or 1) - 1, f"{type(error).__name__}: {error}") from error


def _files(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of a block but those that are given as `out`."""
    outs = {
        text.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "out"
        for text in ast.walk(node)
        if isinstance(text, ast.Constant)
    }
    yield from ("corpus",) if "argv" in ast.unparse(tree) else ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in outs:
            yield node.value


def _check_imports(tree: ast.Module) -> None:
    """Raise BadBlock unless what a block imports from this package is there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("underpaint"):
            module = importlib.import_module(str(node.module))
            for name in node.names:
                if name.name != "*" and not hasattr(module, name.name):
                    raise BadBlock(node.lineno - 1, f"{node.module} has no {name.name}")


class _Smaller(ast.NodeTransformer):
    """Makes numbers that are given for sizes, lengths and steps small."""

    def visit_keyword(self, node: ast.keyword) -> Any:
        if node.arg in _SMALL and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int | float):
            node.value = ast.Constant(_SMALL[node.arg])
        return self.generic_visit(node)


_RUN = {"sh": _run_sh, "yaml": _run_yaml, "python": _run_python}
