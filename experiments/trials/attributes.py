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

from underpaint.datagen.scenes.pen import RGB
from underpaint.datagen.scenes.scene import ScenePlan, Thing
from underpaint.datagen.scenes.words import COLOURS, GROUNDS, KINDS, PLACES, SKIES, Colour, Ground, Kind, Place, Sky
from underpaint.experiments.trials.discriminant import Discriminant, Floats, Numbers
from underpaint.experiments.trials.lessons import draw_lesson
from underpaint.experiments.trials.windows import SIDE, SIZES, SceneWindow, all_windows, small_picture, whole_of

SCENES = 768  # drawn to learn from: eight of each kind in each colour
_APART = 0.55  # two windows of which the smaller lies in the other by a larger share show the same thing
_EDGES = (0.40, 0.60)  # between left, middle and right: wide things stand a little inwards, as none is cut off


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
    """Reads pictures of the small world; learns in its constructor, some fifteen seconds of one core.

    Args:
        scenes: how many scenes it learns from.
        seed: of these scenes; they are none of those that `scenes:N@SEED` draws.
    """

    def __init__(self, scenes: int = SCENES, seed: int = 0) -> None:
        draws = random.Random(f"attributes {seed}")
        taught = [draw_lesson(draws, number) for number in range(scenes)]
        windows = [window for lesson in taught for window in lesson.windows]
        labels = np.array([label for lesson in taught for label in lesson.labels])
        self._kind = Discriminant(np.stack([window.edges for window in windows]), labels, len(KINDS) + 1)
        whole = np.stack([lesson.whole for lesson in taught])
        self._sky = Discriminant(whole, np.array([SKIES.index(each.plan.sky) for each in taught]), len(SKIES))
        self._ground = Discriminant(whole, np.array([GROUNDS.index(each.plan.ground) for each in taught]), len(GROUNDS))
        things = [(lesson, window) for lesson in taught for window in lesson.windows[: lesson.positive]]
        kinds = np.array([KINDS.index(lesson.plan.things[0].kind) for lesson, _ in things])
        colours = np.array([COLOURS.index(lesson.plan.things[0].colour) for lesson, _ in things])
        parts = np.stack([window.colours for _, window in things])
        self._masks = [_telling(parts[kinds == kind], colours[kinds == kind]) for kind in range(len(KINDS))]
        own = [self._own(window, kind, lesson.whole) for (lesson, window), kind in zip(things, kinds, strict=True)]
        self._colour = Discriminant(np.stack(own), colours, len(COLOURS))

    def read(self, picture: NDArray[np.uint8], things: int = 1) -> ReadScene:
        """Return what is in a picture, uint8 (H, W, 3), square, of any size: sky, ground, and so many things."""
        small = small_picture(picture)
        whole = whole_of(small)
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

    def _found(self, small: Floats, count: int) -> list[SceneWindow]:
        """Return the windows that look most like things, each of another thing."""
        windows = [window for size in SIZES for window in all_windows(small, size)]
        scores = self._kind.scores(np.stack([window.edges for window in windows]))
        likelier = scores[:, :-1].max(axis=1) - scores[:, -1]
        found: list[SceneWindow] = []
        for number in np.argsort(-likelier, kind="stable"):
            window = windows[number]
            if all(window.covered(other) < _APART for other in found):
                window.kind, window.score = int(scores[number, :-1].argmax()), float(likelier[number])
                found.append(window)
                if len(found) == count:
                    break
        return found

    def _named(self, window: SceneWindow, whole: Floats) -> ReadThing:
        own = self._own(window, window.kind, whole)
        middle = window.x / SIDE
        return ReadThing(
            kind=KINDS[window.kind],
            colour=COLOURS[int(self._colour.scores(own[None])[0].argmax())],
            place=PLACES[sum(middle > edge for edge in _EDGES)],
            score=window.score,
        )

    def _own(self, window: SceneWindow, kind: int, whole: Floats) -> Floats:
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


def _telling(parts: Floats, colours: Numbers) -> Floats:
    """Return how much each of the 8 x 8 cells of a kind of thing tells of its colour, together 1."""
    named = np.array([RGB[each] for each in COLOURS])[colours]
    own, asked = parts - parts.mean(axis=0), named - named.mean(axis=0)
    together = (own * asked[:, None, None]).sum(axis=(0, 3))
    alike = together / np.sqrt((own**2).sum(axis=(0, 3)) * (asked**2).sum() + 1e-12)
    weights = np.clip(alike, 0, 1) ** 6
    telling: Floats = weights / weights.sum()
    return telling


def _hits(asked: Sequence[Thing], found: Sequence[ReadThing]) -> NDArray[np.bool_]:
    """Return of each asked thing whether kind, colour and place are those of the found one, (things, 3)."""
    pairs = zip(asked, found, strict=True)
    return np.array([[a.kind == f.kind, a.colour == f.colour, a.place == f.place] for a, f in pairs])
