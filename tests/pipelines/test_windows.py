from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from underpaint.pipelines.windows import predict_in_windows, windows, with_frames


@given(st.integers(2, 90), st.integers(3, 20), st.integers(0, 60), st.data())
def test_windows_are_whole_processes_and_cover_all(frames: int, window: int, turn: int, data: st.DataObject) -> None:
    always = data.draw(st.sets(st.integers(0, frames - 1), max_size=min(frames, window) - 2))
    sets = windows(frames, window, turn, always)
    assert set().union(*sets) == set(range(frames))
    for each in sets:
        assert len(each) == min(frames, window)
        assert list(each) == sorted(set(each))
        assert {0, frames - 1} <= set(each)
    if always:
        assert any(always <= set(each) for each in sets)


def test_frames_meet_others_from_turn_to_turn() -> None:
    first, second = windows(32, 8, 0), windows(32, 8, 1)
    assert len(first) == 5
    assert first != second


def test_frames_that_must_be_there() -> None:
    assert with_frames((0, 4, 8, 12), {5}) == (0, 5, 8, 12)
    assert with_frames((0, 4, 8, 12), {0, 12, 9, 10}) == (0, 9, 10, 12)
    with pytest.raises(ValueError, match="5 conditioning frames are more than 4 frames have room for: give fewer"):
        with_frames((0, 4, 8, 12), {1, 2, 3, 4, 5})
    with pytest.raises(ValueError, match="windows of 2 frames hold no more than the ends"):
        windows(5, 2, 0)


def test_overlaps_are_averaged() -> None:
    noisy = torch.arange(5.0).view(1, 1, 5, 1, 1)

    def predict(part: torch.Tensor, frames: object) -> torch.Tensor:
        return part + (0 if tuple(frames) == (0, 1, 4) else 10)

    made = predict_in_windows(predict, noisy, [(0, 1, 4), (0, 2, 4), (0, 3, 4)])
    assert made.flatten().tolist() == pytest.approx([20 / 3, 1, 12, 13, 4 + 20 / 3])
    assert torch.equal(predict_in_windows(predict, noisy, [range(5)]), noisy + 10)
