"""Image tar shards as WebDataset has them: KEY.jpg, with what is said of it in KEY.txt or KEY.json beside it."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any, cast

from underpaint.datagen.pictures.names import GUIDES, is_picture_name
from underpaint.datagen.pictures.places import Extent, Nowhere, Place
from underpaint.datagen.sources.rows import Credits, Listed, Row, descriptions
from underpaint.datagen.storage.streams import open_stream

_GUIDES = {f"{guide}.png": guide for guide in GUIDES}


def is_tar(location: str) -> bool:
    """Return whether a file is taken for a shard of pictures, by its ending; a compressed one has no offsets."""
    return location.lower().endswith(".tar")


def tar_rows(location: str, name: str) -> Iterator[Row]:
    """Stream the samples of a tar in its order, called `name/KEY.jpg`; of the pictures only the headers are read.

    As in WebDataset, members that stand together and have the same name up to its first dot are one sample. Its
    picture is the one without a second dot in its ending, or else the first. The caption is that of KEY.json, or the
    text of KEY.txt; `trigger` and the credits come from KEY.json. A sample without a picture counts as missing.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no tar, or only a part of one; of a row, a text that can't be read.
    """
    with open_stream(location) as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for key, members in groupby(_members(tar), key=_key):
                    yield partial(_sample, tar, location, name, key, list(members))
        except tarfile.TarError as error:
            raise ValueError(f"{location} is no tar, or only a part of one: {error}") from None


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        cast("Any", tar).members.clear()  # or tarfile would keep them all
        if member.isreg() and not member.name.rpartition("/")[2].startswith("."):
            yield member
    # tarfile takes a header that it can't read for the end, and doesn't miss the empty block that marks it.
    file = tar.fileobj
    assert file is not None
    file.seek(tar.offset)
    if file.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
        raise tarfile.ReadError(f"neither a header nor the end at byte {tar.offset}")


def _key(member: tarfile.TarInfo) -> str:
    folder, slash, file = member.name.rpartition("/")
    return folder + slash + file.partition(".")[0]


def _sample(tar: tarfile.TarFile, location: str, name: str, key: str, members: list[tarfile.TarInfo]) -> Listed:
    by_extension = {member.name[len(key) + 1 :].lower(): member for member in members}
    described = _described(tar, location, by_extension)
    pictures = [end for end in by_extension if is_picture_name(f"{key}.{end}") and end not in _GUIDES]
    if not pictures:
        found = ", ".join(member.name for member in members)
        return Listed(f"{name}/{key}", Nowhere(f"no picture among {found}"), *described)
    picture = by_extension[min(pictures, key=lambda end: "." in end)]
    beside = tuple((guide, *_span(by_extension[end])) for end, guide in _GUIDES.items() if end in by_extension)
    place: Place = Extent(location, *_span(picture), beside)
    return Listed(f"{name}/{picture.name.removeprefix('./')}", place, *described)


def _span(member: tarfile.TarInfo) -> tuple[int, int]:
    return member.offset_data, member.size


def _described(
    tar: tarfile.TarFile, location: str, members: dict[str, tarfile.TarInfo]
) -> tuple[str | None, str | None, Credits]:
    """Return the caption, trigger and credits of a sample."""
    record: dict[str, object] = {}
    text = None
    if "json" in members:
        where = f"member {members['json'].name}"
        try:
            found = json.loads(_data(tar, members["json"]))
        except ValueError as error:
            raise ValueError(f"{location}, {where}: not JSON ({error})") from None
        record = {name: value for name, value in found.items() if name != "file"} if isinstance(found, dict) else {}
    if "txt" in members:
        where = f"member {members['txt'].name}"
        try:
            text = " ".join(_data(tar, members["txt"]).decode("utf-8-sig").split()) or None
        except UnicodeDecodeError as error:
            raise ValueError(f"{location}, {where}: no text in UTF-8 ({error})") from None
    if not record:
        return text, None, ()
    caption, trigger, credits = descriptions(location, f"member {members['json'].name}", record)
    return caption or text, trigger, credits


def _data(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None, "only regular members are taken"
    return file.read()
