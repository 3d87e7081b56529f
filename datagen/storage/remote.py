"""A folder of any store that fsspec knows: what fails is tried again, and what arrives is measured."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from underpaint.datagen.storage.patience import patiently
from underpaint.datagen.storage.staging import staged_file
from underpaint.extras import EXTRAS, missing

# Their objects show only when they are whole, and know no folders; renaming one would be a copy.
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "r2", "b2", "cos"})
# Servers of the world, not the user's own store.
PUBLIC = ("http://", "https://", "ftp://")
# A request to a web server is given up after so long: until it is connected, without a byte of an answer, in all.
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 10.0, 30.0, 300.0
# The extra that brings the client, by what a URL begins with.
CLIENTS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
CLIENTS |= {"http": "http", "https": "http"}

Answer = TypeVar("Answer")


def protocol_of(location: str) -> str:
    """Return what a URL begins with, such as `s3`."""
    return re.split(r"::|://", location, maxsplit=1)[0].lower()


def file_system(location: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path in it.

    Raises:
        MissingExtra: the store's client isn't installed.
        ValueError: a URL of a kind that isn't known.
    """
    import fsspec  # files on this machine need it for nothing

    try:
        # Listings that are kept would hide what other machines have written.
        filesystem, path = fsspec.core.url_to_fs(location, use_listings_cache=False, **_time_limits(location))
    except ImportError as error:
        extra = CLIENTS.get(protocol_of(location))
        if extra is None:
            raise ValueError(f"{location} can't be opened: {error}") from error
        raise missing(location, EXTRAS[extra][0], extra) from error
    except ValueError as error:
        raise ValueError(f"{location} can't be opened: {error}") from error
    return filesystem, str(path)


def _time_limits(location: str) -> dict[str, Any]:
    """Return what fsspec's client of web servers is to be told; nothing for other stores."""
    if not location.startswith(("http://", "https://")):
        return {}
    import aiohttp
    import fsspec

    limits = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
    given = fsspec.config.conf.get(protocol_of(location), {}).get("client_kwargs", {})  # which ours would replace
    return {"client_kwargs": {"timeout": limits} | given}


def server_of(location: str) -> str | None:
    """Return scheme and host of a URL behind which any server of the world may stand; None for other locations."""
    return "/".join(location.split("/")[:3]) if location.startswith(PUBLIC) else None


@lru_cache
def check_client(protocol: str) -> None:
    """Check that the client of an object store is installed, without loading it.

    Raises:
        MissingExtra: it isn't.
    """
    extra = CLIENTS.get(protocol)
    if extra is not None and find_spec(EXTRAS[extra][0]) is None:
        raise missing(f"{protocol}://", EXTRAS[extra][0], extra)


class RemoteFolder:
    """What `Store` promises, for a URL; see there.

    Args:
        location: URL of the folder.

    Raises:
        ValueError: a URL of a kind that isn't known, or whose package isn't installed.
    """

    def __init__(self, location: str) -> None:
        self._location = location.rstrip("/")
        self._shows_only_whole = protocol_of(location) in OBJECT_STORES
        self._fs, root = file_system(location)
        self._root = root.rstrip("/")

    def make(self) -> None:
        """Make the folder where stores have folders."""
        if not self._shows_only_whole:
            self._patiently("make", "", lambda: self._fs.makedirs(self._root, exist_ok=True))

    def sizes(self) -> dict[str, int]:
        """Return sizes in bytes, by name, from one listing."""
        return self._patiently("list", "", self._list)

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or None."""
        try:
            return self._patiently("look up", name, lambda: self._measure(self._path(name)))
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return bytes(self._patiently("read", name, lambda: self._fs.cat_file(self._path(name))))

    def read_range(self, name: str, offset: int, size: int) -> bytes:
        """Return a part of a file."""
        if size == 0:
            return b""  # stores answer an empty range with an error, or with everything
        end = offset + size
        data = bytes(self._patiently("read", name, lambda: self._fs.cat_file(self._path(name), start=offset, end=end)))
        return data if len(data) <= size else data[offset:end]  # some web servers know no ranges, and send it all

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file for reading."""
        opened = self._patiently("open", name, lambda: self._fs.open(self._path(name), "rb"))
        return cast("AbstractContextManager[IO[bytes]]", opened)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        self._put(name, len(data), lambda target: self._fs.pipe_file(target, data))

    @contextmanager
    def staged(self, name: str) -> Iterator[Path]:
        """Yield a path in `TMPDIR`."""
        with staged_file(name) as path:
            yield path

    def publish(self, local_file: Path, name: str) -> None:
        """Upload a file."""
        size = local_file.stat().st_size
        self._put(name, size, lambda target: self._fs.put_file(str(local_file), target))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._patiently("remove", name, lambda: self._fs.rm_file(self._path(name)))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _list(self) -> dict[str, int]:
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return {}
        files = (entry for entry in found if entry["type"] == "file")
        sizes = {str(entry["name"]).rsplit("/", 1)[-1]: int(entry["size"] or 0) for entry in files}
        sizes.pop("", None)  # the folder's own marker, which some tools write
        return sizes

    def _measure(self, path: str) -> int:
        self._fs.invalidate_cache()
        return int(self._fs.info(path)["size"])

    def _put(self, name: str, size: int, put: Callable[[str], object]) -> None:
        """Have `put` write to the final name, or to a temporary one where half-written files show."""
        target = self._path(name)
        if self._shows_only_whole:
            self._patiently("write", name, lambda: self._put_whole(target, size, put))
            return
        temporary = self._path(f".{name}.{secrets.token_hex(4)}.tmp")
        try:
            self._patiently("write", name, lambda: self._put_whole(temporary, size, put))
            self._patiently("rename", name, lambda: self._rename(temporary, target))
        except BaseException:
            with suppress(Exception):  # the error that led here is the one to tell; the next job removes the rest
                self._fs.rm_file(temporary)
            raise

    def _put_whole(self, target: str, size: int, put: Callable[[str], object]) -> None:
        put(target)
        written = self._measure(target)
        if written != size:  # a connection that broke isn't always reported
            raise OSError(f"{written} of {size} bytes arrived")

    def _rename(self, temporary: str, target: str) -> None:
        try:
            self._fs.mv(temporary, target)
        except FileExistsError:  # not every store replaces
            self._fs.rm_file(target)
            self._fs.mv(temporary, target)
        except FileNotFoundError:
            # A first try may have renamed it, and only its answer was lost.
            if not self._fs.exists(target):
                raise

    def _patiently(self, what: str, name: str, action: Callable[[], Answer]) -> Answer:
        place = f"{self._location}/{name}".rstrip("/")
        return patiently(f"{what} {place}", action, server=server_of(self._location))
