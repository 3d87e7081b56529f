"""How human is each medium's order? The measures of docs/evaluation.md over real processes and over ours.

    python -m benchmarks.evaluation [--pictures 24] [--size 256] [--frames 8] [--work FOLDER] [--plot FILE]

Paints photographs in four media as they were painted before there was the painter's manner (`--config paper`), into
FOLDER, where a second run finds them: `benchmarks.human_order` has today's, by measures that stand a camera. The real
processes begin with something on the sheet, so the blank first frame of ours is left out; and some have white margins
beside the sheet, which are cut off. Two tables: all frames, and four of each at even steps, since two of the real
processes have no more.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measuring import SHARED
from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.filmstrip import filmstrip
from underpaint.datagen.generate import generate
from underpaint.datagen.recordings.letterbox import Bars
from underpaint.pipelines.evaluation.measures import MEASURES, of_process
from underpaint.pipelines.evaluation.plot import plot_curves
from underpaint.pipelines.evaluation.progress import Curve, curve_distance, nearest, profile, progress
from underpaint.pipelines.evaluation.sequences import View, find_processes

Frames = npt.NDArray[np.uint8]
Processes = dict[str, list[Frames]]

MEDIA: dict[str, dict[str, Any]] = {
    "bezier": {"manner": "error"},
    "oil": {"manner": "error"},
    "ink": {"manner": "layers"},
    "region": {"order": "saliency", "flats": False},
}
# Strips, and pictures for the eye, need no more.
ROWS = 4


def pictures(count: int, work: Path) -> Path:
    """A list of `count` photographs, evenly picked, in the form of a source."""
    folder = SHARED / "images" / "photos"
    rows = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    chosen = rows[:: max(1, len(rows) // count)][:count]
    listing = work / "photos.jsonl"
    listing.write_text("".join(json.dumps(row | {"file": str(folder / row["file"])}) + "\n" for row in chosen))
    return listing


def painted(medium: str, args: argparse.Namespace, work: Path) -> Path:
    """The corpus of a medium; what is there already isn't painted again."""
    config = GenerateConfig(
        source=str(pictures(args.pictures, work)),
        out=work / medium,
        renderer=medium,
        size=args.size,
        frames=args.frames,
        schedule="error",
        options={medium: renderers.options_class(medium)(**MEDIA[medium])},
        workers=0,
    )
    generate(config, stream=io.StringIO())
    return work / medium


def read(path: Path, view: View) -> list[tuple[str, Frames]]:
    """All processes of a file or folder, by name."""
    return [(process.name, process.read(view)) for process in find_processes(path)]


def without_bars(frames: Frames) -> Frames:
    """Without the white margins beside a sheet, which nobody paints; they'd count as finished from the start."""
    bars = Bars()
    for frame in frames:
        bars.add(frame)
    height, width = frames.shape[1:3]
    left, top, right, bottom = (
        round(share * side) for share, side in zip(bars.window(), (width, height) * 2, strict=True)
    )
    return frames[:, top:bottom, left:right]


def table(columns: Processes, real: Sequence[Frames], threshold: float) -> str:
    """Markdown: measures down, real processes and media across, with standard deviations where there are several."""
    values = {name: [of_process(frames, threshold) for frames in group] for name, group in columns.items()}
    lines = ["| measure | " + " | ".join(columns) + " |", "| :-- |" + " --: |" * len(columns)]
    frames = " | ".join(str(len(group[0])) for group in columns.values())
    lines.append(f"| frames | {frames} |")
    for name in next(iter(values.values()))[0]:
        cells = (_cell([found[name] for found in group]) for group in values.values())
        lines.append(f"| {MEASURES[name].title} | " + " | ".join(cells) + " |")
    cells = (_cell([_from_real(frames, real) for frames in group]) for group in columns.values())
    lines.append("| distance of progress to the real ones | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    spread = f" ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{spread}"


def _from_real(frames: Frames, real: Sequence[Frames]) -> float:
    """Mean distance of a process's curve of progress to those of the real ones, itself left out."""
    others = [other for other in real if other is not frames]
    return float(np.mean([curve_distance(progress(profile(frames)), progress(profile(other))) for other in others]))


def curves(group: Sequence[Frames]) -> list[Curve]:
    """Progress of each process."""
    return [progress(profile(frames)) for frames in group]


def main() -> None:
    """Print the tables, and draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=Path, default=SHARED / "processes")
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--threshold", type=float, default=0.06)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "underpaint-evaluation")
    parser.add_argument("--plot", type=Path, default=None)
    parser.add_argument("--strip", type=Path, default=None)
    args = parser.parse_args()

    args.work.mkdir(parents=True, exist_ok=True)
    view = View(size=args.size, aspect="keep", frames=64, threshold=args.threshold)
    columns: Processes = {f"{name} (real)": [without_bars(frames)] for name, frames in read(args.processes, view)}
    real = [group[0] for group in columns.values()]
    for medium in MEDIA:
        columns[medium] = [frames[1:] for _, frames in read(painted(medium, args, args.work), view)]
    print(f"{args.pictures} photographs, {args.size} px, {args.frames} frames, the blank one left out\n")
    print(table(columns, real, args.threshold))
    four = {name: [nearest(frames, 4) for frames in group] for name, group in columns.items()}
    print("\nfour frames of each\n")
    print(table(four, [four[name][0] for name in list(four)[: len(real)]], args.threshold))
    if args.plot is not None:
        plot_curves(
            {medium: curves(columns[medium]) for medium in MEDIA},
            {name: curves(group) for name, group in columns.items() if name not in MEDIA},
            args.plot,
        )
    if args.strip is not None:
        for medium in MEDIA:
            samples = list(Corpus(args.work / medium))[:ROWS]
            filmstrip(samples, columns=args.frames).save(args.strip.with_stem(f"{args.strip.stem}-{medium}"))


if __name__ == "__main__":
    main()
