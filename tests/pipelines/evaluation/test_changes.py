from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label

from tests.pipelines.evaluation.canvases import THRESHOLD, columns, few_colours, noise, sheets
from underpaint.pipelines.evaluation.changes import (
    changed,
    changed_iou,
    changed_share,
    compactness,
    differs,
    flicker,
    idle_share,
    largest_share,
    overlap,
    spread,
)


def test_a_pixel_differs_when_one_channel_does_by_more_than_the_threshold() -> None:
    a, b = sheets(100, 100, size=(1, 3))
    b[0, 0, 1], b[0, 1, 2] = 116, 115  # 15.3 is the threshold
    assert differs(a, b, THRESHOLD).tolist() == [[True, False, False]]
    assert differs(b, a, THRESHOLD).tolist() == [[True, False, False]], "and both ways, without overflow"
    assert differs(a, b, 0).tolist() == [[True, True, False]]


def test_equal_columns_change_equal_shares() -> None:
    frames = columns(4)
    assert [mask.mean() for mask in changed(frames, THRESHOLD)] == [0.25] * 4
    assert changed_share(frames, THRESHOLD) == 0.25
    assert compactness(frames, THRESHOLD) == 1
    assert idle_share(frames, THRESHOLD) == 0


def test_largest_share_of_known_masks() -> None:
    mask = np.zeros((6, 6), bool)
    assert largest_share(mask) == 0
    mask[0, 0] = mask[1, 1] = True
    assert largest_share(mask) == 1, "corners connect"
    mask[4, 4] = mask[4, 5] = mask[5, 5] = True
    assert largest_share(mask) == 3 / 5


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_connected_parts_agree_with_scikit_image(seed: int) -> None:
    mask = np.random.default_rng(seed).random((12, 15)) < 0.35
    labels = label(mask, connectivity=2)
    assert largest_share(mask) == np.bincount(labels[mask]).max() / mask.sum()


def test_compactness_counts_only_steps_that_change_anything() -> None:
    frames = sheets(255, 255, 255, 255)
    frames[1:, 0, 0] = 0
    frames[2:, ::4, ::4] = 0  # one of 30 points was there before: 29 parts of 29 pixels
    assert compactness(frames, THRESHOLD) == pytest.approx((1 + 1 / 29) / 2)
    assert idle_share(frames, THRESHOLD) == pytest.approx(1 / 3)


def test_spread_of_known_places() -> None:
    whole, point, corners = (sheets(255, 255, size=(41, 41)) for _ in range(3))
    whole[1] = 0
    point[1, 7, 9] = 0
    corners[1, ::40, ::40] = 0
    assert spread(whole, THRESHOLD) == pytest.approx(1)
    assert spread(point, THRESHOLD) == 0
    assert spread(corners, THRESHOLD) == pytest.approx(3**0.5, abs=0.05)
    assert spread(columns(4), THRESHOLD) < 1


def test_flicker_is_what_untouched_pixels_do() -> None:
    frames = sheets(100, 100, size=(2, 5))
    frames[1, 0, 0] = 200  # painted
    frames[1, 1, :2] = 103  # 2 of the 9 others flicker by 3
    assert flicker(frames, THRESHOLD) == pytest.approx(2 * 3 / 9 / 255)
    assert flicker(columns(4), THRESHOLD) == 0
    assert flicker(sheets(0, 255), THRESHOLD) == 0, "nothing is left untouched"


def test_noise_below_the_threshold_is_flicker_and_no_change() -> None:
    frames = sheets(100, 104, 100)
    assert changed_share(frames, THRESHOLD) == 0
    assert idle_share(frames, THRESHOLD) == 1
    assert flicker(frames, THRESHOLD) == pytest.approx(4 / 255)


def test_overlap_of_known_masks() -> None:
    a, b = np.zeros((2, 4), bool), np.zeros((2, 4), bool)
    assert overlap(a, b) == 1
    a[0], b[:, 0] = True, True
    assert overlap(a, b) == 1 / 5
    assert overlap(a, ~a) == 0


def test_iou_is_one_for_the_same_order_and_zero_for_the_reverse() -> None:
    frames = columns(4)
    assert changed_iou(frames, frames, THRESHOLD) == 1
    assert changed_iou(frames, frames[..., ::-1, :], THRESHOLD) == 0
    # In two steps instead of four the first half is first either way.
    assert changed_iou(columns(2), frames, THRESHOLD) == 1
    assert changed_iou(frames, columns(2), THRESHOLD) == 1


def test_iou_of_shifted_columns() -> None:
    ours, theirs = sheets(255, 255, size=(4, 12)), sheets(255, 255, size=(4, 12))
    ours[1, :, :4], theirs[1, :, 2:6] = 0, 0
    assert changed_iou(ours, theirs, THRESHOLD) == pytest.approx(2 / 6)


def test_idle_steps_agree_with_idle_steps_only() -> None:
    still = sheets(9, 9, 9)
    assert changed_iou(still, still, THRESHOLD) == 1
    assert changed_iou(still, sheets(9, 90, 200), THRESHOLD) == 0


def test_iou_needs_one_size() -> None:
    with pytest.raises(AssertionError, match="one size"):
        changed_iou(columns(size=(16, 24)), columns(size=(16, 32)), THRESHOLD)


def test_a_process_without_changes_earns_nothing() -> None:
    still = sheets(50, 50)
    assert (compactness(still, 0), spread(still, 0), changed_share(still, 0), idle_share(still, 0)) == (0, 0, 0, 1)


@given(few_colours, st.sampled_from([0.0, THRESHOLD, 0.5]))
@settings(max_examples=40, deadline=None)
def test_ranges(frames: np.ndarray, threshold: float) -> None:
    for measure in (changed_share, idle_share, compactness):
        assert 0 <= measure(frames, threshold) <= 1
    assert 0 <= spread(frames, threshold) <= 3**0.5 + 0.1  # a small canvas's corners are further out
    assert 0 <= flicker(frames, threshold) <= threshold
    assert changed_iou(frames, frames, threshold) == 1
    # What is mirrored hangs together as before.
    assert compactness(frames[:, ::-1], threshold) == compactness(frames, threshold)


@given(st.integers(0, 500), st.integers(0, 500))
@settings(max_examples=20, deadline=None)
def test_iou_is_symmetric(one: int, two: int) -> None:
    a, b = noise(one, 4), noise(two, 3)
    assert changed_iou(a, b, 0.5) == changed_iou(b, a, 0.5)
    assert 0 <= changed_iou(a, b, 0.5) <= 1
