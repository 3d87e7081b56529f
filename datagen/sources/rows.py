"""Rows: what a list, a table or a tar says of one picture or recording."""

from __future__ import annotations

import os
import posixpath
import re
import reprlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from underpaint.datagen.pictures.places import Place, beside
from underpaint.datagen.sources.notes import SourceNotes
from underpaint.datagen.storage.remote import check_client, protocol_of
from underpaint.datagen.storage.store import is_url
from underpaint.datagen.storage.streams import split
from underpaint.extras import MissingExtra
from underpaint.texts import parse_json, well_formed

# What made a caption, if no person did.
CAPTION_MODEL = "caption_model"
# Columns that travel into every sample: what Creative Commons asks to name (title, author, source, license), which
# collection a picture is from, and what made its caption.
CREDITS = ("license", "author", "title", "url", "provenance", CAPTION_MODEL)
Credits: TypeAlias = tuple[tuple[str, str], ...]
TEXTS = ("file", "caption", "trigger", *CREDITS)

# What lists of other programs call the columns; a column called `file` or `caption` comes before these.
OTHERWISE = {
    "file": ("file_name", "filename", "file_path", "filepath", "path", "image", "image_path", "image_file"),
    "caption": ("text", "prompt", "description"),
    "license": ("licence",),
    "url": ("image_url",),
}
_MEANINGS = {other: name for name, others in OTHERWISE.items() for other in others} | {name: name for name in TEXTS}
# As many as Python's csv takes in a cell: more than any caption has, and where a quote is never closed, an end.
MOST_LETTERS = 1 << 17
# Those from U+DC80 to U+DCFF stand for bytes of a file name that isn't UTF-8, as Python has them.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


class Listed(NamedTuple):
    """A row: `name` is the path relative to the list, with slashes; of a picture elsewhere, its URL.

    `credits` are the columns of `CREDITS` that are given, with their values, in that order.
    """

    name: str
    path: Place
    caption: str | None = None
    trigger: str | None = None
    credits: Credits = ()


# A row that is parsed when it is called, and before the next one is taken: rows that are skipped cost next to nothing.
Row: TypeAlias = Callable[[], Listed]


@dataclass(frozen=True)
class Columns:
    """Which column says what: `named` maps those of `TEXTS` that are there to what they are called."""

    named: dict[str, str]
    unread: tuple[str, ...]


@lru_cache(maxsize=256)
def columns_of(given: tuple[str, ...]) -> Columns:
    """Return what the columns of a list mean; capitals, blanks around them, and hyphens for `_` don't matter.

    Raises:
        ValueError: two of them mean the same.
    """
    found = defaultdict[str, list[str]](list)
    for column in given:
        if plain_column(column) in _MEANINGS:
            found[_MEANINGS[plain_column(column)]].append(column)
    named = {}
    for name, columns in found.items():
        proper = [column for column in columns if plain_column(column) == name] or columns
        if len(proper) > 1:
            both = " and ".join(f"`{column}`" for column in proper)
            raise ValueError(f"columns {both} mean the same, {name}: call only one of them so")
        named[name] = proper[0]
    return Columns(named, tuple(column for column in given if column not in named.values()))


def plain_column(column: str) -> str:
    """Return the name of a column as it is compared: `file_name` for ` File-Name `."""
    return re.sub(r"[\s-]+", "_", column.strip("\ufeff").strip().casefold())


def listed(listing: str, where: str, row: Any, notes: SourceNotes) -> Listed:
    """Parse one row of a list, an object with `file` or `url`; a relative path is relative to the folder of the list.

    Args:
        where: which row it is, for messages: `line 3`.

    Raises:
        ValueError: neither of them, a column that is no text, or two that mean the same.
    """
    texts = texts_of(listing, where, row, notes) if isinstance(row, dict) else {}
    file = texts.get("file") or texts.get("url")
    if file is None:
        raise ValueError(f'{listing}, {where}: `file` is missing; a row looks like {{"file": "a.jpg"}}')
    if "://" in file and is_url(file):
        _check_client(listing, where, file)
    if unread := columns_of(tuple(row)).unread:
        notes.unread(listing, unread)
    folder = split(listing)[0].location
    return Listed(_name(file, folder), beside(folder, file), *descriptions(texts))


def _check_client(listing: str, where: str, url: str) -> None:
    try:
        check_client(protocol_of(url))
    except MissingExtra as error:
        raise MissingExtra(f"{listing}, {where}: {error}", name=error.name) from None


def texts_of(listing: str, where: str, row: dict[str, Any], notes: SourceNotes) -> dict[str, str | None]:
    """Return what a row says, by the names of `TEXTS`; None where it is empty.

    Of Hugging Face's `{"path": ..., "bytes": null}` that is the path.

    Raises:
        ValueError: one of them is no text, or too long; or two columns mean the same. Says which.
    """
    try:
        columns = columns_of(tuple(row))
    except ValueError as error:
        raise ValueError(f"{listing}, {where}: {error}") from None
    texts = {}
    for name, column in columns.named.items():
        try:
            text = texts[name] = _text(name, row[column])
        except ValueError as error:
            raise ValueError(f"{listing}, {where}: `{column}` {error}") from None
        if text is not None and not text.isascii():
            texts[name] = _NO_BYTE.sub("\ufffd", text) if name == "file" else well_formed(text)
            if texts[name] != text:
                notes.remark("half a character, for which U+FFFD is put in", f"{listing}, {where}")
    return texts


def _text(name: str, value: Any) -> str | None:
    if name == "file" and isinstance(value, dict) and isinstance(value.get("path"), str):
        value = value["path"]
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"is {reprlib.repr(value)}, but a text is needed")
    if len(value) > MOST_LETTERS:
        raise ValueError(f"has {len(value)} letters; at most {MOST_LETTERS} are taken")
    return None if value.isspace() else value or None


def descriptions(texts: dict[str, str | None]) -> tuple[str | None, str | None, Credits]:
    """Return the caption, trigger and credits among texts, see `texts_of`."""
    credits = tuple((name, text) for name in CREDITS if (text := texts.get(name)))
    return texts.get("caption"), texts.get("trigger"), credits


def caption_in(where: str, data: bytes) -> str | None:
    """Return the caption that a text file holds, its blanks and line ends made single blanks; None if it is empty.

    Raises:
        ValueError: not UTF-8, or too long.
    """
    try:
        caption = " ".join(data.decode("utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise ValueError(f"{where} is no text in UTF-8 ({error}): save it as UTF-8") from None
    if len(caption) > MOST_LETTERS:
        raise ValueError(f"{where} has {len(caption)} letters; at most {MOST_LETTERS} are taken for a caption")
    return caption or None


def made_caption_in(where: str, data: bytes) -> tuple[str | None, Credits]:
    """Return the caption of a NAME.caption.json, see `caption_in`, and its model among the credits.

    Raises:
        ValueError: it is damaged, or too long.
    """
    try:
        found = parse_json(data)
        caption, model = found["caption"], found[CAPTION_MODEL]
        if not (isinstance(caption, str) and isinstance(model, str)):
            raise TypeError("caption and model must be texts")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{where} is no caption of a model ({error}): remove it, and make it again") from None
    text = caption_in(where, well_formed(caption).encode())
    return text, ((CAPTION_MODEL, well_formed(model)),) if text else ()


def _name(file: str, folder: str) -> str:
    if is_url(file):
        return file
    if is_url(folder) or not (file.startswith("/") or ".." in file):
        return posixpath.normpath(file)  # what relpath gives too, at a tenth of its cost
    return Path(os.path.relpath(Path(folder) / file, folder)).as_posix()
