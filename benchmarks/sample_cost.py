"""What a whole sample costs beyond the fit, and how much memory a worker needs.

    python -m benchmarks.sample_cost [--side 512] [--pictures 100] [--renderers bezier oil ink region]

A sample is decoded, fitted, cut into 16 frames, encoded and written into a shard. Memory is the peak of a fresh process
after 10 pictures and after all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measuring import SHARED, STANDARD, cpu_seconds, machine, peak_memory
from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.format.tar import TarStream
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.painting.painter import with_options
from underpaint.datagen.sources.source import Source


def made(source: Source, config: GenerateConfig) -> Sample:
    """The only sample of a picture that a job with one renderer makes."""
    (sample,) = make_samples(source, with_options(config))
    assert isinstance(sample, Sample), f"{source.path} can't be painted"
    return sample


def sample_cost(config: GenerateConfig, source: Source, file: Path) -> tuple[float, float, float]:
    """CPU seconds of the fit alone and of the whole sample, decoding and writing included, and the sample's bytes."""
    assert isinstance(source.path, Path)
    image = np.asarray(Image.open(source.path).convert("RGB"))
    fit, _ = cpu_seconds(
        lambda: renderers.paint(image, renderer=config.media[0], strokes=config.strokes, quality=config.quality)
    )

    def write() -> None:
        with file.open("wb") as handle:
            stream = TarStream(handle)
            stream.add(made(source, config))
            stream.close()

    whole, _ = cpu_seconds(write)
    return fit, whole, file.stat().st_size


def memory_growth(renderer: str, side: int, pictures: int) -> list[tuple[int, float]]:
    """(pictures done, peak MiB) in this process, after 10 pictures and at the end."""
    paths = sorted((SHARED / "images" / "photos").glob("*.jpg"))[:pictures]
    config = GenerateConfig(source="photos", out=Path("unused"), size=side, renderer=renderer)
    peaks = []
    for number, path in enumerate(paths, 1):
        made(Source(index=number, name=path.name, path=path, caption=""), config)
        if number in (10, len(paths)):
            peaks.append((number, peak_memory()))
    return peaks


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--renderers", nargs="+", default=renderers.names())
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peak:
        print(json.dumps(memory_growth(args.renderers[0], args.side, args.pictures)))
        return
    print(
        f"{machine()}, one core, {args.side} px, 1,000 strokes, standard, 16 frames, mean of {len(STANDARD)} pictures"
    )
    print(
        f"{'':10}{'fit, CPU s':>12}{'sample':>10}{'beside the fit':>16}{'MB':>8}   peak memory after so many pictures"
    )
    for renderer in args.renderers:
        fit, whole, size = mean_cost(renderer, args.side)
        command = [sys.executable, "-m", "benchmarks.sample_cost", "--peak", "--renderers", renderer]
        command += ["--side", str(args.side), "--pictures", str(args.pictures)]
        peaks = json.loads(subprocess.check_output(command))
        memory = ", ".join(f"{mebibytes:.0f} MiB ({pictures})" for pictures, mebibytes in peaks)
        print(f"{renderer:10}{fit:12.3f}{whole:10.3f}{whole - fit:16.3f}{size / 1e6:8.2f}   {memory}", flush=True)


def mean_cost(renderer: str, side: int) -> tuple[float, float, float]:
    """`sample_cost` over the standard pictures: the mean of each one's median of three."""
    renderers.warm_up(renderer)
    config = GenerateConfig(source="standard", out=Path("unused"), size=side, renderer=renderer)
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for index, name in enumerate(STANDARD):
            path = SHARED / "images" / "standard" / f"{name}_{side}.png"
            source = Source(index=index, name=path.name, path=path, caption="")
            runs = [sample_cost(config, source, Path(folder) / "shard.tar") for _ in range(3)]
            costs.append(np.median(runs, axis=0))
    fit, whole, size = np.mean(costs, axis=0)
    return float(fit), float(whole), float(size)


if __name__ == "__main__":
    main()
