"""What a film of one picture costs, and what the way before streaming costs beside it.

    python -m benchmarks.film [--picture FILE] [--size 1024] [--strokes 3000] [--formats mp4 gif] [--first]

Each row is a process of its own, from its start to the finished file: CPU seconds and peak memory of all of it. `held`
is the former way: every frame is rendered whole, all are held, H.264 by `slow`, GIF and WebP by Pillow's writers.
`--first` also measures the command with no compiled kernels, and once more.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.measuring import SHARED, machine
from underpaint import renderers
from underpaint.pipelines.photo import read_photo
from underpaint.renderers.film.timing import Timing
from underpaint.renderers.film.writing import film_format, write_film

FPS, HOLD = 30.0, 1.5


def painted(picture: Path, size: int, strokes: int) -> renderers.Process:
    """The process of which films are made, in oil."""
    return renderers.paint(read_photo(picture, size=size).pixels, renderer="oil", strokes=strokes)


def stream(process: renderers.Process, out: Path, frames: int) -> None:
    """Write a film as it is done now."""
    write_film(process.replayed(frames), out, film_format(out), timing=Timing(fps=FPS, hold=HOLD))


def hold(process: renderers.Process, out: Path, frames: int) -> None:
    """Write a film as it was done before: see the module."""
    height, width = process.program.size
    held = np.empty((frames, height, width, 3), np.uint8)
    painter: Any = renderers.get_medium("oil").painter(process.program, height, width)
    for number, count in enumerate(process.stroke_counts(frames)):
        painter.paint_until(int(count))
        painter._seen = None  # renders all of the canvas
        held[number] = painter.pixels()
    if out.suffix == ".mp4":
        _hold_mp4(held, out)
        return
    options: dict[str, Any] = {"lossless": True, "method": 4, "quality": 50} if out.suffix == ".webp" else {}
    durations = [round(1000 / FPS)] * frames
    durations[-1] += round(1000 * HOLD)
    first, *rest = (Image.fromarray(frame) for frame in held)
    first.save(out, save_all=True, append_images=rest, duration=durations, loop=0, **options)


def _hold_mp4(held: Any, out: Path) -> None:
    import av

    with av.open(str(out), "w", format="mp4", options={"movflags": "faststart"}) as film:
        codec = film.add_stream("libx264", rate=Fraction(FPS), options={"crf": "17", "preset": "slow"})
        codec.pix_fmt = "yuv420p"
        codec.height, codec.width = (side - side % 2 for side in held.shape[1:3])
        for number in [*range(len(held)), *[len(held) - 1] * round(HOLD * FPS)]:
            even = np.ascontiguousarray(held[number, : codec.height, : codec.width])
            film.mux(codec.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        film.mux(codec.encode(None))


def measured(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, float, float]:
    """Run a command; return its wall seconds, CPU seconds and peak memory in MiB."""
    began = time.monotonic()
    child = os.posix_spawn(sys.executable, [sys.executable, *command], {**os.environ, **(environment or {})})
    _, status, usage = os.wait4(child, 0)
    assert status == 0, f"{' '.join(command)} failed"
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print a table, or, as a child of its own, write one film."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, default=SHARED / "images" / "paintings" / "tubingen.jpg")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--strokes", type=int, default=3000)
    parser.add_argument("--formats", nargs="+", default=["mp4", "gif", "webp", "webm"])
    parser.add_argument("--long", type=int, default=2000, help="frames of the long films")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--write", nargs=3, metavar=("WAY", "FILE", "FRAMES"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        way, out, frames = args.write
        process = painted(args.picture, args.size, args.strokes)
        (stream if way == "streamed" else hold)(process, Path(out), int(frames))
        return
    if not args.picture.is_file():
        raise SystemExit(f"this benchmark needs a picture: {args.picture} is missing, give --picture FILE")
    height, width = read_photo(args.picture, size=args.size).pixels.shape[:2]
    print(f"{machine()}, one core; {args.picture.name}, {width} x {height}, oil, {args.strokes} strokes")
    own = ["-m", "benchmarks.film", "--picture", str(args.picture), "--size", str(args.size)]
    own += ["--strokes", str(args.strokes), "--write"]
    with tempfile.TemporaryDirectory() as folder:
        if args.first:
            _print_first(args.picture, Path(folder))
        painted(args.picture, args.size, args.strokes).frames(2)  # compiles
        print(f"{'':8}{'way':10}{'frames':>7}{'CPU s':>8}{'peak MiB':>10}{'file MB':>9}")
        for form in args.formats:
            ways = [("streamed", 240), ("streamed", args.long), *([("held", 240)] if form != "webm" else [])]
            for way, frames in ways:
                out = Path(folder) / f"a.{form}"
                _, seconds, peak = measured([*own, way, str(out), str(frames)])
                size = out.stat().st_size / 1e6
                print(f"{form:8}{way:10}{frames:7}{seconds:8.1f}{peak:10.0f}{size:9.1f}", flush=True)


def _print_first(picture: Path, folder: Path) -> None:
    """Print what the command takes with no compiled kernels, and then again."""
    command = ["-m", "underpaint.pipelines", "paint", str(picture), "--out", str(folder / "film.mp4")]
    for name in ("first", "second"):
        wall, seconds, peak = measured(command, {"NUMBA_CACHE_DIR": str(folder / "kernels")})
        print(f"underpaint paint, {name} run: {wall:.0f} s, {seconds:.1f} CPU s, {peak:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
