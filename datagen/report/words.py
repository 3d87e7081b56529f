"""What the page of a corpus says in words and single figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.manifest import Sums, summed
from underpaint.datagen.format.sample import Failure
from underpaint.datagen.jobs.progress import clock_time
from underpaint.datagen.report.rows import Row
from underpaint.datagen.storage.store import Store
from underpaint.datagen.summary.statistics import size_text
from underpaint.datagen.summary.tables import settings

EXAMPLES = 100  # skipped pictures that are named, of each reason

# A figure of the header: its name, its value, and a note below it.
Figure = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class SkipReason:
    """A reason why pictures were skipped.

    Attributes:
        name: the reason in one word, such as `truncated`.
        count: number of failures.
        share: count in percent of that of the most frequent reason.
        examples: the first failures.
    """

    name: str
    count: int
    share: int
    examples: tuple[Failure, ...]


def title(corpus: Corpus) -> str:
    """Return the name of the corpus: the last part of where it is."""
    location = corpus.store.location if corpus.store.local is None else str(corpus.store.local.absolute())
    return location.rstrip("/").rpartition("/")[2] or location


def subtitle(store: Store, canvases: Sequence[tuple[int, int]] = ()) -> str:
    """Say in one line how a corpus was made."""
    asked = settings(store)
    size = f"{asked['size']} px" if "size" in asked else ""
    if canvases and len(set(canvases)) == 1:
        height, width = canvases[0]
        size = f"{width} × {height} px"
    schedule = how.get("schedule") if isinstance(how := asked.get("reordered", asked), dict) else None
    parts = [
        asked.get("renderer", "").replace(",", ", "),
        size,
        f"up to {asked['strokes']} strokes" if "strokes" in asked else "",
        f"{asked['frames']} frames" if "frames" in asked else "",
        f"by {schedule}" if schedule else "",
        "reordered" if "reordered" in asked else "",
        asked.get("quality", ""),
    ]
    return " · ".join(part for part in parts if part)


def header_figures(corpus: Corpus, rows: Sequence[Row]) -> list[Figure]:
    """Return the figures of the header: of the whole corpus, but for captions and licences, which are of the rows."""
    sums = summed(corpus.sidecars)
    samples, failed = sums.total.samples, sum(sums.failures.values())
    sources = sum(sidecar.last - sidecar.first + 1 for sidecar in corpus.sidecars)
    captions = sum(row.caption is not None for row in rows) / len(rows) if rows else 0
    licences = sum("license" in dict(row.credits) for row in rows) / len(rows) if rows else 0
    found = [
        ("samples", f"{samples:,}", f"of {sources:,} sources"),
        ("skipped", f"{failed:,}", f"{len(sums.failures)} reasons" if len(sums.failures) > 1 else ""),
        (
            "size",
            size_text(sums.bytes),
            f"{size_text(sums.bytes // max(1, samples))} a sample, {len(sums.shards)} shards",
        ),
        ("with a caption", f"{100 * captions:.0f} %", f"{100 * licences:.0f} % with a licence" if licences else ""),
    ]
    return found + _painted(sums)


def _painted(sums: Sums) -> list[Figure]:
    """Return figures of what was painted: recordings have no strokes, and PSNR only against their own last frame."""
    samples, seconds = max(1, sums.total.samples), sum(sums.seconds.values())
    found = []
    if sums.total.psnr is not None:
        rated = sums.total.rated
        note = f"of the {rated:,} that have one" if rated < samples else ""
        found.append(("mean PSNR", f"{sums.total.psnr:.1f} dB", note))
    if sums.total.strokes:
        found.append(("mean strokes", f"{sums.total.strokes / samples:,.0f}", ""))
    if seconds:
        found.append(("work", clock_time(seconds), f"{seconds / samples:.2f} s a sample"))
    return found


def reasons(corpus: Corpus) -> list[SkipReason]:
    """Return why pictures were skipped, the most frequent reason first."""
    found: defaultdict[str, list[Failure]] = defaultdict(list)
    for sidecar in corpus.sidecars:
        for failure in sidecar.failures:
            found[failure.reason].append(failure)
    most = max(map(len, found.values()), default=1)
    return [
        SkipReason(
            name=name, count=len(listed), share=round(100 * len(listed) / most), examples=tuple(listed[:EXAMPLES])
        )
        for name, listed in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def skipped_text(found: Sequence[SkipReason]) -> str:
    """Return the sentence above the reasons."""
    if not found:
        return "Nothing was skipped."
    return f"{sum(reason.count for reason in found):,} in all; open a reason to see which, and what was wrong."
