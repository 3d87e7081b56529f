from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.experiments.conftest import MEDIA
from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.experiments.commands import HELD_OUT
from underpaint.experiments.trials.unseen import apart, unseen_pictures, unseen_processes
from underpaint.training.split import held_out


def test_pictures_are_held_out_ones_in_a_fixed_order(painted: Path) -> None:
    source = str(painted / "pictures")
    found = unseen_pictures([source], HELD_OUT, SIZE, 100)
    assert len(found) == 6
    assert all(held_out(each.name, HELD_OUT) and each.caption for each in found)
    assert all(each.pixels.shape == (SIZE, SIZE, 3) for each in found)
    few = unseen_pictures([source], HELD_OUT, SIZE, 2)
    assert [each.name for each in few] == [each.name for each in found[:2]]
    assert [each.name for each in found] != sorted(each.name for each in found)


def test_processes_are_of_the_same_pictures_in_each_medium(painted: Path) -> None:
    found = unseen_processes(painted / "corpus", HELD_OUT, FRAMES, SIZE, 100)
    names = [each.name for each in unseen_pictures([str(painted / "pictures")], HELD_OUT, SIZE, 100)]
    assert sorted(found) == sorted(MEDIA)
    for medium, processes in found.items():
        assert [each.source for each in processes] == names
        assert all(each.medium == medium for each in processes)
        assert all(each.frames.shape == (FRAMES, SIZE, SIZE, 3) for each in processes)
    assert not np.array_equal(found["oil"][0].frames[-1], found["ink"][0].frames[-1])


def test_where_nothing_is_held_out_it_is_refused(painted: Path) -> None:
    with pytest.raises(ValueError, match="none of the pictures is held out"):
        unseen_pictures([str(painted / "pictures")], 1e-9, SIZE, 4)
    with pytest.raises(ValueError, match="none of its processes is held out"):
        unseen_processes(painted / "corpus", 1e-9, FRAMES, SIZE, 4)


def test_scenes_and_photographs_come_by_turns_those_with_a_process_first(painted: Path) -> None:
    sources = [str(painted / "pictures"), "scenes:60"]
    found = unseen_pictures(sources, HELD_OUT, SIZE, 8)
    assert [each.scene for each in found] == [True, False] * 4
    assert all(each.name.startswith("scenes-0/") == each.scene for each in found)
    last = [each for each in unseen_pictures(sources, HELD_OUT, SIZE, 100) if each.scene][-1]
    assert unseen_pictures(sources, HELD_OUT, SIZE, 1, first={last.name})[0].name == last.name


def test_scenes_are_told_apart_only_where_there_are_others() -> None:
    assert apart([1, -1, 2], lambda each: each > 0) == {"scenes": [1, 2], "photographs": [-1]}
    assert apart([1, 2], lambda each: each > 0) == {}
