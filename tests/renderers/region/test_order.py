import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import load_picture
from underpaint.renderers.region.order import ORDERS, PHASES, neighbours, painting_order, prominent, region_means

Int32 = npt.NDArray[np.int32]
Float32 = npt.NDArray[np.float32]

# Two regions above, three below; 4 lies alone in the corner of 3.
SMALL = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 4]], np.int32)


def random_regions(seed: int) -> tuple[Int32, Float32]:
    """A label map of 1 to 12 regions, some in several pieces, and values with ties among them."""
    random = np.random.default_rng(seed)
    cells = random.integers(0, random.integers(1, 13), (random.integers(1, 6), random.integers(1, 6)))
    _, labels = np.unique(cells, return_inverse=True)
    labels = labels.reshape(cells.shape).repeat(2, axis=0).repeat(3, axis=1)
    return labels.astype(np.int32), (random.integers(0, 6, labels.shape) / 5).astype(np.float32)


def border_pairs(labels: Int32) -> set[tuple[int, int]]:
    """Pairs of regions with pixels side by side, found one by one."""
    pairs = set()
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            for other in (*labels[y, x + 1 : x + 2], *labels[y + 1 : y + 2, x]):
                if other != labels[y, x]:
                    pairs |= {(int(labels[y, x]), int(other)), (int(other), int(labels[y, x]))}
    return pairs


def test_means_are_those_of_each_region() -> None:
    labels, values = random_regions(3)
    expected = [values[labels == region].mean() for region in range(labels.max() + 1)]
    np.testing.assert_allclose(region_means(labels, values), expected, rtol=1e-6)


def test_neighbours_share_a_side_not_only_a_corner() -> None:
    touching = neighbours(SMALL)
    assert touching.dtype == np.bool_
    assert {tuple(pair) for pair in np.argwhere(touching).tolist()} == {
        pair for a, b in ((0, 1), (0, 2), (1, 3), (2, 3), (3, 4)) for pair in ((a, b), (b, a))
    }


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_neighbours_are_all_that_touch(seed: int) -> None:
    labels, _ = random_regions(seed)
    assert {tuple(pair) for pair in np.argwhere(neighbours(labels)).tolist()} == border_pairs(labels)


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_what_stands_out_is_split_off_by_the_least_variance_within(seed: int) -> None:
    labels, values = random_regions(seed)
    means = region_means(labels, values)
    spread, stands_out = means[labels], prominent(labels, values)
    assert stands_out.any()
    if stands_out.all():
        assert len(means) == 1
        return
    assert means[stands_out].min() >= means[~stands_out].max()
    within = [
        (spread[upper].var() * upper.sum() + spread[~upper].var() * (~upper).sum()) / upper.size
        for upper in [stands_out[labels], *(spread >= mean for mean in means[means > means.min()])]
    ]
    assert within[0] <= min(within) + 1e-9


@pytest.mark.parametrize("order", ORDERS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_painting_starts_at_the_highest_and_spreads_through_neighbours(order: str, seed: int) -> None:
    labels, values = random_regions(seed)
    means, pairs = region_means(labels, values), border_pairs(labels)
    regions, before = painting_order(labels, values, order)
    assert regions.dtype == np.int32
    assert sorted(regions.tolist()) == list(range(len(means)))
    first = prominent(labels, values)
    if order == "background-first" and not first.all():
        first = ~first
    assert before == first.sum()
    assert first[regions[:before]].all()
    assert not first[regions[before:]].any()
    for place, region in enumerate(regions.tolist()):
        done = set(regions[:place].tolist())
        left = [other for other in range(len(means)) if other not in done and first[other] == first[region]]
        touching = [other for other in left if any((other, near) in pairs for near in done)]
        assert region in (touching or left)
        assert means[region] == max(means[other] for other in touching or left)


def test_the_subject_comes_first_and_the_break_is_where_it_is_done() -> None:
    values = np.array([0.1, 0.2, 0.0, 0.9, 0.8], np.float32)[SMALL]
    # From 3 to 4, which touches it; then what touches those, the highest first.
    for order in ("saliency", "depth"):
        regions, before = painting_order(SMALL, values, order)
        assert (regions.tolist(), before) == ([3, 4, 1, 0, 2], 2)
    regions, before = painting_order(SMALL, values, "background-first")
    assert (regions.tolist(), before) == ([1, 0, 2, 3, 4], 3)


def test_where_nothing_touches_the_highest_of_the_rest_is_next() -> None:
    labels = np.array([[0, 1, 2, 3, 4]], np.int32)
    values = np.array([[0.9, 0.0, 0.7, 0.0, 0.8]], np.float32)
    assert painting_order(labels, values, "saliency")[0].tolist() == [0, 4, 2, 1, 3]


def test_one_region_is_first_in_every_order() -> None:
    for order in ORDERS:
        regions, before = painting_order(np.zeros((3, 4), np.int32), np.ones((3, 4), np.float32), order)
        assert (regions.tolist(), before) == ([0], 1)


def test_equal_values_still_give_an_order() -> None:
    regions, before = painting_order(SMALL, np.zeros(SMALL.shape, np.float32), "saliency")
    assert sorted(regions.tolist()) == [0, 1, 2, 3, 4]
    assert 1 <= before <= 5


def test_every_order_has_names_for_both_sides_of_the_break() -> None:
    assert tuple(PHASES) == (*ORDERS, "back-to-front")
    assert all(len(set(names)) == 2 for names in PHASES.values())


def test_a_subject_in_the_middle_of_a_real_picture() -> None:
    """Twelve squares of a photograph, with a map that stands for saliency: the two in its middle stand out."""
    height, width = load_picture("temple", (60, 80)).shape[:2]
    labels = (np.arange(height)[:, None] // 20 * 4 + np.arange(width) // 20).astype(np.int32)
    values = np.exp(-((np.arange(height)[:, None] - 30) ** 2 + (np.arange(width) - 40) ** 2) / 300).astype(np.float32)
    regions, before = painting_order(labels, values, "saliency")
    assert (set(regions[:before].tolist()), before) == ({5, 6}, 2)
    assert set(regions[-4:].tolist()) == {0, 3, 8, 11}
