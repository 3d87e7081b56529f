"""Where pictures come from: folders, globs, JSONL and CSV manifests, read as streams."""

from __future__ import annotations

import csv
import functools
import glob
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.seeds import feed

_JPEG, _PNG, _WEBP, _GIF = (".jpg", ".jpeg", ".jpe", ".jfif"), (".png", ".apng"), (".webp",), (".gif",)
_TIFF, _BMP, _AVIF, _JP2 = (".tif", ".tiff"), (".bmp", ".dib"), (".avif",), (".jp2", ".j2k")
_PNM = (".ppm", ".pgm", ".pbm", ".pnm")
PICTURE_SUFFIXES = frozenset(_JPEG + _PNG + _WEBP + _GIF + _TIFF + _BMP + _AVIF + _JP2 + _PNM)
CAPTIONS = "captions.jsonl"
# Maps that may lie beside a picture, as `cat.depth.png` beside `cat.jpg`: they are no pictures to paint.
GUIDES = ("depth", "saliency")


@dataclass(frozen=True)
class Source:
    """One picture to paint.

    `index` counts from 0 in the order of the source; `name` is the path relative to the source, with
    slashes, and is all that a corpus says about where a picture came from; `path` opens the file.
    """

    index: int
    name: str
    path: Path
    caption: str | None = None


@dataclass(frozen=True)
class SourceList:
    """Count and digest of everything a source gives, so that a changed source is noticed."""

    count: int
    digest: str


def read_sources(location: str) -> Iterator[Source]:
    """Stream the pictures of a folder, a glob, a .jsonl or .csv, or a single file, in a fixed order.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: a line of a manifest that can't be read (with its number), a column that is missing.
    """
    path = Path(location)
    if path.is_dir():
        found = _folder(path)
    elif path.suffix.lower() == ".jsonl":
        found = _jsonl(path)
    elif path.suffix.lower() == ".csv":
        found = _csv(path)
    elif path.is_file():
        found = iter([(path.name, path, None)])
    elif glob.has_magic(location):
        found = _glob(location)
    else:
        raise FileNotFoundError(f"source {location!r} does not exist: give a folder, a glob, a .jsonl or a .csv")
    for index, (name, file, caption) in enumerate(found):
        yield Source(index, name, file, caption)


class Tally:
    """Sums up sources one by one."""

    def __init__(self) -> None:
        self._count, self._digest = 0, blake2b(digest_size=16)

    def add(self, source: Source) -> None:
        """Count a source in; name and caption matter, the file itself isn't opened."""
        self._count += 1
        feed(self._digest, source.name)
        feed(self._digest, "" if source.caption is None else source.caption)

    def sum(self) -> SourceList:
        """Everything that was added."""
        return SourceList(self._count, self._digest.hexdigest())


def list_sources(location: str) -> SourceList:
    """Read a whole source once and sum it up.

    Raises:
        ValueError: no picture in it, or as `read_sources`.
    """
    tally = Tally()
    for source in read_sources(location):
        tally.add(source)
    sources = tally.sum()
    if not sources.count:
        raise ValueError(f"no picture in {location!r}: files ending in {' '.join(sorted(PICTURE_SUFFIXES))} count")
    return sources


def batches(sources: Iterator[Source], size: int) -> Iterator[tuple[Source, ...]]:
    """Cut a stream into consecutive tuples of `size`; the last may be shorter."""
    while batch := tuple(islice(sources, size)):
        yield batch


_Found = tuple[str, Path, "str | None"]


def _folder(root: Path) -> Iterator[_Found]:
    captions = _captions(root / CAPTIONS)
    for name in _walk(root, "", frozenset()):
        yield name, root / name, captions.get(name)


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
        elif _is_picture_name(name) and not _is_guide_name(name, stems):
            yield prefix + name


def _glob(pattern: str) -> Iterator[_Found]:
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    root = Path(*fixed)
    found = glob.iglob(pattern, recursive=True)  # noqa: PTH207, Path.glob takes no absolute patterns
    files = (Path(file) for file in found if _is_picture_name(file))
    # The pattern may fit a guide and not its picture.
    stems = functools.cache(lambda folder: _picture_stems(path.name for path in folder.iterdir()))
    for name in sorted({file.relative_to(root).as_posix() for file in files if not file.is_dir()}):
        path = root / name
        if not _is_guide_name(path.name, stems(path.parent)):
            yield name, path, None


def _is_picture_name(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122, ten times faster than Path


def _picture_stems(names: Iterable[str]) -> frozenset[str]:
    return frozenset(os.path.splitext(name)[0] for name in names if _is_picture_name(name))  # noqa: PTH122


def _is_guide_name(name: str, stems: frozenset[str]) -> bool:
    """Whether a file is a guide of one of the pictures with these stems in its folder."""
    return any(name.endswith(f".{guide}.png") and name.removesuffix(f".{guide}.png") in stems for guide in GUIDES)


def _jsonl(manifest: Path) -> Iterator[_Found]:
    with manifest.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _located(manifest, number, _parse(manifest, number, line))


def _parse(manifest: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:  # both not JSON and not UTF-8
        raise ValueError(f"{manifest}, line {number}: not JSON ({error})") from None


def _csv(manifest: Path) -> Iterator[_Found]:
    # utf-8-sig: spreadsheets put a byte order mark in front, which is no part of the first column's name.
    with manifest.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        try:
            columns = rows.fieldnames or ()
            if "file" not in columns:
                raise ValueError(f"{manifest}, line 1: no column named `file` among {', '.join(columns) or 'none'}")
            for row in rows:
                yield _located(manifest, rows.line_num, row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{manifest}, line {rows.line_num + 1}: not CSV in UTF-8 ({error})") from None


def _located(manifest: Path, number: int, row: Any) -> _Found:
    """Name, path and caption of one row; paths are relative to the manifest's folder."""
    file = row.get("file") if isinstance(row, dict) else None
    if not isinstance(file, str) or not file:
        raise ValueError(f'{manifest}, line {number}: `file` is missing; a row looks like {{"file": "a.jpg"}}')
    caption = row.get("caption")
    if not isinstance(caption, str | None):
        raise ValueError(f"{manifest}, line {number}: `caption` is {caption!r}, but a text is needed")
    path = manifest.parent / file
    name = Path(os.path.relpath(path, manifest.parent)).as_posix()
    return name, path, caption or None


def _captions(path: Path) -> dict[str, str | None]:
    if not path.is_file():
        return {}
    return {name: caption for name, _, caption in _jsonl(path)}
