"""Drawn lists and pictures, odd and broken ones: no traceback, and every row is a sample, a failure, or refused.

    python -m tests.datagen.sources.test_fuzz 2000 500   # lists and pictures; those of the suite are the first of them

How many rows a list has is known from how it was drawn, never from the code under test.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import quietly
from tests.datagen.tars import CANVAS, encoded
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.manifest import summed
from underpaint.datagen.format.sidecar import parse_sidecar
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture, Reason
from underpaint.datagen.pictures.places import Place
from underpaint.datagen.sources.reading import read_sources

PICTURE = encoded(0, size=(20, 16))
LISTS, FOLDERS, PICTURES = 480, 20, 80  # in the suite
NAMES = [
    "a.png", "sub/b.png", "./a.png", "größe 1.png", "none.png", "z" * 300 + ".png", "a.png/b.png", "nosuch://x/y.png",
    "file:///none.png", "http://[::1/a.png", "x;y.png", "it's.png", " a.png", "a .png", "\u202egnp.png", "sub", "..",
]  # fmt: skip
CAPTIONS = [
    "a barn",
    "red, and blue",
    'a 12" barn',
    'the "big" one',
    "two\nlines",
    "größer 🎨",
    "x" * 900,
    "a;b\tc|d",
    "",
]
# A row that a refusal must name: by line, row or member.
WHERE = re.compile(r"(lines?|rows?|member) \S")


@dataclass
class Drawn:
    """A list that was drawn.

    Attributes:
        rows: how many it has; None if nobody could tell from what is left of it.
        captions: how many of them have one; None if that isn't clear.
        must: what makes it wrong, so that it has to be refused; or what may be refused.
    """

    name: str
    data: bytes
    rows: int | None
    captions: int | None = None
    must: str = ""
    may: str = ""


@dataclass
class Rows:
    """What a list says: (file, caption), and what the columns are called."""

    rows: list[tuple[str, str | None]]
    file: str
    caption: str
    more: list[str] = field(default_factory=list)

    @property
    def captions(self) -> int:
        return sum(bool((caption or "").strip()) for _, caption in self.rows)


def rows_of(random: Random) -> Rows:
    rows = [
        (random.choice(NAMES), random.choice([None, "   ", *CAPTIONS, *CAPTIONS])) for _ in range(random.randint(1, 7))
    ]
    file = random.choice(["file", "file", "File", " file", "FILE_NAME", "path", "image", "image-path", "filename"])
    caption = random.choice(["caption", "caption", "Caption", "caption ", "text", "TEXT", "prompt", "description"])
    return Rows(rows, file, caption, random.sample(["id", "license", "width", "größe", "url"], random.randint(0, 2)))


# --- CSV


def drawn_csv(random: Random) -> Drawn:
    said = rows_of(random)
    name, delimiter = random.choice([("l.csv", ","), ("l.csv", ";"), ("l.csv", "\t"), ("l.tsv", "\t"), ("L.CSV", "|")])
    columns = random.sample([said.file, said.caption, *said.more], 2 + len(said.more))
    table = [columns]
    for file, caption in said.rows:
        values = {said.file: file, said.caption: caption or ""} | dict.fromkeys(said.more, "CC0")
        table.append([values[column] for column in columns])
    buffer = io.StringIO()
    quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=random.choice(["\n", "\r\n"]))
    for row in table:
        writer.writerow(row)
        if random.random() < 0.1:
            buffer.write(random.choice(["\n", delimiter * (len(columns) - 1) + "\n"]))
    encoding = random.choice(["utf-8", "utf-8", "utf-8-sig"])
    whole = Drawn(name, buffer.getvalue().encode(encoding), len(said.rows), said.captions)
    return random.choice(CSV_ACCIDENTS)(random, whole, delimiter) if random.random() < 0.6 else whole


def stray_quote(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    """A quote at the beginning of a cell that wasn't there: whatever it does, no row may be lost."""
    text = drawn.data.decode()
    starts = [m.end() for m in re.finditer(f"[\n{re.escape(delimiter)}]", text) if m.end() < len(text)]
    at = random.choice(starts)
    return Drawn(drawn.name, (text[:at] + '"' + text[at:]).encode(), drawn.rows, may="a stray quote")


def closed_stray_quote(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    """Two stray quotes that make one cell of two rows."""
    text = f'file{delimiter}caption\na.png{delimiter}one\nb.png{delimiter}"two\nc.png{delimiter}three"\n'
    return Drawn(drawn.name, text.encode(), 3, must="two rows in quotes")


def another_cell(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    data = drawn.data.rstrip() + b"\n" + delimiter.join(["a.png", *"123456"]).encode() + b"\n"
    return Drawn(drawn.name, data, None, must="too many cells")


def too_few_cells(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    return Drawn(drawn.name, drawn.data.rstrip() + b"\na.png\n", None, must="too few cells")


def not_utf8(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    return Drawn(drawn.name, drawn.data + f"é.png{delimiter}x\n".encode("latin-1"), None, must="no UTF-8")


def utf16(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    return Drawn(drawn.name, drawn.data.decode().encode("utf-16"), None, must="UTF-16")


def cut(random: Random, drawn: Drawn, delimiter: str = "") -> Drawn:
    return Drawn(drawn.name, drawn.data[: random.randint(0, len(drawn.data))], None, may="its end is missing")


def flipped(random: Random, drawn: Drawn, delimiter: str = "") -> Drawn:
    return Drawn(drawn.name, damaged(random, drawn.data), None, may="damage")


def twice(random: Random, drawn: Drawn, delimiter: str) -> Drawn:
    text = f"file{delimiter}caption{delimiter}Caption\na.png{delimiter}one{delimiter}two\n"
    return Drawn(drawn.name, text.encode(), 1, must="two columns of captions")


CSV_ACCIDENTS: list[Any] = [
    stray_quote, stray_quote, closed_stray_quote, another_cell, too_few_cells, not_utf8, utf16, cut, twice,
    flipped,
]  # fmt: skip


# --- JSONL


def drawn_jsonl(random: Random) -> Drawn:
    said = rows_of(random)
    name = random.choice(["l.jsonl", "l.ndjson"])
    lines, odd = [], random.random() < 0.5
    for file, caption in said.rows:
        named: Any = {"path": file, "bytes": None} if said.file.strip() == "image" and random.random() < 0.5 else file
        row = {said.file: named, said.caption: caption} | dict.fromkeys(said.more, None)
        if random.random() < 0.2:
            row["nested"] = {"a": [1, {"b": None}]}
        lines.append(json.dumps(row, ensure_ascii=random.random() < 0.5))
        if random.random() < 0.1:
            lines.append(random.choice(["", "  "]))
    rows, must = len(said.rows), ""
    captions: int | None = said.captions
    if odd:
        line, must = random.choice(ODD_LINES)
        lines.insert(random.randint(0, len(lines)), line)
        rows, captions = rows + 1, None
    data = random.choice(["\n", "\r\n"]).join(lines).encode("utf-8", "surrogatepass")
    drawn = Drawn(name, data + random.choice([b"", b"\n"]), rows, captions, must)
    if not odd and random.random() < 0.3:
        return random.choice([cut, flipped])(random, drawn)
    if not odd and random.random() < 0.1:
        return Drawn(name, data.decode().encode("utf-16"), None, must="UTF-16")
    return drawn


# (a line, what is wrong with it, if it is to be refused)
ODD_LINES = [
    ('{"file": "a.png", "file": "b.png"}', "a key twice"),
    ('{"file": "a.png", "caption": "x", "Caption": "y"}', "two columns of captions"),
    ('["a.png", "x"]', "a list"),
    ('"a.png"', "a text"),
    ("7", "a number"),
    ("null", "nothing"),
    ('{"file": 7}', "a number"),
    ('{"file": ["a.png"]}', "a list"),
    ('{"file": "a.png", "caption": 7}', "a number"),
    ('{"file": "a.png", "caption": ["x"]}', "a list"),
    ('{"file": "a.png", "caption": NaN}', "NaN"),
    ('{"file": "a.png", "caption": 1e999}', "infinity"),
    ('{"file": "a.png", "x": Infinity}', "infinity"),
    ('{"file": "a.png", "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "depth"),
    ('{"file": "a.png", "caption": "' + "x" * 200_000 + '"}', "length"),
    ('{"file": ""}', "blank"),
    ('{"file": "  "}', "blank"),
    ('{"file": null, "url": ""}', "blank"),
    ('{"caption": "x"}', "no file"),
    ('{"image": {"bytes": "iVBOR"}}', "bytes in JSON"),
    ('{"file": "a.png"', "no end"),
    ("{file: 'a.png'}", "no JSON"),
    ('{"file": "\udce9.png"}', "no UTF-8"),
    ('{"file": "a.png", "caption": "cut \\ud83d"}', ""),
    ('{"file": "\\ud83d.png", "license": "\\udc00"}', ""),
    ('{"file": "\\udcff.png"}', ""),
    ('{"file": "a\\u0000.png"}', ""),
    ('{"file": "a\\n.png"}', ""),
    ('{"file": null, "url": "nosuch://x"}', ""),
    ('\ufeff{"file": "a.png"}', ""),
]


# --- Parquet


def drawn_parquet(random: Random) -> Drawn:
    import pyarrow as pa
    import pyarrow.parquet as pq

    said, must = rows_of(random), ""
    files = [file for file, _ in said.rows]
    columns: dict[str, Any] = {said.caption: pa.array([caption for _, caption in said.rows], pa.string())}
    layout = random.choice(["files", "paths", "bytes", "structs", "numbers", "nulls", "lists"])
    if layout == "files":
        columns[said.file] = files
    elif layout in ("paths", "structs"):
        data = [random.choice([None, PICTURE, b"no picture"]) if layout == "structs" else None for _ in files]
        columns["image"] = [{"path": file, "bytes": each} for file, each in zip(files, data, strict=True)]
    elif layout == "bytes":
        columns[random.choice(["image", "bytes"])] = [random.choice([PICTURE, b"", b"x"]) for _ in files]
    else:
        must = layout
        columns["file"] = {"numbers": [7] * len(files), "nulls": [None] * len(files), "lists": [["a"]] * len(files)}[
            layout
        ]
    columns |= {name: ["CC0"] * len(files) for name in said.more if (name, layout) != ("url", "nulls")}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, row_group_size=random.randint(1, 8))
    drawn = Drawn("l.parquet", buffer.getvalue(), len(files), said.captions, must)
    if random.random() < 0.3:
        # A footer that was damaged may tell any number of rows.
        return Drawn(drawn.name, damaged(random, drawn.data), None, may="damage")
    return drawn


# --- tars


def drawn_tar(random: Random) -> Drawn:
    members: list[tuple[str, bytes, bytes]] = []  # name, content, type
    rows = captions = 0
    for number in range(random.randint(1, 6)):
        key = random.choice(["", "sub/", "./"]) + f"{number}{random.choice(['', ' x', 'é', '🎨'])}"
        ends, count = random.choice(
            [(["png"], 1), (["PNG"], 1), (["png", "jpg"], 2), (["png", "png"], 2), (["jpg", "JPG"], 2), (["1.png"], 1),
             (["1.png", "2.png"], 2), (["png", "mask.png"], 1), (["png", "depth.png"], 1), (["heics"], 1), (["cls"], 1)]
        )  # fmt: skip
        kind = random.choice([tarfile.REGTYPE] * 5 + [tarfile.SYMTYPE, tarfile.LNKTYPE])
        members += [(f"{key}.{end}", PICTURE, kind) for end in ends]
        rows += count
        if random.random() < 0.5:
            caption = random.choice(["a barn", " two\nlines ", "", "größe"])
            text = (f"{key}.{random.choice(['txt', 'caption'])}", caption.encode())
            record = (f"{key}.json", json.dumps({random.choice(["caption", "text"]): caption, "width": 3}).encode())
            members.append((*random.choice([text, record]), tarfile.REGTYPE))
            captions += count * bool(caption.strip())
    buffer = io.BytesIO()
    form = random.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for name, data, kind in members:
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "" if kind == tarfile.REGTYPE else "0.png"
            header.size = len(data) if kind == tarfile.REGTYPE else 0
            tar.addfile(header, io.BytesIO(data) if header.size else None)
    drawn = Drawn("s.tar", buffer.getvalue(), rows, captions)
    return random.choice([lambda: drawn] * 4 + [
        lambda: Drawn("s.tar", damaged(random, drawn.data), None, may="damage"),
        lambda: cut(random, drawn),
        lambda: Drawn("s.tar", gzip.compress(drawn.data), None, must="compressed"),
        lambda: with_text(drawn, b"\xff"),
    ])()  # fmt: skip


def with_text(drawn: Drawn, text: bytes) -> Drawn:
    buffer = io.BytesIO(drawn.data)
    with tarfile.open(fileobj=buffer, mode="a") as tar:
        for name, data in (("last.png", PICTURE), ("last.txt", text)):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    return Drawn(drawn.name, buffer.getvalue(), None, must="no UTF-8")


def damaged(random: Random, data: bytes) -> bytes:
    """Bytes with some of them flipped, cut off, or in twice."""
    broken = bytearray(data)
    for _ in range(random.choice([1, 1, 3, 20])):
        broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
    start = random.randrange(len(broken))
    return bytes(random.choice([broken, broken, broken[: start + 1], broken[:start] + broken[start // 2 :]]))


# --- what must hold


DRAWERS = (drawn_csv, drawn_jsonl, drawn_parquet, drawn_tar)


def drawn_list(number: int) -> Drawn:
    random = Random(f"list {number}")
    return DRAWERS[number % len(DRAWERS)](random)


def fate(drawn: Drawn, folder: Path) -> str:
    """Read a list and decode its pictures; return how that ended, which must be in order."""
    (folder / drawn.name).write_bytes(drawn.data)
    stream = read_sources(str(folder / drawn.name))
    try:
        sources = list(stream)
    except ValueError as error:
        _check_refusal(drawn, str(error))
        return "refused"
    assert not drawn.must, f"{drawn.must} was taken for {[source.name for source in sources]}"
    assert drawn.rows in (None, len(sources)), (drawn.rows, [source.name for source in sources])
    if drawn.captions is not None:
        assert drawn.captions == sum(source.caption is not None for source in sources)
    assert all(isinstance(line, str) and "\n" not in line for line in stream.notes.lines())
    for source in sources:
        (source.stored_name + (source.caption or "")).encode()  # can be written
        assert reason_of(source.path) in (*get_args(Reason), "decoded")
    return "read"


def _check_refusal(drawn: Drawn, message: str) -> None:
    assert drawn.must or drawn.may, f"refused for no reason: {message}"
    assert drawn.name in message, message
    assert "\n" not in message
    assert len(message) < 1500, message[:3000]
    if drawn.must and drawn.must not in ("compressed", "numbers", "lists"):
        assert WHERE.search(message), message


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("fuzz"))


def prepared(folder: Path) -> Path:
    (folder / "sub").mkdir()
    for name in ("a.png", "b.png", "c.png", "sub/b.png", "größe 1.png"):
        (folder / name).write_bytes(PICTURE)
    return folder


@pytest.mark.parametrize("drawer", range(len(DRAWERS)))
def test_every_row_of_a_drawn_list_is_accounted_for(folder, drawer):
    fates = Counter()
    for number in range(drawer, LISTS, len(DRAWERS)):
        drawn = drawn_list(number)
        try:
            fates[fate(drawn, folder)] += 1
        except Exception as error:
            raise AssertionError(f"list {number}, {drawn.name}, {drawn.must or drawn.may or 'well formed'}") from error
    assert set(fates) == {"read", "refused"}


def corpus_fate(drawn: Drawn, folder: Path, out: Path) -> None:
    """Make a corpus of a list: its samples and failures are its rows."""
    (folder / drawn.name).write_bytes(drawn.data)
    settings: dict[str, Any] = {"size": 16, "strokes": 3, "frames": 2, "quality": "draft", "workers": 0}
    result = quietly(GenerateConfig(source=str(folder / drawn.name), out=out, shard_size=3, max_retries=0, **settings))
    assert not result.errors
    sums = summed(parse_sidecar(path.read_bytes(), path.name) for path in out.glob("0*.json"))
    assert sums.total.samples + sum(sums.failures.values()) == drawn.rows


def whole_lists() -> list[int]:
    return [
        number for number in range(LISTS) if (drawn := drawn_list(number)).rows and not drawn.must and not drawn.may
    ]


@pytest.mark.parametrize("drawer", range(len(DRAWERS)))
def test_every_row_becomes_a_sample_or_a_failure(folder, tmp_path, drawer):
    number = next(number for number in whole_lists() if number % len(DRAWERS) == drawer)
    corpus_fate(drawn_list(number), folder, tmp_path / "corpus")


# --- folders

# (files of one name, how many pictures they are, and captions, and files that aren't read)
FAMILIES = [
    ({".png": PICTURE}, (1, 0, 0)),
    ({".png": PICTURE, ".txt": b"a barn"}, (1, 1, 0)),
    ({".png": PICTURE, ".caption": "größe".encode()}, (1, 1, 0)),
    ({".png": PICTURE, ".txt": b" \n"}, (1, 0, 0)),
    ({".png": PICTURE, ".txt": b"a", ".caption": b"b"}, (1, 1, 1)),
    ({".png": PICTURE, ".JPG": PICTURE, ".TXT": b"\xef\xbb\xbfboth"}, (2, 2, 0)),
    ({".png": PICTURE, ".depth.png": PICTURE}, (1, 0, 0)),
    ({".jpg": b"no picture"}, (1, 0, 0)),
    ({".psd": b"8BPS", ".heics": b"", ".svg": b"<svg/>"}, (0, 0, 3)),
    ({".txt": b"of nothing", "": b"no ending", ".json": b"{}"}, (0, 0, 3)),
]


def folder_fate(number: int, root: Path) -> None:
    random = Random(f"folder {number}")
    expected = [0, 0, 0]
    for stem in [*random.sample(["a", "b.c", "x/a", "x/y z", "größe", "\udcff", "-", "d::e"], 6), "always"]:
        files, counts = random.choice(FAMILIES if stem != "always" else FAMILIES[:7])
        for ending, data in files.items():
            path = root / f"{stem}{ending}"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(data)
        expected = [total + count for total, count in zip(expected, counts, strict=True)]
    whole, pattern = read_sources(str(root)), read_sources(f"{root}/**/*")
    sources = list(whole)
    assert [(source.name, source.caption) for source in pattern] == [(each.name, each.caption) for each in sources]
    captions = sum(source.caption is not None for source in sources)
    assert [len(sources), captions, whole.notes.passed_over.total()] == expected
    assert pattern.notes.passed_over == whole.notes.passed_over


def test_every_file_of_a_drawn_folder_is_a_picture_or_said_of_one_or_counted(tmp_path):
    for number in range(FOLDERS):
        folder_fate(number, tmp_path / str(number))


# --- pictures


def picture_kinds() -> list[tuple[str, bytes]]:
    image = Image.open(io.BytesIO(encoded(3, size=(40, 32))))
    kinds: list[tuple[str, dict[str, Any], Image.Image]] = [
        ("JPEG", {}, image), ("JPEG", {"progressive": True}, image), ("JPEG", {}, image.convert("CMYK")),
        ("PNG", {}, image), ("PNG", {}, image.convert("P")), ("PNG", {}, image.convert("RGBA")), ("GIF", {}, image),
        ("WEBP", {}, image),
        ("WEBP", {"save_all": True, "append_images": [image.rotate(90)]}, image), ("TIFF", {}, image.convert("F")),
        ("TIFF", {"compression": "tiff_lzw"}, image), ("BMP", {}, image), ("AVIF", {}, image), ("JPEG2000", {}, image),
        ("PPM", {}, image), ("PNG", {}, Image.fromarray(np.arange(1280, dtype=np.uint16).reshape(32, 40) * 50)),
    ]  # fmt: skip
    found = []
    for kind, options, picture in kinds:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **options)
        found.append((kind.lower(), buffer.getvalue()))
    return [*found, *heic_kinds(image)]


def heic_kinds(image: Image.Image) -> list[tuple[str, bytes]]:
    try:
        import pillow_heif
    except ImportError:
        return []
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer)
    return [("heic", buffer.getvalue())]


def picture_fate(number: int, kinds: list[tuple[str, bytes]], folder: Path) -> str:
    random = Random(f"picture {number}")
    kind, data = kinds[number % len(kinds)]
    accident = random.choice(["cut", "flipped", "flipped", "relabelled"])
    data = data[: random.randrange(len(data))] if accident == "cut" else data
    data = damaged(random, data) if accident == "flipped" else data
    path = folder / f"picture.{random.choice([end for end, _ in kinds]) if accident == 'relabelled' else kind}"
    path.write_bytes(data)
    reason = reason_of(path)
    assert accident != "relabelled" or reason == "decoded", reason
    return reason


def reason_of(place: Place) -> str:
    """Return what becomes of a picture."""
    try:
        picture = decode_picture(place, CANVAS)
    except BadPicture as bad:
        return bad.reason if bad.detail else "no detail"
    return "decoded" if picture.pixels.shape == (32, 32, 3) else "of another shape"


def test_drawn_pictures_are_decoded_or_their_own_failure(tmp_path):
    kinds = picture_kinds()
    fates = Counter(picture_fate(number, kinds, tmp_path) for number in range(PICTURES))
    assert fates["decoded"]
    assert fates["truncated"]


def main(lists: int, pictures: int) -> None:
    started, fates, slowest = time.monotonic(), Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as temporary:
        folder = prepared(Path(temporary))
        for count, check in ((lists, lambda n: fate(drawn_list(n), folder)), (pictures, picture_checker(folder))):
            for number in range(count):
                before = time.monotonic()
                try:
                    fates[check(number)] += 1
                except Exception as error:
                    fates["WRONG"] += 1
                    print(f"number {number} of {count}: {type(error).__name__}: {str(error)[:400]}")
                slowest = max(slowest, time.monotonic() - before)
    print(dict(fates), f"{time.monotonic() - started:.0f} s, the slowest {slowest:.1f} s")


def picture_checker(folder: Path) -> Callable[[int], str]:
    kinds = picture_kinds()
    return lambda number: picture_fate(number, kinds, folder)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
