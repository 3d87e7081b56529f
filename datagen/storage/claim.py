"""Who may write to a corpus: one job at a time."""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import SoftFileLock, Timeout

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.storage.store import Store
from underpaint.locks import lock_at
from underpaint.texts import parse_json

LOCK_FILE = ".lock"
CLAIM_FILE = ".writer"
# A forgotten job goes on for so long beside its successor, which does no harm: both write the same.
CHECK_SECONDS = 30.0


class Claim:
    """A job's hold on a corpus, in a store that may have no locks.

    Args:
        store: of the corpus.
        token: what stands in its `CLAIM_FILE` while nobody else has claimed it; None where the folder is locked.
    """

    def __init__(self, store: Store, token: str | None = None) -> None:
        self._store, self._token, self._checked = store, token, time.monotonic()

    def check(self) -> None:
        """Look now and then whether it still holds.

        Raises:
            ValueError: another job has begun to write there.
        """
        if self._token is None or time.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        holder = _holder(self._store)
        if holder.get("token") != self._token:
            who = holder.get("who", "another job")
            raise ValueError(f"{self._store} was taken over by {who}, which began later: this job stops")


@contextmanager
def only_writer(store: Store) -> Iterator[Claim]:
    """Make the corpus's folder and hold it for one job at a time; what dead writers left there is removed.

    A local folder is locked, see `lock_at`. Object stores have no locks, and one made of an object would outlive a
    killed job, which must be free to begin anew anywhere: so there the last to come has it, and the one before notices
    by `Claim.check`. The moment in which both write does no harm, as they write the same bytes under the same names.

    Raises:
        ValueError: another job is writing to the folder, or it can't be written.
    """
    store.check_writable()
    token = secrets.token_hex(8)
    with nullcontext() if store.local is None else _locked(store, store.local):
        store.write(CLAIM_FILE, canonical_json({"token": token, "who": _me(), "time": int(time.time())}))
        _clean(store)
        try:
            yield Claim(store, token if store.local is None else None)
        finally:
            if _holder(store).get("token") == token:
                _clean(store)  # workers that were stopped leave theirs
                store.remove(CLAIM_FILE)


@contextmanager
def _locked(store: Store, folder: Path) -> Iterator[None]:
    lock = lock_at(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = _holder(store).get("who", "another process")
        wait = "wait for it, or use another --out"
        if isinstance(lock, SoftFileLock):
            wait += f" (if it is dead, on a machine that was lost, remove {lock.lock_file})"
        raise ValueError(f"{folder} is being written by {holder}: {wait}") from None
    try:
        yield
    finally:
        lock.release()


def _me() -> str:
    return f"process {os.getpid()} on {platform.node()}"


def _holder(store: Store) -> dict[str, str]:
    try:
        return dict(parse_json(store.read(CLAIM_FILE)))
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def _clean(store: Store) -> None:
    for name in store.names(".*.tmp"):
        store.remove(name)
