"""Real pictures for all tests; they lie beside the project, not in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
