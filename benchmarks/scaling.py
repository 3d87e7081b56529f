"""How a second worker helps, and what a worker weighs: the same job with one and with two Ray workers.

    python -m benchmarks.scaling [--size 512] [--pictures 120] [--rounds 3]

Throughput is counted from the first finished shard to the last, so that Ray's start (some six seconds) does not matter.
One and two workers take turns, and the medians count. Needs two idle cores.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.measuring import SHARED, machine, peak_memory
from underpaint import renderers

# Small shards, so that the last one of each worker ends at nearly the same time.
_SHARD_SIZE = 4


def worker_memory() -> float:
    """The largest peak resident set of all Ray workers that run a shard now, in MiB (Linux)."""
    largest = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while we look at them.
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().startswith(b"ray::_run_shard"):
                largest = max(largest, peak_memory(folder.name))
    return largest


def run(source: Path, out: Path, size: int, workers: int) -> tuple[float, float, float]:
    """Pictures per second once the workers are at it, wall seconds of the whole job, largest worker's peak in MiB."""
    command = [sys.executable, "-m", "underpaint.datagen", "generate", "--source", str(source), "--out", str(out)]
    command += ["--size", str(size), "--shard-size", str(_SHARD_SIZE), "--workers", str(workers)]
    largest = 0.0
    stop = threading.Event()

    def watch() -> None:
        nonlocal largest
        while not stop.wait(2.0):
            largest = max(largest, worker_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    finally:
        stop.set()
        watcher.join()
    seconds = time.perf_counter() - start
    commits = sorted(path.stat().st_mtime for path in out.glob("[0-9]*.json"))
    return _SHARD_SIZE * (len(commits) - 1) / (commits[-1] - commits[0]), seconds, largest


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--pictures", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()

    photos = sorted((SHARED / "images" / "photos").glob("*.jpg"))[: args.pictures]
    print(f"{machine()}, {len(photos)} photos at {args.size} px, 1000 strokes, 16 frames, {args.rounds} rounds")
    renderers.warm_up()
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        for photo in photos:
            shutil.copyfile(photo, source / photo.name)
        for number in range(args.rounds):
            for workers in rates:
                out = Path(folder) / f"corpus-{number}-{workers}"
                rate, seconds, memory = run(source, out, args.size, workers)
                rates[workers].append(rate)
                print(
                    f"{workers} workers: {3600 * rate:.0f} pictures/h, "
                    f"whole job {seconds:.1f} s, a worker at most {memory:.0f} MiB"
                )
    one, two = statistics.median(rates[1]), statistics.median(rates[2])
    print(f"median: {3600 * one:.0f} and {3600 * two:.0f} pictures/h, {two / one:.2f} times as many with two workers")


if __name__ == "__main__":
    main()
