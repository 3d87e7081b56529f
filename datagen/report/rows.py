"""What a page says of each sample: its row in the table, and the data behind its curve."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.import_config import RECORDED
from underpaint.datagen.sources.rows import CREDITS

# Reading a sample's JSON is waiting, above all where the corpus is remote.
_READERS = 8
# Groups in the order of every page, which is also that of the colours in style.css.
_KNOWN = ("bezier", "oil", "ink", "region", "illustration", "pencil", "video", "pictures", "painted")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sample as pages list it.

    Attributes:
        key: name of the sample.
        source: name of its picture or recording.
        caption: its text; None where it has none.
        group: what it is compared with: its renderer, or of recorded samples their kind (`video`, `painted`, ...).
        strokes: number of strokes of the finished painting.
        psnr: fidelity of the finished painting in dB; None where it has none, or is equal to its target.
        bytes: size of the whole sample in its tar.
        canvas: (height, width) in pixels.
        curve: PSNR of every frame in dB; None where the two are equal.
        phases: phase of every frame; empty for recorded samples.
        credits: name and text of what is known of the picture's origin, such as its licence.
    """

    key: str
    source: str
    caption: str | None
    group: str
    strokes: int
    psnr: float | None
    bytes: int
    canvas: tuple[int, int]
    curve: tuple[float | None, ...]
    phases: tuple[str, ...]
    credits: tuple[tuple[str, str], ...] = ()


def row_of(sample: CorpusSample) -> Row:
    """Return the row of a sample, whose JSON is read.

    Raises:
        ValueError: the JSON isn't that of a sample.
    """
    record, entry = sample.record(), sample.entry
    try:
        frames = record["frames"]
        return Row(
            key=entry.key,
            source=entry.source,
            caption=None if record["caption"] is None else str(record["caption"]),
            group=_group(record, entry.renderer),
            strokes=entry.strokes,
            psnr=entry.psnr,
            bytes=entry.bytes,
            canvas=(int(record["canvas"][0]), int(record["canvas"][1])),
            curve=tuple(None if frame["psnr"] is None else float(frame["psnr"]) for frame in frames),
            phases=tuple(str(frame["phase"]) for frame in frames if "phase" in frame),
            credits=tuple((name, str(record[name])) for name in CREDITS if name in record),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the JSON of {entry.key} is damaged ({type(error).__name__}: {error}); run verify") from None


def _group(record: dict[str, Any], renderer: str) -> str:
    return str(record["about"]["kind"]) if renderer == RECORDED else renderer


def read_rows(samples: Sequence[CorpusSample]) -> Iterator[Row]:
    """Yield the rows of samples in their order; several are read at a time."""
    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(row_of, samples)


def by_group(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by their group, the groups in the order that every page shows them in."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.group].append(row)
    return {name: found[name] for name in ordered(found)}


def ordered(groups: Iterable[str]) -> list[str]:
    """Sort names of groups into the order of every page."""
    return sorted(groups, key=lambda name: (colour_of(name), name))


def colour_of(group: str) -> int:
    """Return the number of a group's colour, the same on all pages; groups that style.css doesn't know share one."""
    return _KNOWN.index(group) if group in _KNOWN else len(_KNOWN)


def chosen(corpus: Corpus, limit: int, seed: int) -> list[CorpusSample]:
    """Return all samples, or `limit` of them drawn at random, in the order of the corpus."""
    count = len(corpus)
    if count <= limit:
        return list(corpus)
    wanted = set(random.Random(f"rows {seed}").sample(range(count), limit))
    return [sample for index, sample in enumerate(corpus) if index in wanted]


def chosen_pictures(rows: Sequence[Row], limit: int, seed: int) -> list[int]:
    """Return numbers of about `limit` rows: all those of pictures drawn at random, so that media stand side by side."""
    of_picture: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        of_picture[row.key.partition("-")[0]].append(number)
    pictures = list(of_picture)
    random.Random(f"pictures {seed}").shuffle(pictures)
    taken: list[int] = []
    for picture in pictures:
        if len(taken) + len(of_picture[picture]) > limit and taken:
            break
        taken += of_picture[picture]
    return sorted(taken[:limit])


def columns(rows: Sequence[Row]) -> int:
    """Return how many cards stand side by side, so that the media of a picture fill a row or a part of one."""
    media = set(Counter(row.key.partition("-")[0] for row in rows).values())
    return media.pop() if media in ({4}, {5}) else 6
