"""A corpus, its statistics, a sample or a finished run as tables for people."""

from __future__ import annotations

import json
from typing import Any

from rich.table import Table
from rich.text import Text

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.format.manifest import Sums, summed
from underpaint.datagen.jobs.plan import JOB_FILE
from underpaint.datagen.jobs.progress import clock_time
from underpaint.datagen.jobs.writing import Result
from underpaint.datagen.storage.store import Store
from underpaint.datagen.summary.statistics import PROGRESS, QUANTILES, size_text

SHOWN = 20  # failures and keys that are listed one by one


def corpus_tables(corpus: Corpus, *, limit: int = SHOWN) -> list[Table]:
    """Return what a corpus holds, its first samples, and its first failures, each as a table."""
    sums = summed(corpus.sidecars)
    seconds = sum(sums.seconds.values())
    facts = _facts(f"Corpus {corpus.store}")
    for name, value in settings(corpus.store).items():
        facts.add_row(name, Text(value))
    facts.add_row("shards", str(len(sums.shards)))
    facts.add_row("samples", str(sums.total.samples))
    facts.add_row("skipped", _reasons(sums.failures))
    facts.add_row("size", f"{size_text(sums.bytes)}, {size_text(sums.bytes // max(1, sums.total.samples))} a sample")
    facts.add_row("mean PSNR", _decibel(sums.total.psnr))
    facts.add_row("mean strokes", f"{sums.total.strokes / max(1, sums.total.samples):.0f}")
    _add_renderers(facts, sums)
    if seconds:
        parts = ", ".join(f"{step} {100 * share / seconds:.0f} %" for step, share in sums.seconds.most_common())
        facts.add_row("time", f"{seconds / max(1, sums.total.samples):.2f} s a sample ({parts})")
    return [facts, _samples(corpus, limit), *_failures(corpus, limit)]


def settings(store: Store) -> dict[str, str]:
    """Return what a corpus was made with, by name; a renderer's own options as `oil.ground`."""
    try:
        config: dict[str, Any] = json.loads(store.read(JOB_FILE))["config"]
        options = {name: dict(config.pop(name, {})) for name in str(config["renderer"]).split(",")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"job": f"{JOB_FILE} is missing or damaged"}
    own = {f"{name}.{option}": str(value) for name, values in options.items() for option, value in values.items()}
    return {name: str(value) for name, value in config.items()} | own


def _add_renderers(facts: Table, sums: Sums) -> None:
    """Add a row for each renderer, where there are several."""
    for name, share in sorted(sums.renderers.items() if len(sums.renderers) > 1 else ()):
        facts.add_row(f"by {name}", f"{share.samples} samples, mean PSNR {_decibel(share.psnr)}")


def _samples(corpus: Corpus, limit: int) -> Table:
    table = Table("key", "source", "strokes", "PSNR", title=f"Samples ({min(limit, len(corpus))} of {len(corpus)})")
    for sample, _ in zip(corpus, range(limit), strict=False):
        entry = sample.entry
        table.add_row(entry.key, Text(entry.source), str(entry.strokes), _decibel(entry.psnr))
    return table


def _failures(corpus: Corpus, limit: int) -> list[Table]:
    failures = [failure for sidecar in corpus.sidecars for failure in sidecar.failures]
    if not failures:
        return []
    title = f"Skipped ({min(limit, len(failures))} of {len(failures)})"
    table = Table("picture", "renderer", "reason", "detail", title=title)
    for failure in failures[:limit]:
        table.add_row(Text(failure.source), failure.renderer or "-", failure.reason, Text(failure.detail))
    return [table]


def sample_tables(sample: CorpusSample) -> list[Table]:
    """Return tables of one sample: its JSON, where it lies, and its frames."""
    record = sample.record()
    facts = _facts(sample.entry.key)
    for name, value in record.items():
        if name not in ("key", "frames"):
            facts.add_row(name, Text(str(value)))
    facts.add_row("tar", sample.tar)
    for extension, (offset, size) in sample.entry.members.items():
        facts.add_row(extension, f"{size} bytes at {offset}")
    return [facts, _frames(record["frames"])]


def _frames(frames: list[dict[str, Any]]) -> Table:
    """Tabulate the frames: strokes where there are any, whatever else is known of a frame, and last its PSNR."""
    names = {name for frame in frames for name in frame} - {"psnr"}
    columns = sorted(names, key=lambda name: (name != "strokes", name))
    table = Table("", *columns, "PSNR", title="Frames")
    for index, frame in enumerate(frames):
        said = (Text(str(frame.get(name, "-"))) for name in columns)
        table.add_row(str(index), *said, _decibel(frame["psnr"]))
    return table


def summary_table(result: Result) -> Table:
    """Return how a run of `generate` or `import` ended, as a table."""
    sums, meter = result.sums, result.meter
    table = _facts("Summary")
    table.add_row("written", f"{sums.total.samples} samples in {len(sums.shards)} shards, {size_text(sums.bytes)}")
    table.add_row("skipped", _reasons(sums.failures))
    _add_source(table, result)
    table.add_row("failed shards", str(len(result.errors)))
    table.add_row("missing shards", str(len(result.missing)))
    table.add_row(
        "this run", f"{meter.painted} {meter.unit}s in {clock_time(meter.seconds)}, {meter.resumed} were there"
    )
    table.add_row(f"{meter.unit}s/hour", f"{3600 * meter.rate:.0f}")
    table.add_row("mean PSNR", _decibel(sums.total.psnr))
    _add_renderers(table, sums)
    return table


def _add_source(table: Table, result: Result) -> None:
    """Add how many pictures have captions, and what of a folder isn't read."""
    sources = result.sources
    if sources.captions is not None:
        table.add_row("captions", f"{sources.captions} of {sources.total.count} {result.meter.unit}s")
    if sources.passed_over:
        table.add_row("passed over", Text(sources.passed_over))


def statistics_tables(record: dict[str, Any]) -> list[Table]:
    """Return what `corpus_statistics` found as tables: what a corpus holds, its distributions, and curves if any."""
    facts = _facts("Corpus")
    facts.add_row("shards", f"{record['shards']:,}")
    facts.add_row("pictures", f"{record['pictures']:,}")
    facts.add_row("samples", f"{record['samples']:,}, {size_text(record['bytes'])}")
    facts.add_row("skipped", ", ".join(f"{n} {reason}" for reason, n in record["failures"].items()) or "none")
    facts.add_row("licences", ", ".join(f"{name} {n:,}" for name, n in record["licenses"].items()))
    total = sum(record["seconds"].values())
    shares = ", ".join(f"{step} {100 * s / total:.0f} %" for step, s in record["seconds"].items()) if total else "-"
    facts.add_row("time", f"{total / 3600:.2f} core hours: {shares}")
    return [facts, _distributions(record), *_curve_tables(record)]


def _distributions(record: dict[str, Any]) -> Table:
    table = Table("renderer", "samples", "", "mean", *QUANTILES, title="Distributions")
    for name, group in record["renderers"].items():
        for row, (what, unit, digits) in enumerate((("strokes", 1, 0), ("psnr", 1, 2), ("bytes", 1e3, 1))):
            summary = group[what] or dict.fromkeys(("mean", *QUANTILES))
            values = ["-" if value is None else f"{value / unit:.{digits}f}" for value in summary.values()]
            label = {"psnr": "PSNR, dB", "bytes": "size, kB"}.get(what, what)
            table.add_row(name if row == 0 else "", f"{group['samples']:,}" if row == 0 else "", label, *values)
    return table


def _curve_tables(record: dict[str, Any]) -> list[Table]:
    curves = {name: group["curves"] for name, group in record["renderers"].items() if "curves" in group}
    if not curves:
        return []
    tables = []
    for what, title in (("psnr", "PSNR, dB"), ("change", "Change since the frame before, of 255")):
        table = Table("renderer", "of", *(f"{share:.0%}" for share in PROGRESS), title=f"{title}, over the process")
        for name, curve in curves.items():
            shown = ("-" if value is None else f"{value:.1f}" for value in curve[what])
            table.add_row(name, str(curve["samples"]), *shown)
        tables.append(table)
    return tables


def _facts(title: str) -> Table:
    return Table("", "", title=title, show_header=False)


def _reasons(failures: Any) -> str:
    if not failures:
        return "0"
    return f"{sum(failures.values())} (" + ", ".join(f"{n} {reason}" for reason, n in failures.most_common()) + ")"


def _decibel(psnr: float | None) -> str:
    return "-" if psnr is None else f"{psnr:.2f} dB"
