"""Where pictures come from: folders, globs, JSONL and CSV manifests, read as streams."""

from __future__ import annotations

import functools
import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from datagen.listings import CAPTIONS, Listed, read_captions, read_csv, read_jsonl
from datagen.seeds import feed

_JPEG, _PNG, _WEBP, _GIF = (".jpg", ".jpeg", ".jpe", ".jfif"), (".png", ".apng"), (".webp",), (".gif",)
_TIFF, _BMP, _AVIF, _JP2 = (".tif", ".tiff"), (".bmp", ".dib"), (".avif",), (".jp2", ".j2k")
_PNM = (".ppm", ".pgm", ".pbm", ".pnm")
PICTURE_SUFFIXES = frozenset(_JPEG + _PNG + _WEBP + _GIF + _TIFF + _BMP + _AVIF + _JP2 + _PNM)
# Maps that may lie beside a picture, as `cat.depth.png` beside `cat.jpg`: they are no pictures to paint.
GUIDES = ("depth", "saliency")


@dataclass(frozen=True)
class Source:
    """One picture to paint, or one recording to import.

    `index` counts from 0 in the order of the source; `name` is the path relative to the source, with
    slashes, and is all that a corpus says about where a picture came from; `path` opens the file.
    """

    index: int
    name: str
    path: Path
    caption: str | None = None
    trigger: str | None = None  # only of recordings


@dataclass(frozen=True)
class SourceList:
    """Count and digest of everything a source gives, so that a changed source is noticed."""

    count: int
    digest: str


def read_sources(location: str) -> Iterator[Source]:
    """Stream the pictures of a folder, a glob, a .jsonl or .csv, or a single file, in a fixed order.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: no picture in it, a line of a manifest that can't be read (with its number), a missing column.
    """
    path = Path(location)
    if path.is_dir():
        found = _folder(path)
    elif path.suffix.lower() == ".jsonl":
        found = read_jsonl(path)
    elif path.suffix.lower() == ".csv":
        found = read_csv(path)
    elif path.is_file():
        found = iter([Listed(path.name, path)])
    elif glob.has_magic(location):
        found = _glob(location)
    else:
        raise FileNotFoundError(f"source {location!r} does not exist: give a folder, a glob, a .jsonl or a .csv")
    index = -1
    for index, listed in enumerate(found):
        yield Source(index, listed.name, listed.path, listed.caption)
    if index < 0:
        raise ValueError(f"no picture in {location!r}: files ending in {' '.join(sorted(PICTURE_SUFFIXES))} count")


class Tally:
    """Sums up sources one by one."""

    def __init__(self) -> None:
        self._count, self._digest = 0, blake2b(digest_size=16)

    def add(self, source: Source) -> None:
        """Count a source in; name, caption and trigger matter, the file itself isn't opened."""
        self._count += 1
        feed(self._digest, source.name)
        feed(self._digest, "" if source.caption is None else source.caption)
        if source.trigger is not None:
            feed(self._digest, source.trigger)

    def sum(self) -> SourceList:
        """Everything that was added."""
        return SourceList(self._count, self._digest.hexdigest())


def sum_up(sources: Iterable[Source]) -> SourceList:
    """Count and digest of sources, read one by one."""
    tally = Tally()
    for source in sources:
        tally.add(source)
    return tally.sum()


def batches(sources: Iterator[Source], size: int) -> Iterator[tuple[Source, ...]]:
    """Cut a stream into consecutive tuples of `size`; the last may be shorter."""
    while batch := tuple(islice(sources, size)):
        yield batch


def _folder(root: Path) -> Iterator[Listed]:
    described = read_captions(root / CAPTIONS)
    for name in _walk(root, "", frozenset()):
        yield described.get(name, Listed(name, root / name))


def _walk(root: Path, prefix: str, above: frozenset[tuple[int, int]]) -> Iterator[str]:
    """Names of all pictures under root/prefix, sorted as whole paths, one folder listed at a time."""
    here = (root / prefix).stat()
    if (here.st_dev, here.st_ino) in above:  # a link back to a folder that we are in
        return
    with os.scandir(root / prefix) as entries:
        # A folder sorts with its slash, so that "a.jpg" comes before "a/b.jpg" as it does in a sorted list.
        names = sorted(e.name + "/" if e.is_dir() else e.name for e in entries if not e.name.startswith("."))
    stems = _picture_stems(names)
    for name in names:
        if name.endswith("/"):
            yield from _walk(root, prefix + name, above | {(here.st_dev, here.st_ino)})
        elif is_picture_name(name) and not _is_guide_name(name, stems):
            yield prefix + name


def _glob(pattern: str) -> Iterator[Listed]:
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    root = Path(*fixed)
    found = glob.iglob(pattern, recursive=True)  # noqa: PTH207, Path.glob takes no absolute patterns
    files = (Path(file) for file in found if is_picture_name(file))
    # The pattern may fit a guide and not its picture.
    stems = functools.cache(lambda folder: _picture_stems(path.name for path in folder.iterdir()))
    for name in sorted({file.relative_to(root).as_posix() for file in files if not file.is_dir()}):
        path = root / name
        if not _is_guide_name(path.name, stems(path.parent)):
            yield Listed(name, path)


def is_picture_name(name: str) -> bool:
    """Whether a file is taken for a picture, by its ending."""
    return os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122, ten times faster than Path


def _picture_stems(names: Iterable[str]) -> frozenset[str]:
    return frozenset(os.path.splitext(name)[0] for name in names if is_picture_name(name))  # noqa: PTH122


def _is_guide_name(name: str, stems: frozenset[str]) -> bool:
    """Whether a file is a guide of one of the pictures with these stems in its folder."""
    return any(name.endswith(f".{guide}.png") and name.removesuffix(f".{guide}.png") in stems for guide in GUIDES)
