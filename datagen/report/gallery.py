"""Pages of a corpus for the server: from any sample forwards or backwards, those that fit."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.rows import Row, ordered, row_of

PAGE = 24  # cards: four rows of six
# A search that finds nothing reads every caption of a corpus: after so long a page is shown, and a link goes on.
SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """A request for a page.

    Attributes:
        query: words that a caption, key or source must all hold, in any case.
        renderer: the only one to show; empty for all.
        start: number of the first sample to look at, or, going backwards, of the one after the last.
        backwards: whether to look before `start`.
    """

    query: str = ""
    renderer: str = ""
    start: int = 0
    backwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """Samples that fit, in their order, and where others may be.

    Attributes:
        rows: number and row of each sample.
        first, after: numbers of the first sample that was looked at, and of the one after the last.
        count: number of samples in the corpus.
    """

    rows: list[tuple[int, Row]]
    first: int
    after: int
    count: int


def find_page(corpus: Corpus, request: PageRequest, *, size: int = PAGE, seconds: float = SECONDS) -> Page:
    """Look for a page of samples; of the corpus no more than these are in memory.

    Raises:
        ValueError: a damaged sample.
    """
    count = len(corpus)
    start = min(max(request.start, 0), count)
    numbers = range(start - 1, -1, -1) if request.backwards else range(start, count)
    found: list[tuple[int, Row]] = []
    end, looked = time.monotonic() + seconds, start
    for number in numbers:
        row = _fitting(corpus, number, request)
        looked = number if request.backwards else number + 1
        if row is not None:
            found.append((number, row))
        if len(found) == size or time.monotonic() > end:
            break
    if request.backwards:
        found.reverse()
    first, after = (looked, start) if request.backwards else (start, looked)
    return Page(rows=found, first=first, after=after, count=count)


def _fitting(corpus: Corpus, number: int, request: PageRequest) -> Row | None:
    """Return the row of a sample if it fits; its JSON is read only when its sidecar leaves that open."""
    sample = corpus[number]
    if request.renderer and sample.entry.renderer != request.renderer:
        return None
    row = row_of(sample)
    return row if _holds(row, request.query) else None


def _holds(row: Row, query: str) -> bool:
    text = f"{row.caption or ''} {row.key} {row.source}".lower()
    return all(word in text for word in query.lower().split())


def samples_by_renderer(corpus: Corpus) -> dict[str, int]:
    """Count the samples of each renderer, in the order of every page."""
    counts = Counter(entry.renderer for sidecar in corpus.sidecars for entry in sidecar.samples)
    return {name: counts[name] for name in ordered(counts)}
