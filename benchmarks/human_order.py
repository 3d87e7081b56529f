"""How many of our paintings go the way that people's do? Robust measures, people's bands, and the way of the hand.

    python -m benchmarks.human_order [--media bezier,bezier:error,oil,oil:error,ink,ink:layers,pencil,...]
        [--pictures 24] [--from N] [--size 256] [--strokes 1000] [--quality standard] [--frames 8]

Paints photographs in each medium, one core, and measures them beside the recorded processes of ../shared by
`pipelines.evaluation.human`: mean and standard deviation, and the share of paintings whose measures are all inside the
bands. `oil:error` paints in the manner and the frame schedule `error`; what `oil` loses and costs beside it is printed
below the table. `oil@1100` takes 1,100 strokes. `--from 8` takes other photographs than docs/evaluation.md does. The
blank first frame is left out, because the recorded ones begin with something on the sheet.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evaluation import without_bars
from benchmarks.measuring import SHARED, cpu_seconds, machine
from underpaint import renderers
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import Canvas
from underpaint.pipelines.evaluation.human import BANDS, WITHOUT, is_human, of_people
from underpaint.pipelines.evaluation.sequences import View, find_processes
from underpaint.renderers.order.hops import hop_ratio

PROCESSES = ("processes", "more-processes")
MEDIA = "bezier,bezier:error,oil,oil:error,ink,ink:layers,pencil,illustration,region"
EVERY = 16  # rows of the list of photographs from one that is painted to the next

Rows = Sequence[Mapping[str, float]]


def photographs(count: int, first: int, size: int) -> list[npt.NDArray[np.uint8]]:
    """Every 16th photograph from row `first` on: centre squares, uint8 (size, size, 3)."""
    folder = SHARED / "images" / "photos"
    rows = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    canvas = Canvas(
        size=size, square=True, background=(255, 255, 255), min_side=16, max_pixels=50_000_000, max_aspect=9
    )
    return [decode_picture(folder / row["file"], canvas).pixels for row in rows[first::EVERY][:count]]


def recorded(size: int) -> dict[str, dict[str, float]]:
    """Measures of the recorded processes by name."""
    view = View(size=size, aspect="keep", frames=64, threshold=0.06)
    found = [process for part in PROCESSES for process in find_processes(SHARED / part)]
    return {process.name: of_people(without_bars(process.read(view))) for process in found}


def painted(column: str, pictures: Sequence[npt.NDArray[np.uint8]], args: argparse.Namespace) -> Rows:
    """Measures of each picture's painting, its PSNR, its hop ratio and the CPU seconds that it took.

    `column` is a medium, with `:MANNER` and `@STROKES` behind it or not.
    """
    name, _, strokes = column.partition("@")
    medium, _, manner = name.partition(":")
    options: dict[str, Any] = {"manner": manner} if manner else {}
    renderers.warm_up(medium)
    rows = []
    for seed, picture in enumerate(pictures):
        paint = partial(
            renderers.paint, renderer=medium, strokes=int(strokes or args.strokes), quality=args.quality, seed=seed,
            **options,
        )  # fmt: skip
        seconds, process = cpu_seconds(partial(paint, picture))
        drawing, frames = cpu_seconds(partial(process.frames, args.frames, "error" if manner else None))
        row = of_people(frames[1:])
        human = float(is_human(row, WITHOUT.get(medium, frozenset())))
        hop = hop_ratio(process.program.strokes)
        costs = {"psnr": process.psnr(), "seconds": seconds, "with frames": seconds + drawing}
        rows.append(row | {"hop": hop} | costs | {"inside": human})
    return rows


def beside_error(columns: Mapping[str, Rows]) -> str:
    """What each medium loses and costs beside its manner `error`, a line for each of which both are there."""
    lines = []
    for column, rows in columns.items():
        medium = column.partition("@")[0]
        error = columns.get(f"{medium}:error")
        if error is None:
            continue
        lost = [theirs["psnr"] - ours["psnr"] for ours, theirs in zip(rows, error, strict=True)]
        ratio = np.mean([row["seconds"] for row in rows]) / np.mean([row["seconds"] for row in error])
        lines.append(f"{column}: {np.mean(lost):.2f} dB lost, at worst {max(lost):.2f}; {ratio:.2f} times the CPU time")
    return "\n".join(lines)


def table(columns: Mapping[str, Rows]) -> str:
    """Markdown: measures down, media across."""
    lines = ["| measure | band | " + " | ".join(columns) + " |", "| :-- | :-: |" + " --: |" * len(columns)]
    for name in next(iter(columns.values()))[0]:
        band = "{:.2f} to {:.2f}".format(*BANDS[name]) if name in BANDS else ""
        cells = (_cell(name, [row[name] for row in rows]) for rows in columns.values())
        lines.append(f"| {name} | {band} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(name: str, values: Sequence[float]) -> str:
    if name == "inside":
        return f"{100 * np.mean(values):.0f} %"
    if not np.isfinite(values).all():
        return "exact"  # revealed regions end in the picture itself
    return f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"


def main() -> None:
    """Print two tables: the recorded processes one by one, and our media."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--media", default=MEDIA)
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--strokes", type=int, default=1000)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--frames", type=int, default=8)
    args = parser.parse_args()
    for name, row in recorded(args.size).items():
        print(f"{Path(name).name:20} " + "  ".join(f"{key} {value:.2f}" for key, value in row.items()))
    pictures = photographs(args.pictures, args.first, args.size)
    print(
        f"\n{len(pictures)} photographs, {args.size} px, {args.strokes} strokes, {args.quality}, {args.frames} frames, "
    )
    print(f"{machine()}\n")
    columns = {column: painted(column, pictures, args) for column in args.media.split(",")}
    print(table(columns))
    print(beside_error(columns))


if __name__ == "__main__":
    main()
