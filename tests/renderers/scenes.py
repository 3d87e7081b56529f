"""Scenes whose regions and subjects are known, because the tests make them of the pictures that packages ship."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.pictures import load_picture

UInt8 = npt.NDArray[np.uint8]

_TEXTURES = ("tissue", "cat", "temple", "coffee", "flower", "galaxies", "motorcycle", "rocket", "retina", "astronaut")
# Subject, ground.
_SUBJECTS = (
    ("flower", "temple"),
    ("cat", "galaxies"),
    ("tissue", "rocket"),
    ("coffee", "tissue"),
    ("motorcycle", "cat"),
    ("retina", "flower"),
    ("astronaut", "tissue"),
    ("temple", "coffee"),
)


def make_mosaic(seed: int, pieces: int = 6, size: tuple[int, int] = (240, 320)) -> tuple[UInt8, npt.NDArray[np.int64]]:
    """Pieces of photographs with wavy borders -> picture (H, W, 3), and which piece each pixel is of (H, W)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    y, x = y + 8 * np.sin(x / 17 + seed), x + 8 * np.sin(y / 23 + 2 * seed)
    centres = random.uniform(0, size, (pieces, 2))
    piece = ((y[..., None] - centres[:, 0]) ** 2 + (x[..., None] - centres[:, 1]) ** 2).argmin(axis=2)
    picture = np.zeros((*size, 3), np.uint8)
    for number, name in enumerate(random.permutation(_TEXTURES)[:pieces]):
        photo = load_picture(str(name))
        top, left = (int(random.integers(0, photo.shape[axis] - size[axis] + 1)) for axis in (0, 1))
        inside = piece == number
        picture[inside] = photo[top : top + size[0], left : left + size[1]][inside]
    return picture, piece


def make_subjects(size: tuple[int, int] = (200, 280)) -> list[tuple[UInt8, npt.NDArray[np.bool_]]]:
    """An oval piece of one photograph on another, whose contrast is a third -> pictures, and masks of the ovals."""
    scenes = []
    for seed, (subject, ground) in enumerate(_SUBJECTS):
        random = np.random.default_rng(seed)
        y, x = np.mgrid[: size[0], : size[1]]
        centre = random.uniform(0.35, 0.65, 2) * size
        radius = random.uniform(0.18, 0.3, 2) * size
        mask = ((y - centre[0]) / radius[0]) ** 2 + ((x - centre[1]) / radius[1]) ** 2 < 1
        plain = load_picture(ground, size).astype(np.float64)
        plain = plain.mean(axis=(0, 1)) * 2 / 3 + plain / 3
        scenes.append((np.where(mask[..., None], load_picture(subject, size), plain).astype(np.uint8), mask))
    return scenes
