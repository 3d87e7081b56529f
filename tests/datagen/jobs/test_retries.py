import pytest

from underpaint.datagen.jobs.retries import FIRST_DELAY, Retries, may_pass
from underpaint.datagen.jobs.shard import ShardFailed, ShardTask
from underpaint.datagen.storage.patience import StoreError


def task(index: int) -> ShardTask:
    return ShardTask(index=index, sources=(), maker=None, fingerprint="f")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "error", [StoreError("503"), OSError(28, "full"), MemoryError(), ShardFailed("no"), TimeoutError()]
)
def test_what_the_machine_is_to_blame_for_may_pass(error):
    assert may_pass(error)


@pytest.mark.parametrize("error", [ValueError(), AssertionError(), IsADirectoryError(), FileExistsError()])
def test_what_would_happen_again_may_not(error):
    assert not may_pass(error)


def test_a_shard_comes_back_later_and_later_and_then_no_more():
    clock = Clock()
    retries = Retries(2, clock)
    pauses = []
    for number in (1, 2):
        assert retries.add(task(5))
        assert (len(retries), retries.due()) == (1, None)
        pauses.append(retries.seconds_to_next())
        clock.now += pauses[-1]
        assert retries.due().index == 5
        assert (len(retries), retries.tries(5)) == (0, number + 1)
    assert not retries.add(task(5))
    assert 0.5 * FIRST_DELAY <= pauses[0] <= 1.5 * FIRST_DELAY
    assert FIRST_DELAY <= pauses[1] <= 3 * FIRST_DELAY


def test_the_first_to_be_due_comes_first():
    clock = Clock()
    retries = Retries(1, clock)
    for index in range(4):
        clock.now += 10
        retries.add(task(index))
    clock.now += 10
    assert [retries.due().index for _ in range(4)] == [0, 1, 2, 3]
    assert (retries.due(), retries.seconds_to_next()) == (None, 0.0)


def test_a_shard_that_is_done_begins_anew():
    retries = Retries(1, Clock())
    assert retries.add(task(1))
    retries.forget(1)
    assert retries.add(task(1))
    assert not Retries(0).add(task(1))
