"""Where the bytes of a picture lie that is no file of this machine: at a URL, in a tar, in Parquet, or drawn."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias, TypeVar

from underpaint.datagen.pictures.cells import read_cell
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.storage.patience import NAMES_NO_FILE, is_passing
from underpaint.datagen.storage.remote import PUBLIC
from underpaint.datagen.storage.store import is_url
from underpaint.datagen.storage.streams import joined, local_path, open_stream, split

# Fetched whole, so this bounds a worker's memory. A camera's picture, even one stored without compression, is smaller.
MOST_BYTES = 256 << 20

Located = TypeVar("Located", bound="_Located")


@dataclass(frozen=True)
class _Located:
    """What has a location: a URL, or a path on this machine."""

    location: str

    def absolute(self: Located) -> Located:
        """Return it with an absolute path, for a process with another working directory; named as in `Path`."""
        return self if is_url(self.location) else replace(self, location=str(Path(self.location).absolute()))

    def is_dir(self) -> bool:
        """Return False; named as in `Path`."""
        return False


@dataclass(frozen=True)
class Extent(_Located):
    """A file at a URL, or a part of a file: small, so that it travels well, and a worker fetches just these bytes.

    Attributes:
        location: URL of the file, or its path on this machine.
        offset, size: which bytes of it; all when size is None.
        beside: (name, offset, size) of the guides that lie in the same tar.
    """

    offset: int = 0
    size: int | None = None
    beside: tuple[tuple[str, int, int], ...] = ()

    def guide(self, name: str) -> Extent | None:
        """Return where the guide `name` lies, `cat.depth.png` beside `cat.jpg`; None if there is surely none."""
        if self.size is None:
            path = PurePosixPath(self.location)
            return Extent(self.location.removesuffix(path.name) + f"{path.stem}.{name}.png")
        spans = (Extent(self.location, offset, size) for found, offset, size in self.beside if found == name)
        return next(spans, None)

    def read(self) -> bytes:
        """Fetch the bytes.

        Raises:
            BadPicture: `too-large`, or `truncated` if the file ends too early.
            OSError: FileNotFoundError if it isn't there.
        """
        store, name = split(self.location)
        size = self.size
        if size is None and self.location.startswith(PUBLIC):
            size = MOST_BYTES  # servers often don't know, and send what there is
        if size is None:
            size = store.size(name)
            if size is None:
                raise FileNotFoundError(f"{self.location} does not exist")
        if size > MOST_BYTES:
            raise BadPicture("too-large", f"a file of {size} bytes, {MOST_BYTES} are allowed")
        with nullcontext() if self.size is None else _was_there(self.location):
            data = store.read_range(name, self.offset, size)
        if self.size is not None and len(data) != self.size:
            raise BadPicture("truncated", f"{self.location} ends before byte {self.offset + self.size}")
        return data


@dataclass(frozen=True)
class Cell(_Located):
    """A picture in a Parquet file: its row group, its row in there, and the column.

    Attributes:
        instead: location of the file that a row names for when it has no bytes, as Hugging Face's datasets do.
    """

    group: int
    row: int
    column: str
    instead: str | None = None

    def absolute(self) -> Cell:
        """Return it with absolute paths."""
        instead = self.instead
        if instead is not None and not is_url(instead):
            instead = str(Path(instead).absolute())
        return replace(super().absolute(), instead=instead)

    def guide(self, name: str) -> None:
        """Return None: a Parquet file holds no guides."""

    def read(self) -> bytes:
        """Fetch the bytes; cheap for the row after the one that was fetched last."""
        with _was_there(self.location):
            data = read_cell(self.location, self.group, self.row, self.column)
        return data if data or self.instead is None else Extent(self.instead).read()


@contextmanager
def _was_there(location: str) -> Iterator[None]:
    """Tell a tar or table that is gone, though its rows were read, from a picture that never was there."""
    try:
        yield
    except FileNotFoundError:
        raise BadPicture("unreachable", f"{location} is gone; it was there when its rows were read") from None


@dataclass(frozen=True)
class Nowhere:
    """Stands for a picture that a list has, but no file: `why` tells what was found."""

    why: str

    def absolute(self) -> Nowhere:
        """Return it as it is."""
        return self

    def is_dir(self) -> bool:
        """Return False; named as in `Path`."""
        return False

    def guide(self, name: str) -> None:
        """Return None."""

    def read(self) -> bytes:
        """Raise FileNotFoundError."""
        raise FileNotFoundError(self.why)


Remote: TypeAlias = Extent | Cell | Nowhere | Drawn
Place: TypeAlias = Path | Remote


def fetched(place: Remote) -> bytes:
    """Return the bytes of a picture, at least one.

    Raises:
        BadPicture: `missing`, `unreadable`, `empty`, `truncated` or `too-large`; or `unreachable` when its server or
            its store is out of order, after all tries.
    """
    with _blaming_the_name(place):
        data = place.read()
    if not data:
        raise BadPicture("empty", "zero bytes")
    return data


def streamed(place: Remote) -> IO[bytes]:
    """Open the bytes of a picture, which may be too large for the memory: a whole file is read piece by piece.

    Raises:
        BadPicture: those of `fetched`.
    """
    if not isinstance(place, Extent) or place.size is not None:
        return io.BytesIO(fetched(place))
    with _blaming_the_name(place):
        return open_stream(place.location)


@contextmanager
def _blaming_the_name(place: Remote) -> Iterator[None]:
    """Turn into a verdict on the picture what is wrong with its name, with what lies there, or with the way there."""
    try:
        yield
    except (BadPicture, MemoryError, ImportError):
        raise  # a package that this machine lacks is no fault of the picture's
    except FileNotFoundError as error:
        raise BadPicture("missing", str(error) if isinstance(place, Nowhere) else "no such file") from None
    except OSError as error:
        raise verdict(error) from None
    except Exception as error:  # a URL that its client doesn't understand can make it raise anything
        raise BadPicture("unreadable", f"{type(error).__name__}: {error}") from None


def verdict(error: OSError) -> BadPicture:
    """Return what an error in opening or reading says of a picture: `unreachable`, `missing` or `unreadable`."""
    why = error.strerror or str(error) or type(error).__name__
    if is_passing(error):
        return BadPicture("unreachable", why)
    if isinstance(error, FileNotFoundError):
        return BadPicture("missing", "no such file")
    return BadPicture("missing" if error.errno in NAMES_NO_FILE else "unreadable", why)


def place_of(location: str) -> Place:
    """Return where a whole file lies: a Path of this machine, or an Extent."""
    local = local_path(location)
    return Extent(location) if local is None else local


def places_below(folder: str) -> Callable[[str], Place]:
    """Return a function from a name in a folder to where that file lies; `place_of` for millions of names."""
    local = local_path(folder)
    return (lambda name: Extent(joined(folder, name))) if local is None else (lambda name: local / name)


def beside(folder: str, file: str) -> Place:
    """Return where `file` of a list in `folder` lies: relative to it, at a path or URL of its own."""
    if is_url(file):
        return place_of(file)
    if is_url(folder) and not file.startswith("/"):
        return Extent(joined(folder, file))
    return Path(folder) / file
