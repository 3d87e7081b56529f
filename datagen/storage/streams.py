"""Files of any store as seekable streams, whose every read is tried again if the store stumbles."""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from underpaint.datagen.storage.patience import StoreError, patiently
from underpaint.datagen.storage.remote import file_system, server_of
from underpaint.datagen.storage.store import Store, is_url

# A request to an object store takes 20 to 100 ms, so smaller blocks would leave most of the line unused.
BLOCK = 4 << 20

# By any of these a store tells one state of a file from another; what they are called is each client's own choice.
_MARKS = ("ETag", "etag", "LastModified", "last_modified", "mtime", "updated", "md5Hash", "created")


def split(location: str) -> tuple[Store, str]:
    """Return the folder that a file lies in, and the file's name; `location` is a URL or a path."""
    folder, slash, name = location.rpartition("/")
    # What is left of "memory://a.jpg" and of "/a.jpg" needs its slash.
    return Store((folder + "/" * (not folder or folder.endswith(":/"))) if slash else "."), name


def joined(folder: str, name: str) -> str:
    """Return `name`, relative to a folder, as a location of its own."""
    return posixpath.join(folder, name)


def open_stream(location: str) -> IO[bytes]:
    """Open a file at a URL or a path for reading; it can seek, and holds one block in memory.

    Raises:
        FileNotFoundError: it isn't there.
        ValueError: a URL of a kind that isn't known, or whose package isn't installed.
    """
    store, name = split(location)
    if store.local is not None:
        return (store.local / name).open("rb")
    return cast("IO[bytes]", io.BufferedReader(_StoreFile(store, name), BLOCK))


class _StoreFile(io.RawIOBase):
    """A file of a remote store, read range by range: each request stands alone, so a broken one costs only itself."""

    def __init__(self, store: Store, name: str) -> None:
        super().__init__()
        size = _info(joined(store.location, name)).get("size")
        if size is None:
            raise ValueError(f"{store.url(name)}: its server doesn't tell its size; fetch it, and give the file")
        self._store, self._file, self._size, self._at = store, name, int(size), 0

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        return self.read(max(0, self._size - self._at)) or b""  # in one request, not in thousands

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        data = self._store.read_range(self._file, self._at, wanted)
        if not data:
            raise StoreError(f"{self._store.url(self._file)} ended at byte {self._at}; {self._size} were there")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def stamps(folder: str, names: Sequence[str]) -> list[str] | None:
    """Return what a file's state is known by without reading it: size, and time of change or the store's tag.

    None if the store tells neither of the two.

    Raises:
        FileNotFoundError: one of the files isn't there.
    """
    local = local_path(folder)
    if local is not None:
        states = ((local / name).stat() for name in names)
        return [f"{local.absolute()} {name} {s.st_size} {s.st_mtime_ns}" for name, s in zip(names, states, strict=True)]
    found = []
    for name in names:
        location = joined(folder, name)
        info = _info(location)
        marks = [f"{mark}={info[mark]}" for mark in _MARKS if info.get(mark)]
        if not marks:
            return None
        found.append(" ".join([location, str(info.get("size")), *marks]))
    return found


def entries(folder: str) -> list[tuple[str, bool]]:
    """Return (name, whether it is a folder) of all directly in a folder but what begins with a dot, sorted by name.

    Raises:
        OSError: it can't be read.
    """
    local = local_path(folder)
    if local is not None:
        with os.scandir(local) as found:
            return sorted((entry.name, _is_folder(entry)) for entry in found if not entry.name.startswith("."))
    filesystem, root = file_system(folder)
    listed = patiently(f"list {folder}", lambda: filesystem.ls(root, detail=True))
    # Some tools write an empty object that stands for the folder itself.
    inside = (entry for entry in listed if str(entry["name"]).strip("/") != root.strip("/"))
    pairs = {(str(entry["name"]).rstrip("/").rpartition("/")[2], entry["type"] == "directory") for entry in inside}
    return sorted(pair for pair in pairs if not pair[0].startswith("."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: whoever opens it will say so
        return False


def is_folder(location: str) -> bool:
    """Return whether there is a folder at a URL or a path."""
    local = local_path(location)
    if local is not None:
        return local.is_dir()
    if location.startswith(("http://", "https://")) and not location.endswith("/"):
        return False  # to ask is to fetch it, and to look for links in it
    filesystem, root = file_system(location)
    return bool(patiently(f"look up {location}", lambda: filesystem.isdir(root)))


def is_file(location: str) -> bool:
    """Return whether there is a file at a URL or a path."""
    local = local_path(location)
    if local is not None:
        return local.is_file()
    try:
        return bool(_info(location)["type"] == "file")
    except FileNotFoundError:
        return False


def globbed(pattern: str) -> list[str]:
    """Return the locations of the files that fit a pattern of a remote store, sorted."""
    filesystem, path = file_system(pattern)
    found = patiently(f"list {pattern}", lambda: filesystem.glob(path, detail=True))
    protocol = pattern.partition("://")[0]
    names = (str(name) for name, entry in found.items() if entry["type"] == "file")
    return sorted(name if is_url(name) else f"{protocol}://{name.lstrip('/')}" for name in names)


def _info(location: str) -> dict[str, Any]:
    filesystem, path = file_system(location)
    return dict(patiently(f"look up {location}", lambda: filesystem.info(path), server=server_of(location)))


def local_path(location: str) -> Path | None:
    """Return the path of a location on this machine's file system, be it a `file://` URL; None for others."""
    return Store(location).local
