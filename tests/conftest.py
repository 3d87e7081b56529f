"""For all tests: real pictures, which lie beside the project, not in it; and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
IMAGES = ROOT.parent / "shared" / "images"

UInt8 = npt.NDArray[np.uint8]
LoadPicture = Callable[..., UInt8]


@pytest.fixture(scope="session")
def images() -> Path:
    """The folder of real pictures."""
    if not IMAGES.is_dir():
        pytest.skip(f"no pictures in {IMAGES}")
    return IMAGES


@pytest.fixture(scope="session")
def load_picture(images: Path) -> LoadPicture:
    """`load_picture("photos/barn.jpg", (height, width))` -> uint8 (H, W, 3); its own size if none is given."""

    def load(name: str, size: tuple[int, int] | None = None) -> UInt8:
        picture = Image.open(images / name).convert("RGB")
        if size is not None:
            picture = picture.resize((size[1], size[0]), Image.Resampling.LANCZOS)
        return np.asarray(picture)

    return load


def chromium() -> str | None:
    """Path of the chromium that is there, if Playwright is there to drive it."""
    if find_spec("playwright") is None:
        return None
    return shutil.which("chromium") or shutil.which("google-chrome")


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
