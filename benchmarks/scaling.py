"""How a second worker helps, and what a worker weighs: the same job with one and with two Ray workers.

    python -m benchmarks.scaling [--size 512] [--pictures 400]

Throughput is counted from the first finished shard to the last, so that Ray's start (some six seconds) does not matter.
Needs two idle cores.
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
    command = [sys.executable, "-m", "datagen", "generate", "--source", str(source), "--out", str(out)]
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
    parser.add_argument("--pictures", type=int, default=400)
    args = parser.parse_args()

    photos = sorted((SHARED / "images" / "photos").glob("*.jpg"))[: args.pictures]
    print(f"{machine()}, {len(photos)} photos at {args.size} px, 1000 strokes, 16 frames")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        for photo in photos:
            shutil.copyfile(photo, source / photo.name)
        rates = {}
        for workers in (1, 2):
            rates[workers], seconds, memory = run(source, Path(folder) / f"corpus{workers}", args.size, workers)
            print(
                f"{workers} workers: {3600 * rates[workers]:.0f} pictures/h, "
                f"whole job {seconds:.1f} s, a worker at most {memory:.0f} MiB"
            )
    print(f"two workers give {rates[2] / rates[1]:.2f} times the throughput of one")


if __name__ == "__main__":
    main()
