"""A corpus, its statistics, a sample or a finished run as tables for people."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.format.manifest import Share, Sums, summed
from underpaint.datagen.jobs.plan import JOB_FILE
from underpaint.datagen.jobs.progress import clock_time
from underpaint.datagen.jobs.writing import Result
from underpaint.datagen.storage.store import Store
from underpaint.datagen.summary.statistics import PROGRESS, QUANTILES, size_text
from underpaint.texts import parse_json, printable

SHOWN = 20  # failures and keys that are listed one by one


def corpus_tables(corpus: Corpus, *, limit: int = SHOWN) -> list[Table]:
    """Return what a corpus holds, its first samples, and its first failures, each as a table."""
    sums = summed(corpus.sidecars)
    seconds = sum(sums.seconds.values())
    facts = _facts(f"Corpus {corpus.store}")
    for name, value in settings(corpus.store).items():
        _add(facts, name, value)
    _add(facts, "shards", str(len(sums.shards)))
    _add(facts, "samples", str(sums.total.samples))
    _add(facts, "skipped", _reasons(sums.failures))
    _add(facts, "size", f"{size_text(sums.bytes)}, {size_text(sums.bytes // max(1, sums.total.samples))} a sample")
    _add_psnr(facts, sums.total)
    _add(facts, "mean strokes", f"{sums.total.strokes / max(1, sums.total.samples):.0f}")
    _add_renderers(facts, sums)
    if seconds:
        parts = ", ".join(f"{step} {100 * share / seconds:.0f} %" for step, share in sums.seconds.most_common())
        _add(facts, "time", f"{seconds / max(1, sums.total.samples):.2f} s a sample ({parts})")
    return [facts, _samples(corpus, limit), *_failures(corpus, limit)]


def settings(store: Store) -> dict[str, str]:
    """Return what a corpus was made with, by name; a renderer's own options as `oil.ground`."""
    try:
        config: dict[str, Any] = parse_json(store.read(JOB_FILE))["config"]
        options = {name: dict(config.pop(name, {})) for name in str(config["renderer"]).split(",")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"job": f"{JOB_FILE} is missing or damaged"}
    own = {f"{name}.{option}": str(value) for name, values in options.items() for option, value in values.items()}
    return {name: str(value) for name, value in config.items()} | own


def _add_renderers(facts: Table, sums: Sums) -> None:
    """Add a row for each renderer, where there are several."""
    for name, share in sorted(sums.renderers.items() if len(sums.renderers) > 1 else ()):
        _add(facts, f"by {name}", f"{share.samples} samples{_psnr_of(share)}")


def _samples(corpus: Corpus, limit: int) -> Table:
    title = f"Samples ({min(limit, len(corpus))} of {len(corpus)})"
    table = _listing(title, "key", "source", numbers=("strokes", "PSNR"))
    for sample, _ in zip(corpus, range(limit), strict=False):
        entry = sample.entry
        _add(table, entry.key, entry.source, str(entry.strokes), _decibel(entry.psnr))
    return table


def _failures(corpus: Corpus, limit: int) -> list[Table]:
    failures = [failure for sidecar in corpus.sidecars for failure in sidecar.failures]
    if not failures:
        return []
    title = f"Skipped ({min(limit, len(failures))} of {len(failures)})"
    table = _listing(title, "picture", "renderer", "reason", "detail")
    for failure in failures[:limit]:
        _add(table, failure.source, failure.renderer or "-", failure.reason, failure.detail)
    return [table]


def sample_tables(sample: CorpusSample) -> list[Table]:
    """Return tables of one sample: its JSON, where it lies, and its frames."""
    record = sample.record()
    facts = _facts(sample.entry.key)
    for name, value in record.items():
        if name not in ("key", "frames"):
            _add(facts, name, value)
    _add(facts, "tar", sample.tar)
    for extension, (offset, size) in sample.entry.members.items():
        _add(facts, extension, f"{size} bytes at {offset}")
    return [facts, _frames(record["frames"])]


def _frames(frames: list[dict[str, Any]]) -> Table:
    """Tabulate the frames: strokes where there are any, whatever else is known of a frame, and last its PSNR."""
    names = {name for frame in frames for name in frame} - {"psnr"}
    columns = sorted(names, key=lambda name: (name != "strokes", name))
    table = _listing("Frames", "", *columns, numbers=("PSNR",))
    for index, frame in enumerate(frames):
        said = (frame.get(name, "-") for name in columns)
        _add(table, str(index), *said, _decibel(frame["psnr"]))
    return table


def summary_table(result: Result) -> Table:
    """Return how a run of `generate` or `import` ended, as a table."""
    sums, meter = result.sums, result.meter
    table = _facts("Summary")
    _add(table, "written", f"{sums.total.samples} samples in {len(sums.shards)} shards, {size_text(sums.bytes)}")
    _add(table, "skipped", _reasons(sums.failures))
    _add_source(table, result)
    _add(table, "failed shards", str(len(result.errors)))
    _add(table, "missing shards", str(len(result.missing)))
    _add(table, "this run", f"{meter.painted} {meter.unit}s in {clock_time(meter.seconds)}, {meter.resumed} were there")
    _add(table, f"{meter.unit}s/hour", f"{3600 * meter.painted / max(1.0, meter.seconds):.0f}")
    _add_psnr(table, sums.total)
    _add_renderers(table, sums)
    return table


def _add_source(table: Table, result: Result) -> None:
    """Add how many pictures have captions, and what of a folder isn't read."""
    sources = result.sources
    if sources.captions is not None:
        _add(table, "captions", f"{sources.captions} of {sources.total.count} {result.meter.unit}s")
    if sources.passed_over:
        _add(table, "passed over", sources.passed_over)


def statistics_tables(record: dict[str, Any]) -> list[Table]:
    """Return what `corpus_statistics` found as tables: what a corpus holds, its distributions, and curves if any."""
    facts = _facts("Corpus")
    _add(facts, "shards", f"{record['shards']:,}")
    _add(facts, "pictures", f"{record['pictures']:,}")
    _add(facts, "samples", f"{record['samples']:,}, {size_text(record['bytes'])}")
    _add(facts, "skipped", ", ".join(f"{n} {reason}" for reason, n in record["failures"].items()) or "none")
    _add(facts, "licences", ", ".join(f"{name} {n:,}" for name, n in record["licenses"].items()))
    total = sum(record["seconds"].values())
    shares = ", ".join(f"{step} {100 * s / total:.0f} %" for step, s in record["seconds"].items()) if total else "-"
    _add(facts, "time", f"{total / 3600:.2f} core hours: {shares}")
    return [facts, _distributions(record), *_curve_tables(record)]


def _distributions(record: dict[str, Any]) -> Table:
    table = _listing("Distributions", "medium", "", numbers=("mean", *QUANTILES))
    for name, group in record["renderers"].items():
        for row, (what, unit, digits) in enumerate((("strokes", 1, 0), ("psnr", 1, 2), ("bytes", 1e3, 1))):
            summary = group[what] or dict.fromkeys(("mean", *QUANTILES))
            values = ["-" if value is None else f"{value / unit:.{digits}f}" for value in summary.values()]
            label = {"psnr": "PSNR, dB", "bytes": "size, kB"}.get(what, what)
            _add(table, (name, f"{group['samples']:,} samples", "")[row], label, *values)
    return table


def _curve_tables(record: dict[str, Any]) -> list[Table]:
    """Tabulate the curves, a column for each medium: eleven points beside each other are wider than a terminal."""
    curves = {name: group["curves"] for name, group in record["renderers"].items() if "curves" in group}
    if not curves:
        return []
    tables = []
    for what, title in (("psnr", "PSNR in dB"), ("change", "Change by frame, of 255")):
        table = _listing(f"{title}, over the process", "progress", numbers=tuple(curves))
        for row, share in enumerate(PROGRESS):
            points = (curve[what][row] for curve in curves.values())
            _add(table, f"{share:.0%}", *("-" if value is None else f"{value:.1f}" for value in points))
        _add(table, "samples", *(str(curve["samples"]) for curve in curves.values()))
        tables.append(table)
    return tables


def _facts(title: str) -> Table:
    table = Table(title=printable(title), show_header=False)
    for _ in range(2):
        table.add_column(overflow="fold")
    return table


def _listing(title: str, *texts: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return an empty table that fits 80 columns: texts, which are folded where they are long, then numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for name in texts:
        table.add_column(printable(name), overflow="fold")
    for name in numbers:
        table.add_column(printable(name), overflow="fold", justify="right")
    return table


def _add(table: Table, *cells: object) -> None:
    """Add a row of what may come from anywhere: no terminal obeys it, and rich takes no brackets in it for colours."""
    table.add_row(*(Text(printable(str(cell))) for cell in cells))


def _reasons(failures: Any) -> str:
    if not failures:
        return "0"
    return f"{sum(failures.values())} (" + ", ".join(f"{n} {reason}" for reason, n in failures.most_common()) + ")"


def _add_psnr(table: Table, share: Share) -> None:
    if share.rated:
        _add(table, "mean PSNR", mean_psnr(share))


def _psnr_of(share: Share) -> str:
    return f", mean PSNR {mean_psnr(share)}" if share.rated else ""


def mean_psnr(share: Share) -> str:
    """Return the mean PSNR of samples as people read it; where some have none, with the number of those that have."""
    some = f", of the {share.rated:,} that have one" if 0 < share.rated < share.samples else ""
    return f"{_decibel(share.psnr)}{some}"


def _decibel(psnr: float | None) -> str:
    return "-" if psnr is None else f"{psnr:.2f} dB"
