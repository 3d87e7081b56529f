"""Hand-made processes, small enough to count their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import strategies
from numpy.typing import NDArray
from PIL import Image

Frames = NDArray[np.uint8]

# Of changes: 15.3 of 255.
THRESHOLD = 0.06


def sheets(*greys: int, size: tuple[int, int] = (20, 24)) -> Frames:
    """Frames of one even grey each."""
    return np.stack([np.full((*size, 3), grey, np.uint8) for grey in greys])


def columns(count: int = 4, size: tuple[int, int] = (16, 24), ground: int = 255, paint: int = 0) -> Frames:
    """A sheet that is painted from left to right, in `count` equal steps."""
    frames = sheets(*[ground] * (count + 1), size=size)
    for step in range(1, count + 1):
        frames[step, :, : size[1] * step // count] = paint
    return frames


def noise(seed: int, count: int = 3, size: tuple[int, int] = (16, 18)) -> Frames:
    """Frames that have nothing in common."""
    return np.random.default_rng(seed).integers(0, 256, (count, *size, 3), np.uint8)


def save_frames(folder: Path, frames: Sequence[NDArray[np.uint8]] | Frames) -> Path:
    """As 0.png, 1.png, ... without zeros in front, so that order is by number."""
    folder.mkdir(parents=True)
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{number}.png")
    return folder


def save_animation(path: Path, frames: Frames) -> Path:
    """As a lossless animated WebP that rests on its last frame, or a GIF, by the suffix."""
    first, *rest = (Image.fromarray(frame) for frame in frames)
    durations = [125] * (len(frames) - 1) + [1625]
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, **options)
    return path


# Processes of 2 to 5 frames that have few colours, so that pixels are equal, near and far by turns.
few_colours = strategies.builds(
    lambda seed, count: np.random.default_rng(seed).choice(np.array([0, 9, 120, 255], np.uint8), (count, 6, 5, 3)),
    strategies.integers(0, 10_000),
    strategies.integers(2, 5),
)
