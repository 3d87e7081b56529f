import pytest

from underpaint.datagen.scenes.captions import plan_said
from underpaint.datagen.scenes.scene import scene_of


def test_captions_say_what_was_drawn():
    for number in range(300):
        drawn = scene_of(number)
        said = plan_said(drawn.caption)
        assert said.caption == drawn.caption
        assert (said.ground, said.sky) == (drawn.ground, drawn.sky)
        if drawn.says_places:
            assert said.things == drawn.things
        assert [(each.kind, each.colour) for each in said.things] == [(each.kind, each.colour) for each in drawn.things]


def test_other_words_do_not_matter():
    said = plan_said("oil, a red house by the sea, at sunset, half-painted, step 3 of 15")
    assert said.caption == "a red house, by the sea, at sunset"


@pytest.mark.parametrize(
    "caption", ["", "a red dog, by the sea, at sunset", "a red cat, at night", "a cat, in the snow"]
)
def test_other_captions_are_refused(caption):
    with pytest.raises(ValueError, match="is none of a scene"):
        plan_said(caption)
