"""How a second worker helps, and what a worker weighs: the same job with one and with two Ray workers.

    python -m benchmarks.scaling [--size 512] [--pictures 400]

The time is that of the whole command, with Ray's start, so take enough pictures. Needs two idle cores.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.measuring import SHARED, machine, peak_memory


def worker_memory() -> float:
    """The largest peak resident set of all Ray workers that run a shard now, in MiB (Linux)."""
    largest = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while we look at them.
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().startswith(b"ray::_run_shard"):
                largest = max(largest, peak_memory(folder.name))
    return largest


def run(source: Path, out: Path, size: int, workers: int) -> tuple[float, float]:
    """Wall seconds of the job, and the largest worker's peak memory in MiB."""
    command = [sys.executable, "-m", "datagen", "generate", "--source", str(source), "--out", str(out)]
    command += ["--size", str(size), "--shard-size", "8", "--workers", str(workers)]
    largest = 0.0
    stop = threading.Event()

    def watch() -> None:
        nonlocal largest
        while not stop.wait(1.0):
            largest = max(largest, worker_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    stop.set()
    watcher.join()
    return seconds, largest


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--pictures", type=int, default=400)
    args = parser.parse_args()

    photos = sorted((SHARED / "images" / "photos").glob("*.jpg"))[: args.pictures]
    print(f"{machine()}, {len(photos)} photos at {args.size} px, 1000 strokes, 16 frames")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        for photo in photos:
            shutil.copyfile(photo, source / photo.name)
        seconds = {}
        for workers in (1, 2):
            seconds[workers], memory = run(source, Path(folder) / f"corpus{workers}", args.size, workers)
            rate = 3600 * len(photos) / seconds[workers]
            print(f"{workers} workers: {seconds[workers]:.1f} s, {rate:.0f} pictures/h, peak {memory:.0f} MiB a worker")
    print(f"two workers give {seconds[1] / seconds[2]:.2f} times the throughput of one")


if __name__ == "__main__":
    main()
