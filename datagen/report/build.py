"""`underpaint-data report`: a whole corpus as one HTML file that opens from disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from underpaint.commandline.checks import at_least
from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.format.atomic import atomic_file
from underpaint.datagen.report import words
from underpaint.datagen.report.charts import bands_chart, histogram_chart
from underpaint.datagen.report.figures import change_bands, histograms, psnr_bands
from underpaint.datagen.report.films import Film, make_film
from underpaint.datagen.report.oddness import ODD, Oddity, oddest, oddities, worst
from underpaint.datagen.report.page import film_data, groups_data, render, row_data
from underpaint.datagen.report.rows import Row, by_group, chosen, chosen_pictures, columns, read_rows
from underpaint.datagen.summary.tables import settings
from underpaint.texts import well_formed

# Bytes of all films: in Base64 21 MB, which leave the page below 30 MB with 10,000 rows.
FILM_BYTES = 16_000_000
# Rows of cards: on a wide screen six stand beside each other.
WORST_EACH, ODDEST = 4, 12
# Columns of the table: name in report.js, name for people, and how their values stand.
_COLUMNS = (
    ("key", "key", ""),
    ("caption", "caption", ""),
    ("medium", "medium", ""),
    ("strokes", "strokes", "number"),
    ("psnr", "PSNR, dB", "number"),
    ("bytes", "kB", "number"),
    ("odd", "oddness", "number"),
)

# Called with (films made, films to make).
Watch = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """What a report shows.

    Args:
        samples: Approximate number of paintings to play, of pictures drawn at random, each in all its media; the worst
            and the oddest paintings are added. Fewer are played if they would make the page too large.
        rows: Number of samples to read, list and count in figures, drawn at random from a larger corpus.
        seed: Seed of both random choices.
    """

    # 11 MB of a page at 46 kB each: enough to get a feeling for a corpus, and open in a second.
    samples: int = 180
    # 10,000 rows are 2 MB (6 if all captions are long), and a minute's reading from a remote store.
    rows: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(0, samples=self.samples)
        at_least(1, rows=self.rows)


@dataclass(frozen=True, kw_only=True)
class _Selection:
    """Numbers of the rows that have films."""

    gallery: list[int]
    worst: list[int]
    odd: list[Oddity]

    def order(self) -> list[int]:
        """Return each number once, those first that a page must not lack."""
        return list(dict.fromkeys([*self.worst, *(each.number for each in self.odd), *self.gallery]))


def write_report(corpus: Corpus, out: Path, config: ReportConfig | None = None, watch: Watch | None = None) -> int:
    """Write the page; return its size in bytes. The same corpus and settings give the same bytes.

    Raises:
        ValueError: a damaged sample; says which. A name of another ending.
        OSError: `out` can't be written.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"{out} ends in {out.suffix or 'nothing'}: give the page a name that ends in .html")
    page = well_formed(report_html(corpus, config or ReportConfig(), watch)).encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(out) as file:
        file.write(page)
    return len(page)


def report_html(corpus: Corpus, config: ReportConfig, watch: Watch | None = None) -> str:
    """Return the page itself; see `write_report`."""
    samples = chosen(corpus, config.rows, config.seed)
    rows = list(read_rows(samples))
    odd = oddities(rows)
    gallery = chosen_pictures(rows, config.samples, config.seed)
    shown = _Selection(gallery=gallery, worst=worst(rows, WORST_EACH), odd=oddest(odd, ODDEST))
    films = _films(samples, shown, watch)
    reasons = words.reasons(corpus)
    drawn = f"{len(rows):,} of {len(corpus):,} samples, drawn at random." if len(rows) < len(corpus) else ""
    return render(
        "report.html",
        ["cards.js", "report.js"],
        reach="data: blob:",
        title=words.title(corpus),
        subtitle=words.subtitle(corpus.store, [row.canvas for row in rows]),
        facts=words.header_figures(corpus, rows),
        data=_data(rows, odd, films, shown),
        chosen=_chosen(sum(number in films for number in gallery), len(rows)),
        listed=drawn,
        progress=_progress(rows, films, gallery),
        distributions=[{"title": each.name, "chart": histogram_chart(each)} for each in histograms(rows)],
        odd_from=ODD,
        odd_count=_odd_count(sum(each.score >= ODD for each in odd), len(shown.odd)),
        skipped=reasons,
        skipped_note=words.skipped_text(reasons),
        columns=_COLUMNS,
        settings=sorted(settings(corpus.store).items()),
    )


def _films(samples: Sequence[CorpusSample], shown: _Selection, watch: Watch | None) -> dict[int, Film]:
    films: dict[int, Film] = {}
    size, numbers = 0, shown.order()
    for number in numbers:
        try:
            film = make_film(samples[number].frames())
        except ValueError as error:
            raise ValueError(f"{samples[number].entry.key}: {error}; run verify") from None
        size += film.bytes
        if size > FILM_BYTES:
            break
        films[number] = film
        if watch:
            watch(len(films), len(numbers))
    return films


def _data(rows: Sequence[Row], odd: Sequence[Oddity], films: Mapping[int, Film], shown: _Selection) -> dict[str, Any]:
    counts = {name: len(members) for name, members in by_group(rows).items()}
    numbers = {name: number for number, name in enumerate(counts)}
    return {
        "groups": groups_data(counts),
        "rows": [row_data(row, numbers[row.group], each.score) for row, each in zip(rows, odd, strict=True)],
        "films": {number: film_data(rows[number], film) for number, film in films.items()},
        "gallery": [number for number in shown.gallery if number in films],
        "columns": columns([rows[number] for number in shown.gallery]),
        "worst": [(number, "") for number in shown.worst if number in films],
        "odd": [(each.number, each.reason) for each in shown.odd if each.number in films],
    }


def _progress(rows: Sequence[Row], films: Mapping[int, Film], gallery: Sequence[int]) -> list[dict[str, Any]]:
    charts = [
        {
            "title": "PSNR over progress",
            "note": "Every frame against the picture that was painted. A curve ends where nothing is left to paint.",
            "chart": bands_chart(psnr_bands(rows), unit="dB", title="PSNR over progress"),
        }
    ]
    changes: defaultdict[str, list[Sequence[float]]] = defaultdict(list)
    for number in gallery:  # and not of the worst and the oddest, which aren't like the others
        if number in films and films[number].changes:
            changes[rows[number].group].append(films[number].changes)
    if changes:
        charts.append(
            {
                "title": "Change from frame to frame",
                "note": "Mean absolute difference over the canvas, in percent of the range; of the paintings above.",
                "chart": bands_chart(change_bands(changes), unit="%", title="Change from frame to frame"),
            }
        )
    return charts


def _chosen(playing: int, listed: int) -> str:
    if playing == listed:
        return "All of them."
    return (
        f"{playing:,} of {listed:,}: all media of pictures that were drawn at random. The table below lists every one."
    )


def _odd_count(odd: int, shown: int) -> str:
    return "None is." if not odd else f"{odd:,} are." if odd == shown else f"{odd:,} are, the oddest first."
