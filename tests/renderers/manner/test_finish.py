"""The finished order: accents last, place by place, and the same canvas."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.manner.conftest import laid, scene_of
from underpaint.renderers.manner.finish import in_order
from underpaint.renderers.manner.habits import MannerOptions, PainterHabits
from underpaint.renderers.manner.marks import ACCENTS, BLOCK_IN, DRAWING, LATE, MODELLING, Brushwork
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.strokes.columns import BOW, CX, EDGE, LENGTH, R0, R1

MakeStroke = Callable[..., np.ndarray]
SIZE = (60, 90)
HABITS = {"planes": 0, "margin": 0.05, "place": 0.3, "wander": 0.0, "detail": 1.0, "accents": 0.1, "drawing": 0.1}
# Three strips; the one in the middle is the farthest, the right one the nearest and salient.
SCENE = scene_of(np.repeat(np.repeat([[0, 1, 2]], 30, axis=1), 60, axis=0), [1, 0, 2], salient=2)


def habits(**changes: float) -> PainterHabits:
    return PainterHabits.of(MannerOptions(**HABITS | changes), 0)  # type: ignore[arg-type]


def marks_of(strokes: np.ndarray) -> Brushwork:
    """A tenth draws and a fifth blocks in; the others model region by region, every fourth of them late."""
    count = len(strokes)
    phase = np.digitize(np.arange(count) / count, [0.1, 0.3]).astype(np.int32)
    rank = np.where(phase == DRAWING, -1, SCENE.ranks[np.clip(strokes[:, CX] // 30, 0, 2).astype(int)]).astype(np.int32)
    level = np.where((phase == MODELLING) & (np.arange(count) % 4 == 0), LATE, 1).astype(np.int32)
    marks = Brushwork(strokes=strokes, phase=phase, level=level, rank=rank)
    return marks.take(np.lexsort((np.arange(count), rank, phase)))


def small(strokes: np.ndarray, factor: float) -> np.ndarray:
    """With a small factor hardly any stroke lies on another."""
    strokes = strokes.copy()
    strokes[:, [LENGTH, BOW, R0, R1]] *= np.float32(factor)
    strokes[:, EDGE] = 0
    return strokes


@pytest.fixture(scope="module")
def crowd(random_strokes: Callable[..., np.ndarray]) -> Brushwork:
    return marks_of(small(random_strokes(100, *SIZE, 1), 0.4))


@pytest.fixture(scope="module")
def apart(random_strokes: Callable[..., np.ndarray]) -> Brushwork:
    return marks_of(small(random_strokes(100, *SIZE, 2), 0.02))


def rows(marks: Brushwork) -> list[tuple[float, ...]]:
    """Every stroke with what it is for, but for the phase."""
    return sorted(
        (*stroke, level, rank)
        for stroke, level, rank in zip(marks.strokes.tolist(), marks.level, marks.rank, strict=True)
    )


@pytest.mark.parametrize("planes", [0, 1, 2])
def test_the_canvas_is_equal_and_every_stroke_is_there_once(crowd: Brushwork, planes: int) -> None:
    found, place = in_order(crowd, SCENE, habits(planes=planes), 0)
    np.testing.assert_array_equal(laid(found.strokes, *SIZE), laid(crowd.strokes, *SIZE))
    assert rows(found) == rows(crowd)
    assert place.shape == (100,)
    assert not np.array_equal(found.strokes, crowd.strokes)


def turns(marks: Brushwork, planes: int) -> list[tuple[int, ...]]:
    """What each stroke's turn is: drawing, plane by plane flats and then modelling, region by region, accents."""
    plane = np.arange(3) if planes == 0 else np.zeros(3, int)
    return [
        (0,) if phase == DRAWING else (2,) if phase == ACCENTS else (1, int(plane[rank]), int(phase), int(rank))
        for phase, rank in zip(marks.phase, marks.rank, strict=True)
    ]


@pytest.mark.parametrize("planes", [0, 1])
def test_everything_comes_in_its_turn(apart: Brushwork, planes: int) -> None:
    found, place = in_order(apart, SCENE, habits(planes=planes), 0)
    told = turns(found, planes)
    assert told == sorted(told)
    assert {turn[0] for turn in told} == {0, 1, 2}
    assert hop_ratio(found.strokes) < 0.5 < hop_ratio(apart.strokes)
    assert (np.diff(place) >= 0).all()
    assert set(place.tolist()) == set(range(place.max() + 1))
    # The drawing is one place, and so are the flats of each region.
    early = found.phase < MODELLING
    assert len(set(place[early].tolist())) == 4
    assert len(set(place[~early].tolist())) > 8


def test_in_a_place_the_large_strokes_come_first(apart: Brushwork) -> None:
    strokes = apart.strokes.copy()
    radius = np.where(np.arange(100) % 2, 0.03, 0.002).astype(np.float32) * 90
    strokes[:, R0] = strokes[:, R1] = radius
    strokes[:, LENGTH] = 0.5
    found, place = in_order(dataclasses.replace(apart, strokes=strokes), SCENE, habits(accents=0.0), 0)
    steps = np.diff(found.strokes[:, R0])[np.diff(place) == 0]
    assert (steps < 0).sum() > 5
    assert (steps > 0).mean() < 0.1  # those that a large one lies on


def test_what_lies_under_a_stroke_of_another_place_is_painted_with_it(crowd: Brushwork) -> None:
    found, place = in_order(crowd, SCENE, habits(), 0)
    told = turns(found, 0)
    assert told != sorted(told)
    _, first = np.unique(place, return_index=True)
    assert (np.diff(first) > 0).all()
    assert set(place.tolist()) == set(range(place.max() + 1))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1])
def test_accents_are_few_late_and_where_one_looks_first(apart: Brushwork, share: float) -> None:
    found, _ = in_order(apart, SCENE, habits(accents=share), 0)
    accents = found.phase == ACCENTS
    assert round(100 * share) <= accents.sum() <= 100 * (share + 0.12)
    assert not accents[: int((~accents).sum())].any()
    if share == 0.05:
        assert (found.level[accents] == LATE).all()
        assert (found.rank[accents] == 2).all()


@pytest.mark.parametrize("seed", range(4))
def test_accents_take_little_with_them(random_strokes: Callable[..., np.ndarray], seed: int) -> None:
    marks = marks_of(small(random_strokes(100, *SIZE, seed), 0.5))
    found, _ = in_order(marks, SCENE, habits(accents=0.08), 0)
    assert (found.phase == ACCENTS).sum() <= 8 + 12
    for phase in (DRAWING, BLOCK_IN):
        assert (found.phase == phase).sum() == (marks.phase == phase).sum()


def test_what_a_flat_lies_on_is_no_accent(make_stroke: MakeStroke) -> None:
    """A late stroke of the far region, over which the flat of the near one runs."""
    pair = [make_stroke(cx=45, cy=30), make_stroke(cx=50, cy=30)]
    others = [make_stroke(cx=75 + x % 2 * 8, cy=4 * x, length=2, r0=1, r1=1) for x in range(12)]
    marks = Brushwork(
        strokes=np.stack([make_stroke(cx=20, cy=10, length=4), *pair, *others]),
        phase=np.array([BLOCK_IN, MODELLING, BLOCK_IN, *[MODELLING] * 12], np.int32),
        level=np.array([0, LATE, 0, *[1] * 12], np.int32),
        rank=np.array([0, 0, 1, *[1] * 12], np.int32),
    )
    scene = scene_of(np.repeat((np.arange(90) >= 60)[None], 60, axis=0), [0, 1], salient=0)
    for first, phase in (([0, 1, 2], MODELLING), ([0, 2, 1], ACCENTS)):
        found, _ = in_order(marks.take(np.array([*first, *range(3, 15)])), scene, habits(accents=0.1), 0)
        assert found.phase[found.level == LATE].tolist() == [phase]
        assert (found.phase == BLOCK_IN).sum() == 2


def test_a_hand_that_wanders_goes_on_elsewhere_in_the_same_block(apart: Brushwork) -> None:
    (near, _), (far, place), (other, _) = (
        in_order(apart, SCENE, habits(wander=wander), seed) for wander, seed in ((0.0, 0), (1.0, 0), (1.0, 1))
    )
    assert turns(far, 0) == sorted(turns(far, 0)) == turns(near, 0)
    assert (np.diff(place) >= 0).all()
    assert hop_ratio(far.strokes) > 1.1 * hop_ratio(near.strokes)
    assert not np.array_equal(far.strokes, other.strokes)


def test_no_strokes_have_an_order() -> None:
    found, place = in_order(Brushwork.none(), SCENE, habits(), 0)
    assert len(found) == len(place) == 0
