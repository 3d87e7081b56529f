"""Build the API reference out of the docstrings, and the pages of docs/ beside it: `make docs`.

pdoc makes both, so that one search finds a word in either: each page becomes the docstring of a module of `guide`, a
package that exists in build/ only. Nothing is fetched, and what is built opens from disk.
"""

from __future__ import annotations

import os
import pkgutil
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pdoc.render

import underpaint
from underpaint import datagen

ROOT = Path(__file__).parents[2]
PAGES = {
    ROOT / "README.md": "guide",
    **{page: f"guide.{page.stem}" for page in sorted((ROOT / "docs").glob("*.md")) if page.stem != "README"},
    ROOT / "CONTRIBUTING.md": "guide.contributing",
    ROOT / "CHANGELOG.md": "guide.changelog",
}
MODULE = """from pathlib import Path

__docformat__ = "markdown"
__doc__ = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
"""
IMAGES = ROOT / "docs" / "images"
# Experiments are no part of the library, and the page of `underpaint app` needs gradio.
LEFT_OUT = (r"!underpaint\.(experiments|learn)", r"!underpaint\.pipelines\.app", r"!.*\.__main__")


def modules() -> Iterator[str]:
    """The names of all modules; those of packages with an `__all__` pdoc doesn't find by itself."""
    yield "underpaint"
    yield from (module.name for module in pkgutil.walk_packages(underpaint.__path__, "underpaint."))


def converted(page: Path) -> str:
    """The text of a page, whose links lead to what is built."""
    folder = "." if PAGES[page] == "guide" else "guide"

    def link(match: re.Match[str]) -> str:
        place, _, anchor = match[2].partition("#")
        target = Path(os.path.normpath(page.parent / place))
        if target in PAGES:
            there = Path(*PAGES[target].split(".")).with_suffix(".html").as_posix()
            return f"{match[1]}({os.path.relpath(there, folder)}{'#' * bool(anchor)}{anchor})"
        if target.is_relative_to(IMAGES):
            return f"{match[1]}({os.path.relpath(Path('guide', 'images', target.relative_to(IMAGES)), folder)})"
        return match[1].strip("[]")  # a file of the repository, which isn't here

    return re.sub(r"(\[[^]]*\])\((?!https?:|#)([^)\s]+)\)", link, page.read_text(encoding="utf-8"))


def write_guide(folder: Path) -> None:
    """Write the package `guide` into a folder."""
    for page, name in PAGES.items():
        stem = folder / "guide" / (name.partition(".")[2] or "__init__")
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_suffix(".md").write_text(converted(page), encoding="utf-8")
        stem.with_suffix(".py").write_text(MODULE)


def main(out: Path) -> None:
    """Write the reference into a folder."""
    shutil.rmtree(out, ignore_errors=True)
    write_guide(out.parent / "pages")
    sys.path.insert(0, str(out.parent / "pages"))
    for package in (underpaint, datagen):  # what is imported when it is asked for only
        for name in package.__all__:
            setattr(package, name, getattr(package, name))
    os.environ["PDOC_EMBED_IMAGES"] = "0"
    pdoc.render.configure(docformat="google", footer_text=f"Underpaint {underpaint.__version__}")
    # It finds some modules twice, and shows inherited fields of other modules with their types as they are spelt.
    warnings.filterwarnings(
        "ignore", "The module specification|Error parsing type annotation|Failed to run TYPE_CHECKING"
    )
    pdoc.pdoc("guide", *modules(), *LEFT_OUT, output_directory=out)
    shutil.copytree(IMAGES, out / "guide" / "images")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
