import dataclasses

import numpy as np

from tests.pictures import load_picture
from underpaint.renderers.illustration.habits import DrawingHabits, IllustrationOptions
from underpaint.renderers.illustration.study import Study, at_working_size, make_study
from underpaint.renderers.order.scene import Scene

HABITS = DrawingHabits.of(IllustrationOptions(flats="back-first", tones=3), 0)
PICTURE = load_picture("coffee", (96, 96))


def scene() -> Scene:
    """Quarters; the last two are the subject."""
    labels = np.zeros((96, 96), np.int32)
    labels[:, 48:] += 1
    labels[48:] += 2
    return Scene(
        labels=labels,
        order=np.array([1, 3, 0, 2], np.int32),
        subject=np.array([False, False, True, True]),
        saliency=(labels >= 2).astype(np.float32),
    )


def study(most: int = 9, **habits: object) -> Study:
    return make_study(PICTURE, scene(), dataclasses.replace(HABITS, **habits), most)  # type: ignore[arg-type]


def test_regions_are_numbered_in_the_order_of_filling() -> None:
    corners = [(0, 0), (0, 95), (95, 0), (95, 95)]
    back, subject = study().labels, study(flats="subject-first").labels
    assert [back[corner] for corner in corners] == [2, 0, 3, 1]
    assert [subject[corner] for corner in corners] == [3, 2, 1, 0]


def test_few_strokes_make_one_region_of_neighbours_in_the_order() -> None:
    labels = study(most=2).labels
    assert [labels[corner] for corner in ((0, 0), (0, 95), (95, 0), (95, 95))] == [1, 0, 1, 0]


def test_a_region_has_few_tones_and_its_flat_is_the_lightest() -> None:
    seen = study()
    for region in range(4):
        tones = np.unique(seen.toned[seen.labels == region], axis=0)
        assert len(tones) == 3
        assert np.isclose(seen.flat[region].sum(), tones.sum(axis=1).max())


def test_highlights_are_taken_out_and_nothing_else() -> None:
    seen = study()
    assert (seen.even <= seen.picture).all()
    changed = (seen.picture - seen.even).max(axis=2)
    assert 0 < (changed > 0.05).mean() < 0.3


def test_maps_are_seen_at_the_working_size() -> None:
    assert at_working_size(np.ones((60, 90), np.float32), np.zeros((20, 30, 3), np.uint8)).shape == (20, 30)
