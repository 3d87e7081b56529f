from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from underpaint.pipelines.app.waiting import while_it_runs


def test_there_is_something_to_see_until_it_is_done() -> None:
    looked, seen = threading.Event(), []

    def look() -> str:
        looked.set()
        return "waiting"

    def run() -> Iterator[str]:
        seen.append((yield from while_it_runs(lambda: looked.wait(10), look, every=0.01)))

    assert set(run()) == {"waiting"}
    assert seen == [True], "its result"


def test_its_errors_are_raised() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(while_it_runs(fail, lambda: None))
