import numpy as np

from tests.pictures import load_picture
from underpaint.renderers.segment.classic import build_hierarchy


def test_cuts_are_nested() -> None:
    """Every region of a coarse cut is made of whole regions of a finer one."""
    hierarchy = build_hierarchy(load_picture("temple", (200, 240)))
    assert hierarchy.labels.shape == (200, 240)
    assert len(hierarchy.merges) == len(hierarchy.graph) - 1 == hierarchy.labels.max()
    coarse = hierarchy.cut(0.5)
    for detail in (1.0, 2.0, 8.0):
        fine = hierarchy.cut(detail)
        pairs = np.unique(np.stack([fine, coarse], axis=1), axis=0)
        assert len(pairs) == fine.max() + 1 >= coarse.max() + 1
        coarse = fine


def test_flat_picture_has_one_superpixel() -> None:
    hierarchy = build_hierarchy(np.full((30, 40, 3), 77, np.uint8))
    assert len(hierarchy.graph) == 1
    assert hierarchy.cut(1.0).tolist() == [0]


def test_a_coarse_cut_has_as_many_regions_as_asked_for_or_all() -> None:
    hierarchy = build_hierarchy(load_picture("temple", (100, 120)))
    count = len(hierarchy.graph)
    assert hierarchy.coarse(20).max() + 1 == 20
    assert np.array_equal(hierarchy.coarse(count + 1), np.arange(count))
