from __future__ import annotations

import pytest

from underpaint.renderers.film.frames import counts_between, evenly_spread
from underpaint.renderers.film.timing import Timing, paced


def test_rounding_is_made_good_by_the_next_frame() -> None:
    timing = Timing(fps=30, hold=0)
    shown = [timing.shown(number, number + 1, last=number == 29) for number in range(30)]
    assert set(shown) == {33, 34}
    assert sum(shown) == 1000
    assert Timing(fps=10, hold=2).shown(3, 5, last=True) == 2200
    assert Timing(fps=10, hold=2).held == 20


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"frames": None, "seconds": None, "fps": None}, (16, 8)),
        ({"frames": 40, "seconds": None, "fps": None}, (40, 8)),
        ({"frames": None, "seconds": 4, "fps": None}, (16, 4)),
        ({"frames": None, "seconds": 4, "fps": 25}, (100, 25)),
        ({"frames": None, "seconds": 0.5, "fps": 1}, (2, 1)),
        ({"frames": 60, "seconds": 2, "fps": None}, (60, 30)),
        ({"frames": 60, "seconds": 2, "fps": 30}, (60, 30)),
    ],
)
def test_two_of_frames_seconds_and_fps_make_the_third(asked: dict[str, float], found: tuple[int, float]) -> None:
    assert paced(16, usual=8, **asked) == found  # type: ignore[arg-type]


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(ValueError, match="60 frames aren't 2 seconds of 8 fps"):
        paced(16, frames=60, seconds=2, fps=8, usual=8)
    with pytest.raises(ValueError, match=r"fps of 900 frames in 2 seconds is 450: use 0\.1 to 100"):
        paced(16, frames=900, seconds=2, fps=None, usual=8)
    with pytest.raises(ValueError, match="hold is -1: use 0 to 3600"):
        Timing(hold=-1)
    with pytest.raises(ValueError, match="fps is nan"):
        Timing(fps=float("nan"))


def test_moments_between_frames_keep_their_pace() -> None:
    assert counts_between([0, 10, 100], 5) == [0, 5, 10, 55, 100]
    assert evenly_spread(3, 9) == [0, 4, 8]
