"""The figures of a corpus as tables for people."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from underpaint.datagen.summary.statistics import PROGRESS, QUANTILES


def statistics_tables(record: dict[str, Any]) -> list[Table]:
    """What a corpus holds, its distributions, and curves if there are any; see `corpus_statistics`."""
    facts = Table("", "", title="Corpus", show_header=False)
    facts.add_row("shards", f"{record['shards']:,}")
    facts.add_row("pictures", f"{record['pictures']:,}")
    facts.add_row("samples", f"{record['samples']:,}, {record['bytes'] / 1e9:.3f} GB")
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
