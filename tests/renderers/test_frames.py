import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.renderers.frames import SCHEDULES, progress_by_phase, psnr_progress, stroke_counts

Curve = npt.NDArray[np.float64]

# Errors of any course, up and down, down to nothing.
curves = st.lists(st.floats(0, 1), min_size=1, max_size=80).map(np.array)


@settings(max_examples=300, deadline=None)
@given(curves, st.integers(2, 60), st.sampled_from(SCHEDULES))
def test_any_schedule_runs_from_the_ground_to_the_last_stroke(curve: Curve, n: int, schedule: str) -> None:
    counts = stroke_counts(psnr_progress(curve), n, schedule)
    total = len(curve) - 1
    assert counts.shape == (n,)
    assert counts.dtype == np.int64
    assert counts[0] == 0
    assert counts[-1] == total
    steps = np.diff(counts)
    if n <= total + 1:
        assert (steps > 0).all()
    else:
        assert set(steps.tolist()) <= {0, 1}


def test_error_schedule_takes_equal_steps_of_psnr() -> None:
    curve = 0.3 * np.exp(-(np.linspace(0, 6, 2001) ** 0.7))
    psnr = -10 * np.log10(curve[stroke_counts(psnr_progress(curve), 16, "error")])
    steps = np.diff(psnr)
    np.testing.assert_allclose(steps, steps.mean(), rtol=0.03)


def test_error_schedule_gives_an_early_gain_more_frames_than_a_late_crawl() -> None:
    curve = np.concatenate([np.geomspace(1, 0.01, 101), np.linspace(0.01, 0.009, 900)])
    assert stroke_counts(psnr_progress(curve), 12, "error")[9] < 150


def test_a_stroke_that_spoils_the_picture_for_a_moment_gets_no_frames_of_its_own() -> None:
    curve = np.geomspace(1, 0.01, 201)
    spoilt = curve.copy()
    spoilt[50:60] *= 3
    np.testing.assert_allclose(
        stroke_counts(psnr_progress(spoilt), 10), stroke_counts(psnr_progress(curve), 10), atol=11
    )


def test_progress_only_rises_from_nothing() -> None:
    progress = psnr_progress(np.array([0.4, 0.2, 0.3, 0.1, 0.0]))
    assert progress[0] == 0
    assert progress[1] == progress[2] == pytest.approx(np.log(2))
    assert np.isfinite(progress).all()
    assert (np.diff(progress) >= 0).all()


def test_one_huge_stroke_does_not_fill_several_frames() -> None:
    curve = np.array([1.0, 1.0, 1.0, 1e-6, 1e-6, 1e-6])
    assert stroke_counts(psnr_progress(curve), 6).tolist() == [0, 1, 2, 3, 4, 5]


def test_strokes_schedule_is_even_and_log_schedule_geometric() -> None:
    curve = np.ones(1001)
    assert stroke_counts(psnr_progress(curve), 5, "strokes").tolist() == [0, 250, 500, 750, 1000]
    counts = stroke_counts(psnr_progress(curve), 11, "log")
    ratios = (counts[1:] + 1) / (counts[:-1] + 1)
    np.testing.assert_allclose(ratios[4:], 1001**0.1, rtol=0.05)


@pytest.mark.parametrize("curve", [np.ones(50), np.zeros(50), np.linspace(0.1, 0.5, 50)])
def test_a_painting_that_never_improves_still_gives_distinct_moments(curve: Curve) -> None:
    assert (np.diff(stroke_counts(psnr_progress(curve), 10)) > 0).all()


def test_no_strokes_repeat_the_ground() -> None:
    assert stroke_counts(psnr_progress(np.array([0.2])), 4).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("n", [1, 0, -3])
def test_fewer_than_two_frames_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"frames={n}.*at least 2"):
        stroke_counts(np.ones(5), n)


def test_unknown_schedule_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"'linear'.*error, time, change, log, strokes"):
        stroke_counts(np.ones(5), 3, "linear")


def test_each_phase_is_its_share_of_the_way() -> None:
    phase, work = np.array([0, 0, 2, 2]), np.array([3.0, 1.0, 0.0, 0.0])
    # The second has no strokes, and those of the third do nothing.
    np.testing.assert_allclose(progress_by_phase(phase, work, (2.0, 7.0, 1.0)), [0, 1.5, 2, 2.5, 3])
