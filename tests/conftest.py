"""For all tests: which of them share a process, and a browser."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def chromium() -> str | None:
    """Path of the chromium that is there, if Playwright is there to drive it."""
    if find_spec("playwright") is None:
        return None
    return shutil.which("chromium") or shutil.which("google-chrome")


# Files that one process takes one after the other.
TOGETHER = {
    # Their clusters use the cores and ports of the whole machine.
    "tests/datagen/jobs/test_cluster.py": "clusters",
    "tests/datagen/jobs/test_executors.py": "clusters",
    "tests/datagen/test_nodes.py": "clusters",
    "tests/pipelines/test_painters.py": "clusters",
    # They look at one chain, which takes half a minute.
    "tests/experiments/learn/test_chain.py": "chain",
    "tests/experiments/learn/test_page.py": "chain",
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests of a file together where several processes share the tests: they share what is made for them, too.

    xdist's own `--dist loadgroup` does nothing under pytest 9.2, which no longer lets it rename tests.
    """
    from xdist.scheduler import LoadScopeScheduling

    class FileScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return TOGETHER.get(file, file)

    return FileScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Don't look for garbage while modules are imported, nor at them later, as `quick_imports` of the commands."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that no process is left with one when the others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The chromium that is there, driven by Playwright."""
    if (executable := chromium()) is None:
        pytest.skip("no chromium")
    import playwright.sync_api as api

    # As root, and without the browser's own calls home.
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=quiet)
        yield found
        found.close()
