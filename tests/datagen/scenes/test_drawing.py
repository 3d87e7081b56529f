import numpy as np
import pytest

from underpaint.datagen.scenes.drawing import draw
from underpaint.datagen.scenes.scene import ScenePlan, Thing, scene_of
from underpaint.datagen.scenes.words import GROUNDS, KINDS, SKIES

SIDE = 64
# Mean colours of the first scenes.
KNOWN = [
    [139.9, 129.1, 123.1],
    [59.9, 80.6, 125.7],
    [158.8, 188.2, 219.8],
    [142.6, 129.7, 119.2],
    [199.6, 125.8, 87.6],
    [181.7, 187.4, 212.8],
]


def alone(kind, place="middle", ground="sand", sky="day", colour="red", number=0):
    thing = Thing(kind=kind, colour=colour, place=place)
    return ScenePlan(things=(thing,), ground=ground, sky=sky, season="summer", draw=number)


def test_scenes_stay_as_they_are():
    means = [draw(scene_of(number), SIDE).pixels.mean(axis=(0, 1)) for number in range(6)]
    # Of a release of Pillow that puts the edge of a polygon elsewhere, a tenth would tell.
    assert np.abs(np.array(means) - KNOWN).max() < 0.3


def test_the_same_scene_gives_the_same_bytes():
    first = draw(scene_of(5), SIDE)
    draw(scene_of(6), 48)
    assert first.pixels.tobytes() == draw(scene_of(5), SIDE).pixels.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_things_are_large_whole_and_where_they_are_said_to_be(kind):
    for place, low, high in (("left", 0, 0.4), ("middle", 0.4, 0.6), ("right", 0.6, 1)):
        where = draw(alone(kind, place), SIDE).saliency
        columns = np.flatnonzero(where.max(axis=0) > 0.5)
        rows = np.flatnonzero(where.max(axis=1) > 0.5)
        assert low < columns.mean() / SIDE < high
        assert min(columns[0], rows[0]) > 0
        assert max(columns[-1], rows[-1]) < SIDE - 1
        assert max(len(columns), len(rows)) >= SIDE / 3


def test_depth_is_that_of_level_ground_with_upright_things_on_it():
    drawn = draw(alone("house"), SIDE)
    assert drawn.depth[0].max() == 0  # the sky is farthest
    corner = drawn.depth[:, 0]
    assert (np.diff(corner[corner > 0.1]) > 0).all()
    assert corner[-1] > 0.95
    inside = drawn.saliency == 1
    assert np.ptp(drawn.depth[inside]) < 1e-6
    foot = np.flatnonzero(inside.any(axis=1))[-1]
    assert drawn.depth[foot, 0] == pytest.approx(drawn.depth[inside][0], abs=0.06)


def test_the_nearer_thing_hides_the_other():
    def shown(place):
        """How many pixels show the nearer of two things, of which the other stands at a place."""
        near, far = Thing(kind="house", colour="red", place="left"), Thing(kind="tree", colour="blue", place=place)
        drawn = draw(ScenePlan(things=(near, far), ground="sand", sky="day", season="summer"), SIDE)
        depths = drawn.depth[drawn.saliency == 1]
        return (depths == depths.max()).sum(), len(depths)

    (whole, apart), (behind, together) = shown("right"), shown("middle")
    assert together < apart - 20  # they overlap
    assert behind >= whole


@pytest.mark.parametrize("sky", SKIES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ground_is_drawn_under_every_sky(ground, sky):
    drawn = draw(alone("apple", ground=ground, sky=sky), 32)
    assert drawn.pixels.shape == (32, 32, 3)
    assert drawn.pixels.dtype == np.uint8
    assert drawn.pixels.std() > 8
