"""What a job costs beyond painting, when it is all small things: many tiny pictures, a few strokes each.

    python -m benchmarks.scale [--pictures 20000] [--side 32] [--strokes 5] [--workers 2]

Measured on one job: the driver's memory from its first shards to its last, CPU seconds per sample of the whole job by
step, and how long the same command takes when everything is done. Needs a few minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measuring import machine
from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.painting.painter import with_options
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.storage.sidecars import read_sidecars

# What makes the sample itself; everything else is overhead: reading, the tar, the sidecar, the driver.
RENDERING = ("paint", "frames", "encode")
MEASURED = 1000  # pictures of which single steps are measured


class CpuWatch(Stopwatch):
    """Counts CPU time of this process, which other processes don't disturb."""

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the block's CPU time towards `name`."""
        start = time.process_time()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - start


def step_costs(config: GenerateConfig) -> dict[str, float]:
    """CPU milliseconds of each step of a sample, the mean over some pictures."""
    watch, config = CpuWatch(), with_options(config)
    sources = list(islice(read_sources(config.source), MEASURED))
    for source in sources:
        assert all(isinstance(made, Sample) for made in make_samples(source, config, watch))
    return {step: 1000 * seconds / len(sources) for step, seconds in watch.seconds.items()}


def make_pictures(folder: Path, count: int, side: int) -> None:
    """Write `count` little pictures of noise, side x side."""
    random = np.random.default_rng(0)
    for number in range(count):
        below = folder / f"{number // 1000:03d}"
        below.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(random.integers(0, 256, (4, 4, 3), np.uint8))
        coarse.resize((side, side)).save(below / f"{number:06d}.png")


def resident(process: int) -> float:
    """Resident memory of a process in MiB (Linux); 0 when it is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


def run(command: list[str], out: Path) -> tuple[float, float, list[tuple[int, float]]]:
    """Wall seconds and CPU seconds of a job with all its processes, and (shards done, MiB of the driver) over time."""
    memory: list[tuple[int, float]] = []
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    job = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(1.0):
            done = len(list(out.glob("[0-9]*.json")))
            memory.append((done, resident(job.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = job.wait()
    seconds = time.perf_counter() - start
    stop.set()
    watcher.join()
    if status:
        raise SystemExit(f"the job ended with status {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, memory


def growth(memory: list[tuple[int, float]], shards: int) -> str:
    """The driver's memory at some shares of the job."""
    parts = []
    for share in (0.1, 0.25, 0.5, 0.75, 1.0):
        reached = [mebibytes for done, mebibytes in memory if share * shards - 0.1 * shards <= done <= share * shards]
        parts.append(f"{max(reached, default=0.0):.0f} ({100 * share:.0f} %)")
    return ", ".join(parts)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--strokes", type=int, default=5)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--renderer", default="bezier")
    args = parser.parse_args()
    renderers.warm_up(args.renderer)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "pictures", Path(folder) / "corpus"
        make_pictures(source, args.pictures, args.side)
        command = [sys.executable, "-m", "underpaint.datagen", "generate", "--source", str(source), "--out", str(out)]
        for name in ("strokes", "frames", "workers", "renderer"):
            command += [f"--{name}", str(getattr(args, name))]
        command += ["--size", str(args.side), "--quality", "draft"]
        wall, cpu, memory = run(command, out)
        sidecars = list(read_sidecars(out))
        samples = sum(sidecar.count for sidecar in sidecars)
        settings = {name: getattr(args, name) for name in ("strokes", "frames", "renderer")}
        config = GenerateConfig(source=str(source), out=out, size=args.side, quality="draft", **settings)
        steps = step_costs(config)
        again, again_cpu, _ = run(command, out)
    print(f"{machine()}: {samples} samples of {args.side} px and {args.strokes} strokes, {args.workers} workers")
    print(f"the job: {wall:.1f} s, {cpu:.1f} CPU s, {1000 * cpu / samples:.2f} CPU ms a sample")
    print(f"CPU ms a sample by step: {', '.join(f'{step} {cost:.2f}' for step, cost in steps.items())}")
    rest = 1000 * cpu / samples - sum(steps[step] for step in RENDERING)
    print(f"beside {' + '.join(RENDERING)}: {rest:.2f} CPU ms a sample (with workers, without Ray's own processes)")
    print(f"driver, MiB at shares of the job: {growth(memory, len(sidecars))}")
    print(f"the finished job again: {again:.1f} s, {again_cpu:.1f} CPU s")


if __name__ == "__main__":
    main()
