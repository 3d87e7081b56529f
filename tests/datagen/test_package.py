"""What the package says of itself: the order of its parts, and that it is light. tests/test_house.py has the rest."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.datagen.helpers import ROOT
from underpaint import datagen

PACKAGE = ROOT / "datagen"


def imports() -> dict[str, set[str]]:
    """The modules of datagen that each of them imports, at its top or within a function."""
    modules = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    names = set(modules.values())
    found: dict[str, set[str]] = {name: set() for name in names if not name.endswith("__init__")}
    for path, name in modules.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and name in found:
                below = {f"{node.module}.{alias.name}" for alias in node.names} & names
                found[name] |= below or {str(node.module)} & names
    return found


def test_parts_import_from_those_above_them_only():
    lines = re.findall(r"^    (\S.*?) {2,}\S", str(datagen.__doc__), re.MULTILINE)
    place = {part.strip("/"): number for number, line in enumerate(lines) for part in line.split(", ")}
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert place.keys() == parts - {"__init__", "__main__"}
    for module, imported in imports().items():
        here = module.split(".")[1]
        for other in {name.split(".")[1] for name in imported} if here in place else ():
            assert place[other] <= place[here], f"{module} imports from {other}, which stands below"


def test_it_is_light():
    heavy = {"numpy", "numba", "PIL", "ray", "torch", "underpaint.renderers"}
    code = f"import sys; from underpaint import datagen; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_reading_a_corpus_loads_neither_ray_nor_torch():
    heavy = {"ray", "torch", "av", "rich", "fsspec"}
    code = f"import sys, underpaint.datagen.corpus; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_test_file_belongs_to_a_module():
    # What several modules do together.
    crossing = {
        "test_browser",
        "test_damage",
        "test_faults",
        "test_format",
        "test_full_disk",
        "test_fuzz",
        "test_loading",
        "test_nodes",
        "test_old_corpus",
        "test_outages",
        "test_package",
    }
    for path in Path(__file__).parent.rglob("test_*.py"):
        module = PACKAGE / path.relative_to(Path(__file__).parent).with_name(path.name.removeprefix("test_"))
        assert module.exists() or path.stem in crossing, path
