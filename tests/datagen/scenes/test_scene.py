from collections import Counter

import pytest

from underpaint.datagen.scenes.scene import ScenePlan, Thing, scene_of
from underpaint.datagen.scenes.words import COLOURS, GROUNDS, HELD_OUT, KINDS, PLACES, SKIES

MANY = [scene_of(number) for number in range(3000)]


def test_the_same_number_gives_the_same_scene_for_ever():
    assert [scene_of(number).caption for number in (0, 1, 7)] == [
        "a yellow flower and a red balloon, in a field, by day",
        "a green cat, in the snow, at night",
        "a white flower, in the snow, by day",
    ]
    assert scene_of(7) == scene_of(7) != scene_of(7, seed=1)


def test_all_words_are_drawn_about_equally_often():
    first = [scene.things[0] for scene in MANY]
    for values, words in (
        ([thing.kind for thing in first], KINDS),
        ([thing.colour for thing in first], COLOURS),
        ([thing.place for thing in first], PLACES),
        ([scene.ground for scene in MANY], GROUNDS),
        ([scene.sky for scene in MANY], SKIES),
    ):
        counts = Counter(values)
        assert counts.keys() == set(words)
        assert max(counts.values()) < 2 * min(counts.values())
    assert 0.35 < sum(len(scene.things) == 2 for scene in MANY) / len(MANY) < 0.45


def test_a_colour_of_each_kind_is_held_out():
    assert HELD_OUT.keys() == set(KINDS)
    seen = {(thing.kind, thing.colour) for scene in MANY for thing in scene.things}
    assert seen == {(kind, colour) for kind in KINDS for colour in COLOURS if HELD_OUT[kind] != colour}
    others = [scene_of(number, held_out=True) for number in range(300)]
    assert {(scene.things[0].kind, scene.things[0].colour) for scene in others} == set(HELD_OUT.items())
    assert all(thing.colour != HELD_OUT[thing.kind] for scene in others for thing in scene.things[1:])


def test_captions_are_short_and_say_what_is_there():
    for scene in MANY:
        assert len(scene.caption.split()) <= 20
        for thing in scene.things:
            assert f" {thing.colour} {thing.kind}" in scene.caption
    assert len({scene.caption for scene in MANY}) > 0.9 * len(MANY)


@pytest.mark.parametrize(
    ("kind", "ground", "caption"),
    [
        ("house", "sea", "an orange house on the left, by the sea, at sunset"),
        ("boat", "sea", "an orange boat on the left, on the sea, at sunset"),
        ("boat", "sand", "an orange boat on the left, on the sand, at sunset"),
    ],
)
def test_captions(kind, ground, caption):
    thing = Thing(kind=kind, colour="orange", place="left")
    assert ScenePlan(things=(thing,), ground=ground, sky="sunset", season="summer").caption == caption


def test_boats_lie_at_water_and_two_things_differ():
    assert {scene.ground for scene in MANY if any(thing.kind == "boat" for thing in scene.things)} == {"sea", "sand"}
    for scene in MANY:
        assert len({thing.kind for thing in scene.things}) == len({thing.place for thing in scene.things})
