from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.pipelines.evaluation.canvases import THRESHOLD, columns, few_colours, sheets
from underpaint.pipelines.evaluation.finishing import kept, moving_away


def pixels(*rows: list[int]) -> np.ndarray:
    """Frames from grey values: one row per frame, one value per pixel."""
    return np.repeat(np.array(rows, np.uint8)[:, None, :, None], 3, axis=3)


def test_painting_each_place_once_is_monotone_and_keeps_all() -> None:
    assert moving_away(columns(4), THRESHOLD) == 0
    assert kept(columns(4), THRESHOLD) == 1


def test_moving_away_counts_changed_pixels() -> None:
    # Step 1: pixel 0 away, pixel 1 nearer. Step 2: pixels 0 and 1 nearer. One of four changes.
    frames = pixels([100, 0, 50], [200, 40, 50], [0, 90, 50])
    assert moving_away(frames, THRESHOLD) == 1 / 4


def test_passing_by_the_final_value_is_moving_away_only_if_it_ends_further_off() -> None:
    assert moving_away(pixels([200], [60], [100]), THRESHOLD) == 0, "from 100 too much to 40 too little is nearer"
    assert moving_away(pixels([120], [20], [100]), THRESHOLD) == 0.5


def test_small_steps_away_do_not_count() -> None:
    assert moving_away(pixels([100, 0], [110, 0], [100, 200]), THRESHOLD) == 0


def test_kept_counts_pixels_that_were_finished_before_the_end() -> None:
    # Pixel 0 is finished and stays, 1 is finished and painted over, 2 is finished at the end only.
    frames = pixels([255, 255, 255], [0, 10, 255], [0, 200, 90], [0, 10, 30])
    assert kept(frames, THRESHOLD) == 1 / 2


def test_what_flickers_within_the_threshold_stays_finished() -> None:
    assert kept(pixels([255], [12], [0], [10]), THRESHOLD) == 1


def test_the_ground_that_is_never_painted_is_finished_from_the_start() -> None:
    frames = pixels([255, 255], [255, 0], [255, 40])
    assert kept(frames, THRESHOLD) == 1
    assert kept(pixels([255, 255], [0, 0], [255, 40]), THRESHOLD) == 0, "but not if it is painted in between"


def test_a_jump_to_the_end_finishes_nothing() -> None:
    assert kept(sheets(255, 255, 0), THRESHOLD) == 0
    assert moving_away(sheets(7, 7), THRESHOLD) == 0


def test_the_reverse_of_a_monotone_process_moves_towards_its_end_too() -> None:
    assert moving_away(columns(4)[::-1], THRESHOLD) == 0


@given(few_colours)
@settings(max_examples=60, deadline=None)
def test_ranges_and_what_monotone_means(frames: np.ndarray) -> None:
    assert 0 <= moving_away(frames, THRESHOLD) <= 1
    assert 0 <= kept(frames, THRESHOLD) <= 1
    # A finished pixel that is lost has moved away, unless nothing was finished.
    if moving_away(frames, 0) == 0 and any((f == frames[-1]).all(axis=2).any() for f in frames[:-1]):
        assert kept(frames, 0) == 1


@given(few_colours)
@settings(max_examples=40, deadline=None)
def test_repeating_the_last_frame_changes_no_share_of_changes(frames: np.ndarray) -> None:
    longer = np.concatenate([frames, frames[-1:]])
    assert moving_away(longer, THRESHOLD) == pytest.approx(moving_away(frames, THRESHOLD))
