"""Where a corpus lies: a folder, local or of any store that fsspec knows, whose files are whole or not there."""

from __future__ import annotations

import os
import re
import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO

from underpaint.datagen.storage.local import LocalFolder
from underpaint.datagen.storage.remote import RemoteFolder

# A sidecar takes an object store some 20 ms, and none of the processor: 1,000 of them take a second or two.
READ_AHEAD = 16

_URL = re.compile(r"^[a-z][a-z0-9+.-]*(::|://)", re.IGNORECASE)


def is_url(location: str | Path) -> bool:
    """Return whether a location is for fsspec, and not a path of this machine; `file://` is a URL too."""
    return isinstance(location, str) and _URL.match(location) is not None


def as_store(place: Store | Path | str) -> Store:
    """Return the store at a path or URL; a store as it is."""
    return place if isinstance(place, Store) else Store(os.fspath(place))


def read_many(store: Store, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Stream (name, content) of files in the given order; of a remote store several are fetched ahead.

    Raises:
        FileNotFoundError: one of them isn't there.
    """
    if store.local is not None:
        yield from ((name, store.read(name)) for name in names)
        return
    waiting = iter(names)
    with ThreadPoolExecutor(READ_AHEAD) as pool:
        fetched = deque((name, pool.submit(store.read, name)) for name in islice(waiting, READ_AHEAD))
        while fetched:
            name, content = fetched.popleft()
            yield name, content.result()
            fetched.extend((name, pool.submit(store.read, name)) for name in islice(waiting, 1))


@dataclass(frozen=True)
class Store:
    """A folder of files: `corpus`, `/abs/corpus`, `s3://bucket/corpus`, `memory://corpus` or any other fsspec URL.

    It holds nothing but its location, so it travels to workers; each process opens its own connection. What a remote
    store refuses is tried again as `patience` says; whatever it raises comes out as an OSError.

    Raises:
        ValueError: a URL of a kind that isn't known, or whose package isn't installed; on first use.
    """

    location: str

    def __post_init__(self) -> None:
        given = os.fspath(self.location)
        if given.startswith("file://"):
            given = "/" + given.removeprefix("file://").lstrip("/")
        bare = given.rstrip("/")
        object.__setattr__(self, "location", given if bare.endswith(":") else bare or given)

    def __str__(self) -> str:
        return self.location

    def __getstate__(self) -> dict[str, str]:
        return {"location": self.location}  # connections stay here

    @cached_property
    def _folder(self) -> LocalFolder | RemoteFolder:
        return RemoteFolder(self.location) if self.local is None else LocalFolder(self.local)

    def url(self, name: str) -> str:
        """Return where a file is, for messages and for `fsspec.open`."""
        return f"{self.location.rstrip('/')}/{name}"

    @property
    def local(self) -> Path | None:
        """The folder, if it is on this machine's file system."""
        return None if is_url(self.location) else Path(self.location)

    def absolute(self) -> Store:
        """Return it with absolute paths, for a process with another working directory."""
        return self if self.local is None else Store(str(self.local.absolute()))

    def is_within(self, other: Store) -> bool:
        """Return whether this is the other folder, or lies in it, whatever links lead there."""
        if self.local is not None and other.local is not None:
            return self.local.resolve().is_relative_to(other.local.resolve())
        return f"{self.location.rstrip('/')}/".startswith(f"{other.location.rstrip('/')}/")

    def names(self, pattern: str = "*") -> list[str]:
        """Return the names of the files directly inside that fit a pattern, sorted; a leading dot must be given."""
        hidden = pattern.startswith(".")
        return sorted(n for n in self.sizes() if fnmatchcase(n, pattern) and n.startswith(".") <= hidden)

    def sizes(self) -> dict[str, int]:
        """Return sizes in bytes of all files directly inside, by name, from one listing; none if there is no folder."""
        return self._folder.sizes()

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes; None if it isn't there."""
        return self._folder.size(name)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            FileNotFoundError: it isn't there.
        """
        return self._folder.read(name)

    def read_range(self, name: str, offset: int, size: int) -> bytes:
        """Return `size` bytes of a file from `offset` on; fewer where it ends before.

        Raises:
            FileNotFoundError: it isn't there.
        """
        return self._folder.read_range(name, offset, size)

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file for reading as a stream; only opening is tried again, what fails later is the caller's.

        Raises:
            FileNotFoundError: it isn't there.
        """
        return self._folder.open(name)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file; it appears whole, or not at all."""
        self._folder.write(name, data)

    def staged(self, name: str) -> AbstractContextManager[Path]:
        """Yield a local path for building the file `name` before `publish`; gone when the block ends.

        What a killed process leaves is removed by the next one. It lies inside a local folder, so that publishing is a
        rename; in `TMPDIR` otherwise.
        """
        return self._folder.staged(name)

    def publish(self, local_file: Path, name: str) -> None:
        """Have a finished local file, see `staged`, appear under its name, whole and on disk, or not at all."""
        self._folder.publish(local_file, name)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._folder.remove(name)

    def make(self) -> None:
        """Make the folder where stores have folders; a bucket must be there already."""
        self._folder.make()

    def check_writable(self) -> None:
        """Make the folder if need be, and write and remove a small file in it.

        Raises:
            ValueError: that isn't possible; says why.
        """
        probe = f".probe-{secrets.token_hex(4)}.tmp"
        try:
            self.make()
            self.write(probe, b"can this be written?\n")
            self.remove(probe)
        except OSError as error:
            why = error.strerror if error.errno and error.strerror else f"{type(error).__name__}: {error}"
            raise ValueError(f"{self.location} can't be written ({why}): see to it, or use another --out") from error
