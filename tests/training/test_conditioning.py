from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from underpaint.training.conditioning import conditioning_frames


@given(st.integers(0, 2**62), st.integers(2, 32), st.booleans())
def test_one_to_three_frames_are_shown(seed: int, frames: int, starts_later: bool) -> None:
    shown = conditioning_frames(seed, frames, starts_later=starts_later)
    assert len(shown) == frames
    assert 1 <= sum(shown) <= 3
    assert shown == conditioning_frames(seed, frames, starts_later=starts_later)
    assert shown[0] or not starts_later


def test_first_and_last_are_likely_and_of_the_others_the_middle() -> None:
    rows = [conditioning_frames(seed, 9) for seed in range(3000)]
    share = [sum(row[index] for row in rows) / len(rows) for index in range(9)]
    # Of 1, 2 or 3 draws at least one falls on it: 1 - (2/3 + 4/9 + 8/27) / 3.
    assert abs(share[0] - 0.53) < 0.04
    assert abs(share[8] - 0.53) < 0.04
    assert share[1] < share[2] < share[4]
    assert share[7] < share[6] < share[4]


def test_none_may_be_shown_where_that_is_allowed() -> None:
    rows = [conditioning_frames(seed, 9, least=0) for seed in range(2000)]
    assert 0.2 < sum(not any(row) for row in rows) / len(rows) < 0.3
    assert all(conditioning_frames(seed, 9, starts_later=True, least=0)[0] for seed in range(50))
