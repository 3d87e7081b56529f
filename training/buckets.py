"""Aspect buckets: shapes of about equal area, one of which each sample is trained in.

The practice of NovelAI (https://blog.novelai.net/novelai-improvements-on-stable-diffusion-e10d38db82ac), kohya's scripts
and SDXL: a picture goes to the shape with the nearest proportions, is scaled until it covers it, and cut to its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.index import CorpusIndex
from underpaint.texts import parse_json
from underpaint.training.data_config import DataConfig
from underpaint.training.stored import canvas_and_frames

Shape = tuple[int, int]  # height and width in pixels

# A side is at least size / 2, and so at most size x 2, as kohya's scripts have it at 512 px; and so are the longest
# canvases that `underpaint-data` makes if it isn't told otherwise, 1 : 4.
_NARROWEST = 2
# By so much bicubic sampling may shrink before pixels fall between its taps.
_HARDLY = 1.1


def bucket_shapes(size: int, multiple: int) -> tuple[Shape, ...]:
    """Return the shapes that frames may be trained in, the square first: none has a larger area.

    Args:
        size: side of the square in pixels.
        multiple: of which all sides must be multiples in pixels, 64 for Stable Diffusion 1.5. If `size` isn't one, or
            has no room for another shape, the square is the only one.
    """
    shapes = [(size, size)]
    for short in range(multiple, size if size % multiple == 0 else 0, multiple):
        if _NARROWEST * short >= size:
            long = size * size // short // multiple * multiple
            shapes += [(short, long), (long, short)]
    return tuple(shapes)


def shapes_of(config: DataConfig, multiple: int) -> tuple[Shape, ...]:
    """Return the shapes that a config's samples are trained in; the square alone where all canvases are square."""
    if config.aspect == "square" or (not config.streaming and all(is_square(Path(name)) for name in config.corpus)):
        return ((config.size, config.size),)
    return bucket_shapes(config.size, multiple)


def is_square(corpus: Path) -> bool:
    """Return whether a corpus says of itself that all its canvases are square."""
    try:
        return bool(parse_json((corpus / "job.json").read_bytes())["config"]["aspect"] == "square")
    except (OSError, ValueError, LookupError, TypeError):
        return False


def canvases_of(corpus: CorpusIndex) -> NDArray[np.int64]:
    """Return height and width of each sample's canvas, (n, 2), zeros where its record is damaged.

    Every record is read, which takes a minute for a million on a local disk.
    """
    found = np.zeros((len(corpus), 2), np.int64)
    for row, record in zip(found, corpus.records(), strict=True):
        try:
            row[:] = canvas_and_frames(record)[0]
        except ValueError:
            continue  # whoever loads it says so
    return np.where((found > 0).all(1, keepdims=True), found, 0)


def nearest(canvases: NDArray[np.int64], shapes: Sequence[Shape]) -> NDArray[np.intp]:
    """Return for canvases (n, 2) which of the shapes has the nearest proportions; the first for no canvas, zeros."""
    wanted, offered = (np.log(np.maximum(sides, 1)) @ (1, -1) for sides in (canvases, np.array(shapes)))
    return np.abs(wanted[:, None] - offered).argmin(1)


def cut_off(canvases: NDArray[np.int64], shape: Shape) -> NDArray[np.float64]:
    """Return the share of each canvas (n, 2) that lies outside a shape which it covers."""
    wanted, offered = (np.log(np.maximum(sides, 1)) @ (1, -1) for sides in (canvases, np.array(shape)))
    share: NDArray[np.float64] = 1 - np.exp(-np.abs(wanted - offered))
    return share


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Which samples of some corpora are trained in which shape.

    Attributes:
        shapes: that occur.
        loaded: for each of them, the shape that frames are loaded in; larger if something is cut out of it.
        of: uint8 (n,), of each sample, numbered through, its place in `shapes`.
    """

    shapes: tuple[Shape, ...]
    loaded: tuple[Shape, ...]
    of: NDArray[np.uint8]

    @classmethod
    def one(cls, shape: Shape, loaded: Shape, samples: int) -> Buckets:
        """Return a single bucket that holds all of some samples."""
        return cls(shapes=(shape,), loaded=(loaded,), of=np.zeros(samples, np.uint8))

    @classmethod
    def sort(cls, canvases: NDArray[np.int64], shapes: Sequence[Shape], crop: float) -> Buckets:
        """Put samples into buckets by their canvases (n, 2).

        Args:
            canvases: height and width in pixels, zeros where they aren't known.
            shapes: that are allowed.
            crop: of `AugmentConfig`; 1 where nothing is cut out of what is loaded.
        """
        used, of = np.unique(nearest(canvases, shapes), return_inverse=True)
        found = [shapes[place] for place in used]
        rooms = [_room(canvases[of == place], shape) for place, shape in enumerate(found)]
        loaded = [load_shape(shape, crop, room) for shape, room in zip(found, rooms, strict=True)]
        return cls(shapes=tuple(found), loaded=tuple(loaded), of=of.astype(np.uint8))


def load_shape(shape: Shape, crop: float, room: float) -> Shape:
    """Shape in which frames are to be loaded: if they are stored so large, cutting out won't enlarge them.

    Canvases that are hardly larger than that are loaded as they are. Cutting out scales them anyhow, and scaling twice
    would blur.

    Args:
        shape: of the frames that a model is trained on.
        crop: of `AugmentConfig`.
        room: how often the shape fits into the smallest canvas.
    """
    height, width = shape
    # What was a whole number before it was divided is one again.
    largest = int(height * room + 1e-6), int(width * room + 1e-6)
    wanted = round(height / crop), round(width / crop)
    if crop < 1 and largest[0] <= _HARDLY * wanted[0]:
        return largest
    return min(largest[0], wanted[0]), min(largest[1], wanted[1])


def _room(canvases: NDArray[np.int64], shape: Shape) -> float:
    """How often a shape fits into the smallest canvas, once at least: smaller ones are refused when they are loaded."""
    known = canvases[canvases.all(1)]
    return max(1.0, float((known / shape).min())) if len(known) else 1.0
