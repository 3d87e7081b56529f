"""Aspect buckets: shapes of about equal area, one of which each sample is trained in.

The practice of NovelAI (https://github.com/NovelAI/novelai-aspect-ratio-bucketing), kohya's scripts and SDXL: a picture
goes to the shape with the nearest proportions, is scaled until it covers it, and cut to its middle.
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
    return found


def nearest(canvases: NDArray[np.int64], shapes: Sequence[Shape]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the shape with the nearest proportions for canvases (n, 2); the first where one isn't known, zeros.

    Returns:
        Which of the shapes, and the share of the canvas that lies outside it when it is covered.
    """
    wanted, offered = (np.log(np.maximum(sides, 1)) @ (1, -1) for sides in (canvases, np.array(shapes)))
    apart = np.abs(wanted[:, None] - offered)
    return apart.argmin(1), 1 - np.exp(-apart.min(1))


def nearest_shape(canvas: Shape, shapes: Sequence[Shape]) -> Shape:
    """Return the shape with the nearest proportions for one canvas."""
    return shapes[int(nearest(np.array([canvas]), shapes)[0][0])]


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Which samples of some corpora are trained in which shape.

    Attributes:
        shapes: that occur.
        loaded: for each of them, the shape that frames are loaded in; larger if something is cut out of it.
        of: uint8 (n,), of each sample, numbered through, its place in `shapes`.
        oblong: how many canvases aren't square.
        cut: largest share of a canvas that lies outside its shape.
    """

    shapes: tuple[Shape, ...]
    loaded: tuple[Shape, ...]
    of: NDArray[np.uint8]
    oblong: int = 0
    cut: float = 0.0


def sorted_into(shapes: Sequence[Shape], corpora: Sequence[CorpusIndex], *, crop: float, short: int) -> Buckets:
    """Put the samples of some corpora into buckets.

    Args:
        shapes: that are allowed, the square first.
        corpora: their records are read unless all of them say that their canvases are square.
        crop: of `AugmentConfig`; 1 where nothing is cut out of what is loaded.
        short: side of the smallest canvas in pixels where all are square.
    """
    if all(is_square(corpus.folder) for corpus in corpora):
        samples = sum(len(corpus) for corpus in corpora)
        loaded = load_shape(shapes[0], crop, short / shapes[0][0])
        return Buckets(shapes=(shapes[0],), loaded=(loaded,), of=np.zeros(samples, np.uint8))
    canvases = np.concatenate([canvases_of(corpus) for corpus in corpora])
    places, cut = nearest(canvases, shapes)
    used, of = np.unique(places, return_inverse=True)
    found = [shapes[place] for place in used]
    rooms = [_room(canvases[of == bucket], shape) for bucket, shape in enumerate(found)]
    return Buckets(
        shapes=tuple(found),
        loaded=tuple(load_shape(shape, crop, room) for shape, room in zip(found, rooms, strict=True)),
        of=of.astype(np.uint8),
        oblong=int((canvases[:, 0] != canvases[:, 1]).sum()),
        cut=float(cut[canvases.all(1)].max(initial=0)),
    )


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


def describe_shapes(shapes: Sequence[Shape], buckets: Buckets | None, config: DataConfig, multiple: int) -> list[str]:
    """Return what becomes of canvases that aren't square, in a line for people; none where all are square.

    Args:
        shapes: that are allowed, the square first.
        buckets: which samples are trained in which of them; None of a stream.
        config: size and aspect.
        multiple: of which all sides must be multiples in pixels.
    """
    if len(shapes) > 1:
        if buckets is None:
            return [f"aspect buckets, height x width in px: {', '.join(f'{h} x {w}' for h, w in shapes)}"]
        counts = np.bincount(buckets.of).tolist()
        found = ", ".join(f"{h} x {w} ({count})" for (h, w), count in zip(buckets.shapes, counts, strict=True))
        return [f"aspect buckets, height x width in px (samples): {found}; at most {buckets.cut:.0%} is cut off"]
    if buckets is not None and not buckets.oblong:
        return []
    which = "canvases that aren't square" if buckets is None else f"{buckets.oblong} canvases that aren't square"
    if config.aspect == "square":
        return [f"{which} are cut to their middle square; --aspect keep trains on nearly all of each"]
    why = f"size {config.size} has no other shape of its area whose sides are multiples of {multiple} px"
    return [f"{which} are cut to their middle square: {why}; --size {2 * multiple} or a larger multiple has"]
