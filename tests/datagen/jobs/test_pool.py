from collections.abc import Iterator

import pytest

from underpaint.datagen.jobs.pool import ITEMS_PER_WORKER, in_order


def squared(number: int) -> int:
    if number == 13:
        raise ValueError("unlucky")
    return number * number


def test_answers_come_in_order_from_processes_too():
    for workers in (0, 1, 2):
        assert list(in_order(squared, range(10), workers)) == [number * number for number in range(10)]


def test_items_are_taken_as_they_are_needed():
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield 1

    answers = in_order(squared, items(), 1)
    next(answers)
    assert len(taken) <= ITEMS_PER_WORKER + 1
    answers.close()  # type: ignore[attr-defined]


def test_what_an_item_raises_ends_it_all():
    for workers in (0, 1):
        with pytest.raises(ValueError, match="unlucky"):
            list(in_order(squared, [1, 13, 2], workers))


def test_fewer_than_no_workers():
    with pytest.raises(ValueError, match="workers is -1"):
        list(in_order(squared, [1], -1))
