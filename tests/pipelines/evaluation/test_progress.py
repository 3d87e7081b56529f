from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.pipelines.evaluation.canvases import columns, few_colours, sheets
from underpaint.pipelines.evaluation.progress import (
    at_moments,
    curve_distance,
    mean_progress,
    nearest,
    profile,
    progress,
    share,
    steps_towards,
)


def test_profile_of_even_sheets_is_known() -> None:
    assert profile(sheets(255, 153, 0)) == pytest.approx([1.0, 0.6, 0.0])


def test_progress_of_equal_steps_is_even() -> None:
    frames = columns(4)
    assert progress(profile(frames)) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert mean_progress(frames) == pytest.approx(0.5)


def test_progress_falls_below_zero_where_the_canvas_gets_further_away() -> None:
    assert progress(profile(sheets(100, 200, 0))) == pytest.approx([0, -1, 1])


def test_a_process_that_starts_at_its_end_has_nothing_left_to_do() -> None:
    frames = sheets(80, 80, 80)
    assert progress(profile(frames)).tolist() == [1, 1, 1]
    assert (mean_progress(frames), steps_towards(frames)) == (1, 0)


def test_quick_starts_have_more_mean_progress() -> None:
    assert mean_progress(sheets(200, 20, 0)) > 0.5 > mean_progress(sheets(200, 180, 0))
    assert mean_progress(sheets(200, 0, 0)) == pytest.approx(0.75)


def test_curves_of_several_lengths_are_compared_over_time() -> None:
    assert curve_distance(np.array([0.0, 1.0]), np.array([0.0, 0.25, 0.5, 0.75, 1.0])) == pytest.approx(0)
    assert curve_distance(np.array([0.0, 1.0]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    # A triangle of height 1/2 above the line from 0 to 1 has the area 1/4.
    assert curve_distance(np.array([0.0, 1.0]), np.array([0.0, 1.0, 1.0])) == pytest.approx(0.25)


def test_curves_at_moments_keep_their_ends() -> None:
    curve = at_moments(np.array([3.0, -1.0, 7.0]), 5)
    assert curve == pytest.approx([3, 1, -1, 3, 7])


def test_steps_towards_counts_steps_that_change_anything() -> None:
    assert steps_towards(columns(4)) == 1
    assert steps_towards(sheets(200, 100, 150, 0)) == pytest.approx(2 / 3)
    assert steps_towards(sheets(200, 200, 100, 0)) == 1, "the idle step isn't counted"


def test_a_step_that_leaves_the_distance_as_it_is_leads_nowhere() -> None:
    frames = sheets(100, 0, 50)
    assert profile(frames)[0] == profile(frames)[1]
    assert steps_towards(frames) == 0.5


def test_nearest_picks_real_frames_at_even_steps() -> None:
    frames = sheets(*range(0, 90, 10))
    assert nearest(frames, 3)[:, 0, 0, 0].tolist() == [0, 40, 80]
    assert nearest(frames, 9) is not None
    with pytest.raises(AssertionError):
        nearest(frames, 10)


def test_shares_of_nothing_are_zero() -> None:
    assert (share(0, 0), share(1, 4)) == (0, 0.25)


@given(few_colours)
@settings(max_examples=40, deadline=None)
def test_ranges(frames: np.ndarray) -> None:
    distances = profile(frames)
    assert distances[-1] == 0
    assert (distances >= 0).all()
    assert (distances <= 1).all()
    assert (progress(distances) <= 1).all()
    assert progress(distances)[-1] == 1
    assert 0 <= steps_towards(frames) <= 1
    assert mean_progress(frames) <= 1
    assert curve_distance(distances, distances) == 0
    # Colours don't matter, only their differences.
    assert profile(255 - frames) == pytest.approx(distances)
