import pytest

from underpaint.datagen.storage import patience
from underpaint.datagen.storage.patience import StoreError, delay_before, patiently


@pytest.fixture
def pauses(monkeypatch):
    """The pauses that are made, without making them."""
    made = []
    monkeypatch.setattr(patience.time, "sleep", made.append)
    return made


def failing(*errors):
    """An action that raises these, one after the other, and then gives 7."""
    left = list(errors)

    def action() -> int:
        if left:
            raise left.pop(0)
        return 7

    return action


def test_what_passes_is_tried_again(pauses):
    assert patiently("read it", failing(OSError("503"), TimeoutError(), RuntimeError("odd"))) == 7
    assert len(pauses) == 3


def test_what_lasts_is_told_with_the_last_error(pauses):
    with pytest.raises(StoreError, match=rf"can't read it in {patience.TRIES} tries: 503 slow down") as told:
        patiently("read it", failing(*[OSError("503\n  slow down")] * patience.TRIES))
    assert isinstance(told.value, OSError)
    assert len(pauses) == patience.TRIES - 1
    assert pauses[-1] > 2 * pauses[0]


@pytest.mark.parametrize("error", [FileNotFoundError("no"), PermissionError("no"), ValueError("no"), KeyError("no")])
def test_what_can_t_change_is_told_at_once(pauses, error):
    with pytest.raises(type(error)):
        patiently("read it", failing(error))
    assert pauses == []


def test_interrupts_are_never_held_back(pauses):
    with pytest.raises(KeyboardInterrupt):
        patiently("read it", failing(KeyboardInterrupt()))
    assert pauses == []


def test_pauses_double_up_to_a_minute_and_differ():
    assert all(0.5 <= delay_before(1, 1.0) <= 1.5 for _ in range(20))
    assert all(4 <= delay_before(4, 1.0) <= 12 for _ in range(20))
    assert delay_before(50, 1.0) <= 90
    assert len({delay_before(1, 1.0) for _ in range(20)}) > 1
