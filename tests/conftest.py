"""For all tests: which of them share a process, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
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


# Their clusters use the cores and ports of the whole machine: one after the other.
CLUSTERS = {"test_cluster.py", "test_executors.py", "test_nodes.py", "test_painters.py"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests of a file together where several processes share the tests: they share what is made for them, too.

    Here, since xdist reads the groups before `pytest_collection_modifyitems` of a conftest is called.
    """
    if item.get_closest_marker("xdist_group") is None:
        group = "clusters" if item.path.name in CLUSTERS else str(item.path.relative_to(ROOT))
        item.add_marker(pytest.mark.xdist_group(group))


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
