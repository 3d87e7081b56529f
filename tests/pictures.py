"""Real pictures that come with the tests' dependencies, so that a fresh clone needs nothing beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

UInt8 = npt.NDArray[np.uint8]

# Files in the packages themselves: scikit-image's other pictures would have to be downloaded.
_SKIMAGE = {
    "astronaut": "astronaut.png",  # 512 x 512, a portrait
    "cat": "chelsea.png",  # 451 x 300, a close-up
    "coffee": "coffee.png",  # 600 x 400, one object on a table
    "galaxies": "hubble_deep_field.jpg",  # 1000 x 872, small and bright on black
    "motorcycle": "motorcycle_left.png",  # 741 x 500, many details
    "retina": "retina.jpg",  # 1411 x 1411, a disc on black
    "rocket": "rocket.jpg",  # 640 x 427, a bright subject in a dark, plain scene
    "tissue": "ihc.png",  # 512 x 512, texture without a subject
}
_SKLEARN = {
    "temple": "china.jpg",  # 640 x 427, a building under a pale sky
    "flower": "flower.jpg",  # 640 x 427, one subject before a soft background
}
NAMES = (*_SKIMAGE, *_SKLEARN)


def picture_file(name: str) -> Path:
    """The file of a picture, one of NAMES."""
    if name in _SKLEARN:
        import sklearn.datasets

        return Path(sklearn.datasets.__file__).parent / "images" / _SKLEARN[name]
    import skimage.data

    return Path(skimage.data.__file__).parent / _SKIMAGE[name]


@cache
def _decoded(name: str) -> Image.Image:
    return Image.open(picture_file(name)).convert("RGB")


def load_picture(name: str, size: tuple[int, int] | None = None) -> UInt8:
    """A picture, one of NAMES -> uint8 (H, W, 3), scaled to `size` = (height, width), or as large as it is."""
    picture = _decoded(name)
    if size is not None:
        picture = picture.resize((size[1], size[0]), Image.Resampling.LANCZOS)
    return np.array(picture)


def save_pictures(folder: Path, count: int = 6, side: int = 96) -> list[Path]:
    """Fill a folder with `count` different squares, cut from the pictures: `temple-0.png`, `cat-0.png` ... ."""
    names = ("temple", "cat", "flower", "astronaut", "coffee", "rocket")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        name, turn = names[number % len(names)], number // len(names)
        picture = _decoded(name)
        short = min(picture.size) * 3 // 4
        left, top = (value * (turn % 4) // 3 for value in (picture.width - short, picture.height - short))
        square = picture.resize((side, side), Image.Resampling.LANCZOS, box=(left, top, left + short, top + short))
        path = folder / f"{name}-{turn}.png"
        square.save(path)
        paths.append(path)
    return paths


def save_photos(folder: Path, count: int = 18) -> list[Path]:
    """Fill a folder with up to 20 JPEGs of odd sizes, none like another: `astronaut-0.jpg` ... `temple-1.jpg`."""
    assert count <= 2 * len(NAMES)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        name, turn = NAMES[number % len(NAMES)], number // len(NAMES)
        picture = _decoded(name)
        width, height = picture.width * 2 // 3, picture.height * 2 // 3
        left, top = (turn * (whole - part) for whole, part in zip(picture.size, (width, height), strict=True))
        size = (384 - 7 * number, 257 + 6 * number)
        cut = picture.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height))
        path = folder / f"{name}-{turn}.jpg"
        cut.save(path, quality=88)
        paths.append(path)
    return paths
