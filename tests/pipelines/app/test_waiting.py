from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from underpaint.pipelines.app.waiting import one_at_a_time, while_it_runs


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


def test_who_leaves_is_not_waited_for_but_what_was_begun_is() -> None:
    going, end, order = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        going.set()
        end.wait(30)
        order.append("first")

    left = while_it_runs(one_at_a_time(first), lambda: None, every=0.01)
    next(left)
    assert going.wait(10)
    began = time.monotonic()
    left.close()
    assert time.monotonic() - began < 10, "the event loop closes it, and must go on"
    after = while_it_runs(one_at_a_time(lambda: order.append("second")), lambda: None, every=0.01)
    next(after)
    end.set()
    list(after)
    assert order == ["first", "second"]
