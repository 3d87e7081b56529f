from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.pipelines.conftest import FRAMES
from underpaint.experiments.trials.complete import complete, complete_trial, detail, in_turn, staying, went_on
from underpaint.experiments.trials.unseen import UnseenProcess


def processes(medium: str, count: int) -> list[UnseenProcess]:
    return [
        UnseenProcess(source=f"{number}.png", medium=medium, caption="", frames=np.zeros((2, 4, 4, 3), np.uint8))
        for number in range(count)
    ]


def test_media_take_turns_and_pictures_differ() -> None:
    found = in_turn({"oil": processes("oil", 3), "ink": processes("ink", 3)}, 4)
    assert [(each.medium, each.source) for each in found] == [
        ("oil", "0.png"), ("ink", "1.png"), ("oil", "1.png"), ("ink", "2.png")
    ]  # fmt: skip


def test_there_are_no_more_than_there_are() -> None:
    assert len(in_turn({"oil": processes("oil", 2), "ink": processes("ink", 1)}, 9)) == 3


def test_detail_is_what_neighbours_differ_by() -> None:
    frame = np.zeros((4, 4, 3), np.uint8)
    assert detail(frame) == 0
    frame[:, ::2] = 255
    assert detail(frame) == 1


def test_the_middle_frame_is_given(context: Any) -> None:
    chosen = in_turn(context.processes, 2)
    found, painted = complete(context, chosen)
    assert len(painted) == 2
    assert len(found.detail) == FRAMES
    half = FRAMES // 2
    for real in chosen:
        assert not np.array_equal(real.frames[half], real.frames[-1])
    # What is given is nearer to the end than the networks, which have learned nothing, come.
    assert found.before is not None
    assert found.after is not None
    assert found.before.mean > found.after.mean


def test_the_trial_shows_them(context: Any) -> None:
    finding = complete_trial(context)
    assert dict(finding.table)["processes"] == "3"
    assert finding.figures["first"]["count"] == 3
    assert (context.folder("complete") / finding.sheets[0].file).is_file()


@pytest.mark.parametrize("number", [1, 5])
def test_the_same_are_chosen_each_time(context: Any, number: int) -> None:
    one, two = (in_turn(context.processes, number) for _ in range(2))
    assert [each.source for each in one] == [each.source for each in two]
    assert len(one) == number


def test_pixels_stay_until_a_step_paints_them_over() -> None:
    given = np.full((1, 4, 3), 100, np.uint8)
    made = np.stack([given] * 4)
    assert staying(given, made) == 1
    made[2:, 0, 0] = 200  # painted over at once, and once more
    made[3, 0, 0] = 30
    made[1:, 0, 3] = 0  # painted over, and then left so
    assert staying(given, made) == 1
    made[1:, 0, 1] += np.array([20, 40, 60], np.uint8)[:, None]  # drifts away
    assert staying(given, made) == 0.75
    made[:, 0, 2] = 180  # not what was given, from the start
    assert staying(given, made) == 0.5


def test_half_of_a_process_is_real_and_half_painted_on() -> None:
    real, made = (np.arange(start, start + 8, dtype=np.uint8).reshape(8, 1, 1, 1) for start in (0, 100))
    assert went_on(real, made).ravel().tolist() == [0, 1, 2, 3, 4, 102, 105, 107]
