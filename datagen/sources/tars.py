"""Image tar shards as WebDataset has them: KEY.jpg, with what is said of it in KEY.txt or KEY.json beside it."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, cast

from underpaint.datagen.pictures.names import CAPTION_SUFFIXES, GUIDES, MADE_CAPTION, is_picture_name
from underpaint.datagen.pictures.places import Extent, Nowhere, Place
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.sources.rows import (
    OTHERWISE,
    Credits,
    Listed,
    Row,
    caption_in,
    columns_of,
    descriptions,
    made_caption_in,
    plain_column,
    texts_of,
)
from underpaint.datagen.storage.patience import StoreError
from underpaint.datagen.storage.streams import open_stream
from underpaint.texts import parse_json, printable

_GUIDES = {f"{guide}.png": guide for guide in GUIDES}
_MADE = MADE_CAPTION[1:]
_TEXTS = ("json", *(suffix[1:] for suffix in CAPTION_SUFFIXES), _MADE)
# How compressed files begin; their pictures have no offsets.
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\3\4": "zip"}

# A member, and what its name ends in after the first dot of the file: `depth.png` of `sub/cat.depth.png`.
Member = tuple[str, tarfile.TarInfo]


def is_tar(location: str) -> bool:
    """Return whether a file is taken for a shard of pictures, by its ending; a compressed one has no offsets."""
    return location.lower().endswith(".tar")


def tar_rows(location: str, name: str, notes: SourceNotes) -> Iterator[Row]:
    """Stream the pictures of a tar in its order, called `name/KEY.jpg`; of them only the headers are read.

    As in WebDataset, members that stand together and have the same name up to its first dot are one sample. Its
    pictures are those without a second dot in their endings, or else all; what has a second dot beside one without is
    taken for a map of it. The caption is that of KEY.json, or the text of KEY.txt or KEY.caption; `trigger` and the
    credits come from KEY.json. A sample without a picture counts as missing, and so does a picture that is a link.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no tar, or only a part of one; of a row, a text that can't be read.
    """
    with open_stream(location) as file:
        start = file.read(8)
        file.seek(0)
        for signature, kind in _COMPRESSED.items():
            if start.startswith(signature):
                raise ValueError(f"{location} is no tar, but compressed ({kind}): unpack it, or make it a plain .tar")
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for key, members in groupby(_members(tar), key=_key):
                    sample = [(member.name[len(key) + 1 :].lower(), member) for member in members]
                    for picture in _pictures(key, sample, notes):
                        yield partial(_row, tar, location, name, key, sample, picture, notes)
        except (StoreError, MemoryError):
            raise
        except Exception as error:  # a damaged header can make it raise anything
            raise ValueError(f"{location} is no tar, or only a part of one: {printable(str(error))}") from None


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    at = -1
    while (member := tar.next()) is not None:
        cast("Any", tar).members.clear()  # or tarfile would keep them all
        if member.size < 0 or tar.offset <= at:
            raise tarfile.ReadError(f"a member of {member.size} bytes")  # the next one would be this one, for ever
        at = tar.offset
        if not member.isdir() and not posixpath.basename(member.name).startswith("."):
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


def _pictures(key: str, sample: list[Member], notes: SourceNotes) -> Sequence[tarfile.TarInfo | None]:
    """Return the members of a sample that are to be painted, or None once; note what else isn't read."""
    found = [(end, member) for end, member in sample if is_picture_name(f"{key}.{end}") and end not in _GUIDES]
    plain = [member for end, member in found if "." not in end]
    for end, member in sample if found else ():
        if not is_picture_name(f"{key}.{end}") and end not in _TEXTS:
            notes.pass_over(member.name)
        elif plain and "." in end and end not in (*_GUIDES, *_TEXTS):
            notes.remark("not painted, but taken for maps of the picture beside them by their names", member.name)
    return plain or [member for _, member in found] or [None]


def _row(
    tar: tarfile.TarFile,
    location: str,
    name: str,
    key: str,
    sample: list[Member],
    picture: tarfile.TarInfo | None,
    notes: SourceNotes,
) -> Listed:
    described = _described(tar, location, {end: member for end, member in sample if member.isreg()}, notes)
    if picture is None:
        found = ", ".join(member.name for _, member in sample[:5]) + ", ..." * (len(sample) > 5)
        return Listed(f"{name}/{key}", Nowhere(f"no picture among {found}"), *described)
    return Listed(f"{name}/{picture.name.removeprefix('./')}", _place(location, sample, picture), *described)


def _place(location: str, sample: list[Member], picture: tarfile.TarInfo) -> Place:
    if not picture.isreg():
        return Nowhere(f"no file in the tar, but a link to {picture.linkname}: pack files instead of links")
    if picture.issparse():
        return Nowhere("stored as a sparse file: pack it without --sparse")
    beside = {_GUIDES[end]: member for end, member in sample if end in _GUIDES and member.isreg()}
    return Extent(location, *_span(picture), tuple((guide, *_span(member)) for guide, member in beside.items()))


def _span(member: tarfile.TarInfo) -> tuple[int, int]:
    return member.offset_data, member.size


def _described(
    tar: tarfile.TarFile, location: str, members: dict[str, tarfile.TarInfo], notes: SourceNotes
) -> tuple[str | None, str | None, Credits]:
    """Return the caption, trigger and credits of a sample; of captions, that of KEY.json called so comes first."""
    texts, is_proper = _json_texts(tar, location, members["json"], notes) if "json" in members else ({}, False)
    caption, trigger, credits = descriptions(texts)
    beside = next((members[end] for end in _TEXTS[1:] if end in members), None)
    if beside is not None and beside is members.get(_MADE):
        if not caption:
            caption, made = made_caption_in(f"{location}, member {beside.name}", _data(tar, beside))
            credits += made
    elif beside is not None and not (caption and is_proper):
        caption = caption_in(f"{location}, member {beside.name}", _data(tar, beside)) or caption
    return caption, trigger, credits


def _json_texts(
    tar: tarfile.TarFile, location: str, member: tarfile.TarInfo, notes: SourceNotes
) -> tuple[dict[str, str | None], bool]:
    """Return what KEY.json says, and whether it calls the caption by its name."""
    where = f"member {member.name}"
    try:
        found = parse_json(_data(tar, member))
    except ValueError as error:
        raise ValueError(f"{location}, {where}: not JSON ({error})") from None
    if not isinstance(found, dict):
        notes.remark("KEY.json that is no object, and says nothing here", f"{location}, {where}")
        return {}, False
    said = {name: value for name, value in found.items() if plain_column(name) not in ("file", *OTHERWISE["file"])}
    texts, columns = texts_of(location, where, said, notes), columns_of(tuple(said))
    notes.unread("KEY.json in tars", columns.unread)
    return texts, plain_column(columns.named.get("caption", "")) == "caption"


def _data(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None, "only regular members are taken"
    return file.read()
