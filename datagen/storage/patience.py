"""Trying again, within a bound: what a store refuses now it may grant in a second."""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Callable
from errno import EACCES, EILSEQ, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM
from ftplib import error_perm
from typing import TypeVar

# With doubling delays 15 s in all, on top of what the store's own client does: longer troubles are the shard's.
TRIES = 6
FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0
# No further try after so many seconds: a server that answers nothing takes minutes for each.
PATIENCE = 90.0

# A web server that failed in all tries gets a single one for each request of the next minute: who waits for every
# picture of a dead host never ends.
DISTRUST_SECONDS = 60.0

# The next try would end in the same way.
LASTING = (FileNotFoundError, PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError)
# Numbers of errors that the name itself is to blame for: it is too long, or leads through a file, or in a circle.
NAMES_NO_FILE = (ENAMETOOLONG, ENOTDIR, ELOOP)
_LASTING_NUMBERS = (*NAMES_NO_FILE, ENOENT, EACCES, EPERM, EISDIR, EINVAL, EILSEQ)
# HTTP's answers from 400 to 499 that are none to the request: too slow, locked, too early, too many.
_BUSY = (408, 421, 423, 425, 429)
_OURS = (ValueError, TypeError, AttributeError, KeyError, ImportError, NotImplementedError, AssertionError)

# What an object store calls credentials that are no longer valid: whoever renews them may read again.
_STALE = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestTimeTooSkewed"})

Answer = TypeVar("Answer")

_failed: dict[str, float] = {}  # when a server last failed in all tries


class StoreError(OSError):
    """A store didn't do what it was asked for; says what, and what it answered."""


def is_passing(error: BaseException) -> bool:
    """Return whether what failed so may succeed later: a server, a line or a mount is in trouble, not what it gives."""
    if isinstance(error, LASTING) or not isinstance(error, OSError):
        return False
    return isinstance(error, StoreError) or (error.errno is not None and error.errno not in _LASTING_NUMBERS)


def delay_before(attempt: int, first: float) -> float:
    """Return the seconds to wait before retry `attempt` (1, 2, ...): doubling from `first` up to 60, give or take half.

    Without the randomness, all workers whose store stumbled would come back at the same moment.
    """
    return min(first * 2.0 ** (attempt - 1), LONGEST_DELAY) * (0.5 + secrets.randbelow(1001) / 1000)


def patiently(what: str, action: Callable[[], Answer], *, server: str | None = None) -> Answer:
    """Do an action, and do it again with growing pauses if it fails for a reason that may pass.

    Args:
        what: what is done, for the message, as `read s3://bucket/000000.json`.
        action: safe to do twice.
        server: one of the world's that is asked, as `https://example.org`; see `DISTRUST_SECONDS`.

    Raises:
        FileNotFoundError, PermissionError, FileExistsError: at once, as trying again is no use; also for what a server
            says in numbers, such as HTTP's 410 or 403.
        StoreError: the last error, after all tries.
    """
    began = time.monotonic()
    tries = TRIES if server is None or began - _failed.get(server, -DISTRUST_SECONDS) > DISTRUST_SECONDS else 1
    for attempt in range(1, tries + 1):
        try:
            answer = action()
        except Exception as raised:  # every store's client has errors of its own, and not all are OSErrors
            error = _meant(raised)
            if isinstance(error, LASTING + _OURS) and not _is_passing_in_disguise(error):
                raise
            if (refused := _refusal(error)) is not None:
                raise refused from error
            if attempt == tries or time.monotonic() - began > PATIENCE:
                if server is not None:
                    _failed[server] = time.monotonic()
                said = " ".join(str(error).split()) or type(error).__name__
                raise StoreError(f"can't {what} in {attempt} tries: {said}") from error
            time.sleep(delay_before(attempt, FIRST_DELAY))
        else:
            _failed.pop(server or "", None)
            return answer
    raise AssertionError("unreachable")


def _meant(error: Exception) -> Exception:
    """Return the error behind one: fsspec says of any web server that fails that there is no such file."""
    cause = error.__cause__
    is_of_the_web = isinstance(cause, TimeoutError) or type(cause).__module__.startswith(("aiohttp", "asyncio"))
    return cause if isinstance(error, FileNotFoundError) and isinstance(cause, Exception) and is_of_the_web else error


def _is_passing_in_disguise(error: Exception) -> bool:
    """Return whether an error is of a kind that lasts, but means a certificate or credentials, which are renewed."""
    response = getattr(error.__cause__, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return isinstance(error, ssl.SSLError) or code in _STALE


def _refusal(error: Exception) -> OSError | None:
    """Return what a web or FTP server has said for good as an error of files; None if it may say something else."""
    if isinstance(error, error_perm) and not str(error).startswith("530"):  # which is said of too many users, too
        is_missing = str(error).startswith("550")
        return FileNotFoundError(ENOENT, str(error)) if is_missing else PermissionError(EACCES, str(error))
    status, headers = getattr(error, "status", None), getattr(error, "headers", None) or ()
    if not isinstance(status, int) or status >= 500 or status in _BUSY or "Retry-After" in headers:
        return None
    answer = f"HTTP {status} {getattr(error, 'message', '')}".strip() if status else type(error).__name__
    return FileNotFoundError(ENOENT, answer) if status in (404, 410) else PermissionError(EACCES, answer)
