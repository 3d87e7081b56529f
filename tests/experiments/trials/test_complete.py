from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.pipelines.conftest import FRAMES
from underpaint.experiments.trials.complete import complete, complete_trial, detail, in_turn
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
