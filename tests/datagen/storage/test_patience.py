import ftplib
import ssl

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


def test_of_a_web_server_that_is_down_fsspec_says_that_there_is_no_file(pauses):
    aiohttp = pytest.importorskip("aiohttp")
    error = FileNotFoundError("http://x/a")
    error.__cause__ = aiohttp.ServerDisconnectedError()
    with pytest.raises(StoreError, match="Server disconnected"):
        patiently("look it up", failing(*[error] * 6))
    error.__cause__ = aiohttp.ClientResponseError(None, (), status=404)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        patiently("look it up", failing(error))


def test_a_certificate_that_is_refused_may_be_another_tomorrow(pauses):
    with pytest.raises(StoreError):
        patiently("read it", failing(*[ssl.SSLCertVerificationError("expired")] * 6))


def test_ftp_has_numbers_of_its_own(pauses):
    for said, kind in (
        ("550 no such file", FileNotFoundError),
        ("553 name", PermissionError),
        ("530 full", StoreError),
    ):
        with pytest.raises(kind):
            patiently("read it", failing(*[ftplib.error_perm(said)] * 6))


def test_credentials_that_have_expired_may_be_renewed(pauses):
    error = PermissionError("The provided token has expired.")
    error.__cause__ = Exception()
    error.__cause__.response = {"Error": {"Code": "ExpiredToken"}}  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="The provided token"):
        patiently("read it", failing(*[error] * 6))


def test_a_server_that_is_down_is_not_waited_for_again_and_again(pauses, monkeypatch):
    monkeypatch.setattr(patience, "_failed", {})
    down = [OSError("down")] * patience.TRIES
    for server, waits in (("http://a", 5), ("http://a", 5), ("http://b", 10)):
        with pytest.raises(StoreError):
            patiently("read it", failing(*down), server=server)
        assert len(pauses) == waits
    assert patiently("read it", failing(), server="http://a") == 7  # it is back, and trusted
    assert patiently("read it", failing(OSError("stumbles")), server="http://a") == 7
