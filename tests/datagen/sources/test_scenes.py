import pytest

from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.scenes.scene import scene_of
from underpaint.datagen.sources.reading import read_sources


def test_scenes_are_a_source():
    found = list(read_sources("scenes:5"))
    assert [each.path for each in found] == [Drawn(number) for number in range(5)]
    assert [each.caption for each in found] == [scene_of(number).caption for number in range(5)]
    assert dict(found[0].credits)["provenance"]
    assert len({each.name for each in found}) == 5
    assert list(read_sources("scenes:5", 3)) == found[3:]


def test_other_seeds_and_held_out_combinations_have_other_names():
    names = [next(read_sources(source)).name for source in ("scenes:1", "scenes:1@1", "scenes-held-out:1")]
    assert [name.partition("/")[0] for name in names] == ["scenes-0", "scenes-1", "scenes-held-out-0"]
    assert next(read_sources("scenes-held-out:3@2", 2)).path == Drawn(2, 2, True)


@pytest.mark.parametrize(
    "source", ["scenes:", "scenes:0", "scenes:many", "scenes:5@", "scenes:5 ", "scenes-held-out:-1"]
)
def test_another_form_is_refused_with_the_right_one(source):
    with pytest.raises(ValueError, match=r"write scenes:4000"):
        read_sources(source)
