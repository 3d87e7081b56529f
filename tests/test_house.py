"""The house: which package may import which, no circles, one name for one class, one link for each folder."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import underpaint

ROOT = Path(__file__).parents[1]

# Beside the packages, and importing none of them.
BESIDE = ("underpaint.extras", "underpaint.hub", "underpaint.locks", "underpaint.runs", "underpaint.texts")
LIBRARY = ("commandline", "renderers", "models", "datagen", "training", "pipelines")
# What each package may import of ours, beside itself; a name stands for all that lies below it. The longest name that
# fits a module is the package it belongs to, so `datagen.format` is a package of its own, below the rest of datagen.
ARROWS: dict[str, set[str]] = {
    "underpaint.extras": set(),  # what to install for an import that fails
    "underpaint.hub": set(),  # paths and hub ids
    "underpaint.runs": set(),  # what a training run made
    "underpaint.locks": set(),
    "underpaint.texts": set(),  # JSON, names and words from outside
    "underpaint.versions": {"renderers"},  # what `--version` prints
    "commandline": {"underpaint.versions", "underpaint.texts"},
    # Of datagen: files that appear whole or not at all.
    "renderers": {"underpaint.extras", "underpaint.texts", "datagen.format"},
    "models": {*BESIDE},
    "datagen.format": {"underpaint.texts", "underpaint.extras"},
    "datagen": {*BESIDE, "commandline", "renderers", "datagen.format"},
    "training": {*BESIDE, "commandline", "models", "datagen.format"},
    # Of datagen: the format, pictures as they are decoded, and the two doors for others.
    "pipelines": {*BESIDE, "commandline", "models", "renderers"}
    | {f"datagen.{part}" for part in ("format", "pictures", "reading", "writing")},
    "experiments": {*BESIDE, *LIBRARY},
    "underpaint": {"renderers", "datagen", "training", "pipelines", "experiments"},
    "benchmarks": {*BESIDE, *LIBRARY, "experiments"},
}
# What the ground floor may import of others': whoever reads a corpus needs no more, but av for frames in mp4.
FORMAT_NEEDS = {"numpy", "PIL", "av"}

# What isn't right yet: (package, what it imports); an import that closes a circle; a name that two classes have. Each
# must be wrong indeed, so that what has been put right can't come back.
STILL_ARROWS: set[tuple[str, str]] = set()
STILL_CIRCLES: set[tuple[str, str]] = set()
STILL_NAMES: set[str] = set()


def files(package: str) -> Iterator[Path]:
    """The Python files of a top-level folder; of `underpaint` those beside its links."""
    return ROOT.glob("underpaint/*.py") if package == "underpaint" else (ROOT / package).rglob("*.py")


def module_name(path: Path) -> str:
    """`datagen.format.draws` of ROOT/datagen/format/draws.py; a package's `__init__` has the package's name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for package in ARROWS for path in files(package)}


def without_type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run: not those below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from without_type_checking(node)


def imported_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """`package.module.name` of every import, at the top of a module or within a function."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "modules are imported by their whole names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def our_name(imported: str) -> str | None:
    """What an import means in the repository, such as `renderers.process.paint`; None if it isn't ours."""
    first, _, rest = imported.partition(".")
    if first != "underpaint":
        return imported if first in ARROWS or first == "tests" else None
    if rest in underpaint._HOMES:  # `from underpaint import Corpus`
        return f"{underpaint._HOMES[rest].removeprefix('underpaint.')}.{rest}"
    if f"underpaint.{rest.partition('.')[0]}" in MODULES:
        return imported
    return rest if rest.partition(".")[0] in ARROWS else None  # the rest is the version, which is everybody's


def owner(name: str) -> str:
    """The package in ARROWS that a module belongs to; of others, their first name."""
    fitting = [package for package in ARROWS if f"{name}.".startswith(f"{package}.")]
    return max(fitting, key=len, default=name.partition(".")[0])


def module_of(name: str) -> str:
    """The module that holds what was imported."""
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def forbidden() -> dict[tuple[str, str], set[str]]:
    """(package, what it must not import) -> its modules that do."""
    found = defaultdict(set)
    for module, path in MODULES.items():
        package = owner(module)
        for name in filter(None, map(our_name, imported_names(ast.walk(ast.parse(path.read_text()))))):
            if owner(name) != package and not any(f"{name}.".startswith(f"{other}.") for other in ARROWS[package]):
                found[package, ".".join(name.split(".")[:2])].add(module)
    return found


def graph() -> dict[str, set[str]]:
    """Module -> the modules that it imports when it, or one of its functions, runs."""
    found = {}
    for module, path in MODULES.items():
        nodes = without_type_checking(ast.parse(path.read_text()))
        names = [name for name in map(our_name, imported_names(nodes)) if name and not name.startswith("tests")]
        found[module] = {module_of(name) for name in names}
    return found


def test_the_table_names_every_package():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders == {package for package in ARROWS if "." not in package}
    assert ARROWS.keys() == {owner(module) for module in MODULES}


def test_packages_import_from_below_them_only():
    found = forbidden()
    assert not {arrow: modules for arrow, modules in found.items() if arrow not in STILL_ARROWS}
    assert found.keys() == STILL_ARROWS, "put right: take it off STILL_ARROWS"


def test_whoever_reads_a_corpus_needs_numpy_and_pillow_only():
    for module, path in MODULES.items():
        if owner(module) == "datagen.format":
            names = {name.partition(".")[0] for name in imported_names(ast.walk(ast.parse(path.read_text())))}
            assert names - sys.stdlib_module_names - {"underpaint"} <= FORMAT_NEEDS, module


def test_no_module_imports_itself_by_way_of_others():
    imports = graph()
    for module, imported in STILL_CIRCLES:
        imports[module].remove(imported)
    TopologicalSorter(imports).prepare()
    for module, imported in STILL_CIRCLES:
        with pytest.raises(CycleError):  # put right: take it off STILL_CIRCLES
            TopologicalSorter({**imports, module: imports[module] | {imported}}).prepare()


def test_a_name_means_one_class():
    places = defaultdict(list)
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{module}:{node.lineno}")
    shared = {name: where for name, where in places.items() if len(where) > 1}
    assert not {name: where for name, where in shared.items() if name not in STILL_NAMES}
    assert shared.keys() == STILL_NAMES, "put right: take it off STILL_NAMES"


def test_every_folder_has_its_link():
    installed = {package for package in ARROWS if "." not in package} - {"underpaint", "benchmarks"} | {"configs"}
    links = {path.name: path for path in (ROOT / "underpaint").iterdir() if (ROOT / path.name).is_dir()}
    assert links.keys() == installed
    # Where a tool made copies or text files of the links, Python reads the same files nevertheless.
    for name, path in links.items():
        assert not path.is_symlink() or path.readlink() == Path("..", name)


def test_all_files_name_one_version():
    version = underpaint.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text()
