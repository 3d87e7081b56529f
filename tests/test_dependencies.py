"""Everything that is imported is declared, and the plain install is enough for what it promises."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from underpaint.extras import EXTRAS

ROOT = Path(__file__).parents[1]
PACKAGES = ("commandline", "renderers", "datagen", "models", "training", "pipelines", "experiments")
# What distributions call the module that they bring, where it isn't their own name.
MODULES = {
    "scikit_image": "skimage",
    "scikit_learn": "sklearn",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "opencv_python_headless": "cv2",
    "pytest_xdist": "xdist",
    "megatron_energon": "megatron",
}
# The plain install runs these, all their modules' own imports included; what an extra brings they import in functions.
LIGHT = ("commandline", "renderers", "datagen")


def requirements() -> dict[str, set[str]]:
    """Modules by extra; those of the plain install by ''."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    declared = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    return {extra: {_module(line) for line in _lines(text)} for extra, text in declared.items()}


def _lines(text: str) -> Iterator[str]:
    return filter(None, (line.partition("#")[0].strip() for line in text.splitlines()))


def _module(requirement: str) -> str:
    matched = re.match(r"[A-Za-z0-9_-]+", requirement)
    assert matched, requirement
    name = matched.group().lower().replace("-", "_")
    return MODULES.get(name, name)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """First names of the modules that a file imports, and whether it does so as soon as it is imported itself."""

    def visit(node: ast.AST, at_once: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name.partition(".")[0], at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                yield (child.module or "").partition(".")[0], at_once
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from visit(child, False)
            else:
                yield from visit(child, at_once and not isinstance(child, (ast.FunctionDef, ast.Lambda)))

    for name, at_once in visit(ast.parse(path.read_text(encoding="utf-8")), True):
        if name not in sys.stdlib_module_names and name not in ("underpaint", "tests", "benchmarks"):
            yield name, at_once


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(package: str, *, at_once: bool) -> dict[str, set[str]]:
    """Modules that a package imports -> its files that do."""
    found = defaultdict(set)
    for path in files(package):
        for name, now in imports(path):
            if now or not at_once:
                found[name].add(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("package", [*PACKAGES, "underpaint"])
def test_what_is_imported_is_declared(package: str) -> None:
    declared = set().union(*(modules for extra, modules in requirements().items() if extra == "" or extra in EXTRAS))
    assert not {name: where for name, where in imported(package, at_once=False).items() if name not in declared}


@pytest.mark.parametrize("package", LIGHT)
def test_the_plain_install_is_enough_to_import_the_light_packages(package: str) -> None:
    core = requirements()[""]
    assert not {name: where for name, where in imported(package, at_once=True).items() if name not in core}


def test_tests_and_benchmarks_are_declared() -> None:
    declared = set().union(*requirements().values())
    nowhere = {"there_is_no_such_module"}
    for folder in ("tests", "benchmarks", "examples"):
        assert imported(folder, at_once=False).keys() - declared <= nowhere, folder


def test_extras_bring_the_modules_that_are_told() -> None:
    declared = requirements()
    assert {extra: set(modules) for extra, modules in EXTRAS.items()} == {extra: declared[extra] for extra in EXTRAS}


def test_what_is_declared_is_used() -> None:
    used = {name for package in PACKAGES for name in imported(package, at_once=False)}
    # torch's SummaryWriter and fsspec import these by themselves.
    unseen = {"tensorboard", "s3fs", "gcsfs", "adlfs"}
    assert set().union(requirements()[""], *EXTRAS.values()) - used == unseen
