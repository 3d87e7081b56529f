"""What is in a picture of the small world, read from its pixels: sky, ground, and things with kind, colour and place.

As the world is drawn by code, the readers learn from as many drawn scenes as they need, all combinations of kind and
colour alike, in closed form: linear discriminants (Fisher 1936), of things on histograms of oriented gradients at all
positions and sizes (Hariharan et al. 2012), of sky and ground on the colours of 8 x 8 parts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from skimage.feature import hog

from underpaint.datagen.scenes.drawing import draw
from underpaint.datagen.scenes.pen import RGB
from underpaint.datagen.scenes.scene import SHORES, ScenePlan, Thing
from underpaint.datagen.scenes.words import (
    COLOURS,
    GROUNDS,
    KINDS,
    PLACES,
    SEASONS,
    SKIES,
    Colour,
    Ground,
    Kind,
    Place,
    Sky,
)

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SIDE = 64  # px at which pictures are looked at: all things can be told, and little else
SCENES = 768  # drawn to learn from: eight of each kind in each colour; with half as many kinds are read as well
_CELL, _CELLS = 5, 8  # px of a window's cells, and their number along its side
_WINDOW = _CELL * _CELLS
_MARGIN = 1.2  # side of a window in those of the thing in it
_SIZES = (23.0, 27.0, 32.0, 38.0, 45.0)  # px of windows in a picture of `SIDE`; things in `scenes` are between
_APART = 0.3  # two windows that overlap more (intersection over union) show the same thing
_EDGES = (0.367, 0.633)  # between left, middle and right


@dataclass(frozen=True, kw_only=True)
class ReadThing:
    """A thing that was found in a picture.

    Attributes:
        kind, colour, place: what it looks like most, and where.
        score: log of how much likelier it is a thing of this kind than none.
    """

    kind: Kind
    colour: Colour
    place: Place
    score: float


@dataclass(frozen=True, kw_only=True)
class ReadScene:
    """What was read from a picture; of things the likeliest first."""

    sky: Sky
    ground: Ground
    things: tuple[ReadThing, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Which of the attributes that were asked for a picture has; of things, the share of them that has it.

    `together` is the share of things with kind and colour in one, which is what a caption asks for.
    """

    sky: bool
    ground: bool
    kind: float
    colour: float
    place: float | None
    together: float


class SceneReader:
    """Reads pictures of the small world; learns in its constructor, some ten seconds of one core.

    Args:
        scenes: how many scenes it learns from.
        seed: of these scenes; they are none of those that `scenes:N@SEED` draws.
    """

    def __init__(self, scenes: int = SCENES, seed: int = 0) -> None:
        draws = random.Random(f"attributes {seed}")
        taught = [_lesson(draws, number) for number in range(scenes)]
        windows = [window for lesson in taught for window in lesson.windows]
        labels = np.array([label for lesson in taught for label in lesson.labels])
        self._kind = _Discriminant(np.stack([window.edges for window in windows]), labels, len(KINDS) + 1)
        whole = np.stack([lesson.whole for lesson in taught])
        self._sky = _Discriminant(whole, np.array([SKIES.index(each.plan.sky) for each in taught]), len(SKIES))
        self._ground = _Discriminant(
            whole, np.array([GROUNDS.index(each.plan.ground) for each in taught]), len(GROUNDS)
        )
        things = [(lesson, window) for lesson in taught for window in lesson.windows[: lesson.positive]]
        kinds = np.array([KINDS.index(lesson.plan.things[0].kind) for lesson, _ in things])
        colours = np.array([COLOURS.index(lesson.plan.things[0].colour) for lesson, _ in things])
        parts = np.stack([window.colours for _, window in things])
        self._masks = [_telling(parts[kinds == kind], colours[kinds == kind]) for kind in range(len(KINDS))]
        own = [self._own(window, kind, lesson.whole) for (lesson, window), kind in zip(things, kinds, strict=True)]
        self._colour = _Discriminant(np.stack(own), colours, len(COLOURS))

    def read(self, picture: NDArray[np.uint8], things: int = 1) -> ReadScene:
        """Return what is in a picture, uint8 (H, W, 3), square, of any size: sky, ground, and so many things."""
        small = _small(picture)
        whole = _whole(small)
        return ReadScene(
            sky=SKIES[int(self._sky.scores(whole[None])[0].argmax())],
            ground=GROUNDS[int(self._ground.scores(whole[None])[0].argmax())],
            things=tuple(self._named(found, whole) for found in self._found(small, things)),
        )

    def judge(self, picture: NDArray[np.uint8], asked: ScenePlan) -> Verdict:
        """Return which attributes of a scene a picture has.

        As many things are looked for as were asked for. Each asked one is compared with one of them, in the order
        in which most agrees. Places count only where the caption says them.
        """
        read = self.read(picture, len(asked.things))
        orders = [read.things, read.things[::-1]] if len(read.things) > 1 else [read.things]
        hits = max((_hits(asked.things, order) for order in orders), key=lambda each: float(each.sum()))
        kind, colour, place = (float(column) for column in hits.mean(axis=0))
        return Verdict(
            sky=read.sky == asked.sky,
            ground=read.ground == asked.ground,
            kind=kind,
            colour=colour,
            place=place if asked.says_places else None,
            together=float(hits[:, :2].all(axis=1).mean()),
        )

    def _found(self, small: Floats, count: int) -> list[_Window]:
        """Return the windows that look most like things, each of another thing."""
        windows = [window for size in _SIZES for window in _all_windows(small, size)]
        scores = self._kind.scores(np.stack([window.edges for window in windows]))
        likelier = scores[:, :-1].max(axis=1) - scores[:, -1]
        found: list[_Window] = []
        for number in np.argsort(-likelier, kind="stable"):
            window = windows[number]
            if all(_overlap(window, other) < _APART for other in found):
                window.kind, window.score = int(scores[number, :-1].argmax()), float(likelier[number])
                found.append(window)
                if len(found) == count:
                    break
        return found

    def _named(self, window: _Window, whole: Floats) -> ReadThing:
        own = self._own(window, window.kind, whole)
        middle = window.x / SIDE
        return ReadThing(
            kind=KINDS[window.kind],
            colour=COLOURS[int(self._colour.scores(own[None])[0].argmax())],
            place=PLACES[sum(middle > edge for edge in _EDGES)],
            score=window.score,
        )

    def _own(self, window: _Window, kind: int, whole: Floats) -> Floats:
        """Return the colour of a thing in a window, of the sky, and their squares and products."""
        thing = (window.colours * self._masks[kind][..., None]).sum(axis=(0, 1))
        sky = whole.reshape(8, 8, 3)[:3].mean(axis=(0, 1))
        both = np.concatenate([thing, sky])
        return np.concatenate([both, np.outer(both, both)[np.triu_indices(6)]])


@lru_cache(maxsize=1)
def scene_reader() -> SceneReader:
    """Return the reader that all trials of a process share."""
    return SceneReader()


def chances(pictures: Sequence[NDArray[np.uint8]], asked: Sequence[ScenePlan], reader: SceneReader) -> list[Verdict]:
    """Return the verdicts on pictures that were asked for something else: each is judged by the plan of the next."""
    return [reader.judge(picture, plan) for picture, plan in zip(pictures, [*asked[1:], asked[0]], strict=True)]


class _Discriminant:
    """Linear discriminants of classes with one covariance, which is shrunk towards that of even directions."""

    def __init__(self, features: Floats, labels: Numbers, classes: int, shrinkage: float = 0.05) -> None:
        means = np.stack([features[labels == each].mean(axis=0) for each in range(classes)])
        spread = features - means[labels]
        covariance = spread.T @ spread / len(features)
        covariance += shrinkage * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        self._weights = np.linalg.solve(covariance, means.T)
        self._bias = -0.5 * (means.T * self._weights).sum(axis=0)

    def scores(self, features: Floats) -> Floats:
        """Return log-likelihoods (N, classes) but for what all classes share."""
        scores: Floats = features @ self._weights + self._bias
        return scores


@dataclass(eq=False)
class _Window:
    """A square part of a picture: its middle and side in px of `SIDE`, its edges, and the colours of its 8 x 8 cells."""

    x: float
    y: float
    side: float
    edges: Floats
    colours: Floats
    kind: int = 0
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class _Lesson:
    """A drawn scene to learn from: windows of its thing, `positive` of them, then others, with their labels."""

    plan: ScenePlan
    whole: Floats
    windows: list[_Window]
    labels: list[int]
    positive: int


def _lesson(draws: random.Random, number: int) -> _Lesson:
    """Draw a scene with one thing, blurred or not, and cut windows with and without it."""
    kind, colour = KINDS[number % len(KINDS)], COLOURS[number // len(KINDS) % len(COLOURS)]
    ground = draws.choice(SHORES if kind == "boat" else GROUNDS)
    plan = ScenePlan(
        things=(Thing(kind=kind, colour=colour, place=draws.choice(PLACES)),),
        ground=ground,
        sky=SKIES[number // 7 % len(SKIES)],
        season="winter" if ground == "snow" else draws.choice(SEASONS[:3]),
        draw=draws.randrange(2**32),
    )
    drawn = draw(plan, SIDE)
    blurred = Image.fromarray(drawn.pixels).filter(ImageFilter.GaussianBlur(draws.choice((0, 0, 0.5, 0.9, 1.4))))
    small = np.asarray(blurred, np.float64) / 255
    rows, columns = (np.flatnonzero(drawn.saliency.max(axis=axis) > 0.4) for axis in (1, 0))
    x, y = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
    side = _MARGIN * max(len(columns), len(rows))
    own = [[x, y, side], [x, y, side]]
    places = [
        [x + draws.uniform(-0.04, 0.04) * side, y + draws.uniform(-0.04, 0.04) * side, side * draws.uniform(0.92, 1.09)]
        for x, y, side in own
    ]
    others: list[list[float]] = []
    while len(others) < 5:
        place = [draws.uniform(0.1, 0.9) * SIDE, draws.uniform(0.2, 0.85) * SIDE, draws.uniform(_SIZES[0], _SIZES[-1])]
        if _shared(place, own[0]) < 0.55:
            others.append(place)
    windows = [_window(small, *place) for place in places + others]
    labels = [KINDS.index(kind)] * len(places) + [len(KINDS)] * len(others)
    return _Lesson(plan=plan, whole=_whole(small), windows=windows, labels=labels, positive=len(places))


def _small(picture: NDArray[np.uint8]) -> Floats:
    image = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float64) / 255


def _whole(small: Floats) -> Floats:
    """Return the mean colours of 8 x 8 parts, flat."""
    whole: Floats = small.reshape(8, SIDE // 8, 8, SIDE // 8, 3).mean(axis=(1, 3)).reshape(-1)
    return whole


def _window(small: Floats, x: float, y: float, side: float) -> _Window:
    """Cut one window; beyond the edges of the picture its border goes on."""
    reach = SIDE
    wide = np.pad(small, ((reach, reach), (reach, reach), (0, 0)), "edge")
    box = (x - side / 2 + reach, y - side / 2 + reach, x + side / 2 + reach, y + side / 2 + reach)
    image = Image.fromarray((wide * 255 + 0.5).astype(np.uint8))
    cut = image.resize((_WINDOW, _WINDOW), Image.Resampling.BICUBIC, box=box)
    pixels = np.asarray(cut, np.float64) / 255
    return _Window(x, y, side, _edges(pixels)[0, 0], _colours(pixels))


def _all_windows(small: Floats, side: float) -> list[_Window]:
    """Cut windows of a side from all over a picture, half a cell apart."""
    scale = _WINDOW / side
    wide = round(SIDE * scale)
    image = Image.fromarray((small * 255 + 0.5).astype(np.uint8)).resize((wide, wide), Image.Resampling.BICUBIC)
    reach = _WINDOW // 4
    pixels = np.pad(np.asarray(image, np.float64) / 255, ((reach, reach), (reach, reach), (0, 0)), "edge")
    windows = []
    for down in (0, 3):
        for across in (0, 3):
            part = pixels[down:, across:]
            edges = _edges(part)
            for row, column in np.ndindex(*edges.shape[:2]):
                top, left = row * _CELL, column * _CELL
                x, y = ((start + _WINDOW / 2 - reach) / scale for start in (left + across, top + down))
                cells = _colours(part[top : top + _WINDOW, left : left + _WINDOW])
                windows.append(_Window(x, y, side, edges[row, column], cells))
    return windows


def _edges(pixels: Floats) -> Floats:
    """Return the histograms of oriented gradients of all windows, a cell apart: (rows, columns, features)."""
    found = hog(
        pixels,
        orientations=9,
        pixels_per_cell=(_CELL, _CELL),
        cells_per_block=(_CELLS, _CELLS),
        block_norm="L1-sqrt",
        feature_vector=False,
        channel_axis=-1,
    )
    edges: Floats = found.reshape(*found.shape[:2], -1)
    return edges


def _colours(pixels: Floats) -> Floats:
    colours: Floats = pixels.reshape(_CELLS, _CELL, _CELLS, _CELL, 3).mean(axis=(1, 3))
    return colours


def _telling(parts: Floats, colours: Numbers) -> Floats:
    """Return how much each of the 8 x 8 cells of a kind of thing tells of its colour, together 1."""
    named = np.array([RGB[each] for each in COLOURS])[colours]
    own, asked = parts - parts.mean(axis=0), named - named.mean(axis=0)
    together = (own * asked[:, None, None]).sum(axis=(0, 3))
    alike = together / np.sqrt((own**2).sum(axis=(0, 3)) * (asked**2).sum() + 1e-12)
    weights = np.clip(alike, 0, 1) ** 6
    telling: Floats = weights / weights.sum()
    return telling


def _overlap(first: _Window, second: _Window) -> float:
    return _shared([first.x, first.y, first.side], [second.x, second.y, second.side])


def _shared(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the intersection of two squares (x, y, side) over their union."""
    across, down = (
        min(first[n] + first[2] / 2, second[n] + second[2] / 2)
        - max(first[n] - first[2] / 2, second[n] - second[2] / 2)
        for n in (0, 1)
    )
    shared = max(0.0, across) * max(0.0, down)
    return shared / (first[2] ** 2 + second[2] ** 2 - shared)


def _hits(asked: Sequence[Thing], found: Sequence[ReadThing]) -> NDArray[np.bool_]:
    """Return of each asked thing whether kind, colour and place are those of the found one, (things, 3)."""
    pairs = zip(asked, found, strict=True)
    return np.array([[a.kind == f.kind, a.colour == f.colour, a.place == f.place] for a, f in pairs])
