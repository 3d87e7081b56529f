import numpy as np
import pytest

from underpaint.datagen.scenes.drawing import draw
from underpaint.datagen.scenes.scene import ScenePlan, Thing, scene_of
from underpaint.experiments.trials.attributes import SceneReader, chances


@pytest.fixture(scope="module")
def reader():
    return SceneReader(192)  # two of each kind in each colour: a quarter of what trials take


@pytest.fixture(scope="module")
def drawn():
    plans = [scene_of(number, 5, held_out=number % 2 == 0) for number in range(16)]
    return plans, [draw(plan, 80).pixels for plan in plans]


def test_true_scenes_are_read(reader, drawn):
    plans, pictures = drawn
    found = [reader.judge(picture, plan) for picture, plan in zip(pictures, plans, strict=True)]
    assert np.mean([each.sky for each in found]) > 0.9
    assert np.mean([each.ground for each in found]) > 0.9
    for name in ("kind", "colour", "together"):
        assert np.mean([getattr(each, name) for each in found]) > 0.8
    assert np.mean([each.place for each in found if each.place is not None]) > 0.8
    assert [each.place is None for each in found] == [not plan.says_places for plan in plans]


def test_scenes_that_were_not_asked_for_are_told(reader, drawn):
    plans, pictures = drawn
    found = chances(pictures[:8], plans[:8], reader)
    assert np.mean([each.together for each in found]) < 0.3
    assert np.mean([each.sky for each in found]) < 0.5


def test_things_are_asked_for_in_any_order(reader):
    car, tree = Thing(kind="car", colour="red", place="left"), Thing(kind="tree", colour="blue", place="right")
    picture = draw(ScenePlan(things=(car, tree), ground="sand", sky="day", season="summer"), 80).pixels
    asked = ScenePlan(things=(tree, car), ground="snow", sky="day", season="winter")
    verdict = reader.judge(picture, asked)
    assert (verdict.kind, verdict.colour, verdict.place, verdict.together) == (1, 1, 1, 1)
    assert (verdict.sky, verdict.ground) == (True, False)


def test_readers_that_learned_the_same_read_the_same():
    picture = draw(scene_of(0, 5), 64).pixels
    first, second = (SceneReader(96).read(picture, 1) for _ in range(2))
    assert first == second
