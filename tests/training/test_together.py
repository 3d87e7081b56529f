from __future__ import annotations

from typing import Any

import pytest
import torch

from underpaint.training.together import any_process, first_alone


class _Two:
    """What one of two processes sees of an accelerator; the other one says `there`."""

    num_processes, device = 2, torch.device("cpu")

    def __init__(self, *, first: bool, there: bool) -> None:
        self.is_main_process, self._there = first, there

    def reduce(self, value: torch.Tensor) -> torch.Tensor:
        return value + float(self._there)


def two(*, first: bool, there: bool) -> Any:
    return _Two(first=first, there=there)


def test_what_is_so_anywhere_is_so() -> None:
    assert any_process(two(first=True, there=True), False)
    assert any_process(two(first=True, there=False), True)
    assert not any_process(two(first=True, there=False), False)


def test_where_the_first_process_fails_the_others_stop_too() -> None:
    def fail() -> None:
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        first_alone(two(first=True, there=False), fail)
    # The others don't do the work, and so never fail by themselves.
    with pytest.raises(OSError, match="the first process can't go on"):
        first_alone(two(first=False, there=True), fail)
    first_alone(two(first=False, there=False), fail)
