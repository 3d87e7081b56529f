from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.experiments.conftest import MEDIA
from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.experiments.learn.pictures import HELD_OUT
from underpaint.experiments.trials.unseen import unseen_pictures, unseen_processes
from underpaint.training.split import held_out


def test_pictures_are_held_out_ones_in_a_fixed_order(painted: Path) -> None:
    source = str(painted / "pictures")
    found = unseen_pictures(source, HELD_OUT, SIZE, 100)
    assert len(found) == 6
    assert all(held_out(each.name, HELD_OUT) and each.caption for each in found)
    assert all(each.pixels.shape == (SIZE, SIZE, 3) for each in found)
    few = unseen_pictures(source, HELD_OUT, SIZE, 2)
    assert [each.name for each in few] == [each.name for each in found[:2]]
    assert [each.name for each in found] != sorted(each.name for each in found)


def test_processes_are_of_the_same_pictures_in_each_medium(painted: Path) -> None:
    found = unseen_processes(painted / "corpus", HELD_OUT, FRAMES, SIZE, 100)
    names = [each.name for each in unseen_pictures(str(painted / "pictures"), HELD_OUT, SIZE, 100)]
    assert sorted(found) == sorted(MEDIA)
    for medium, processes in found.items():
        assert [each.source for each in processes] == names
        assert all(each.medium == medium for each in processes)
        assert all(each.frames.shape == (FRAMES, SIZE, SIZE, 3) for each in processes)
    assert not np.array_equal(found["oil"][0].frames[-1], found["ink"][0].frames[-1])


def test_where_nothing_is_held_out_it_is_refused(painted: Path) -> None:
    with pytest.raises(ValueError, match="none of its pictures is held out"):
        unseen_pictures(str(painted / "pictures"), 1e-9, SIZE, 4)
    with pytest.raises(ValueError, match="none of its processes is held out"):
        unseen_processes(painted / "corpus", 1e-9, FRAMES, SIZE, 4)
