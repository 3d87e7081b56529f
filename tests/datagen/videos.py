"""Recordings for the tests of `import`, as videos and as folders of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

PAPER = (240, 236, 228)


def painting(count: int, size: tuple[int, int] = (96, 72), *, pause: range = range(0)) -> Iterator[Image.Image]:
    """A painting that grows column by column, `count` frames of it; during the pause nothing happens."""
    width, height = size
    random = np.random.default_rng(1)
    sheet = Image.new("RGB", size, PAPER)
    steps = [index for index in range(1, count) if index not in pause]
    for index in range(count):
        if index in steps:
            done = steps.index(index)
            left, right = width * done // len(steps), width * (done + 1) // len(steps)
            colour = tuple(int(value) for value in random.integers(0, 130, 3))
            ImageDraw.Draw(sheet).rectangle((left, 0, max(left, right - 1), height), fill=colour)
        yield sheet.copy()


def with_bars(
    frames: Iterable[Image.Image], x: int, y: int, colour: str | tuple[int, int, int] = "black"
) -> Iterator[Image.Image]:
    """The same with bars of x px left and right, and of y px above and below."""
    for frame in frames:
        wide = Image.new("RGB", (frame.width + 2 * x, frame.height + 2 * y), colour)
        wide.paste(frame, (x, y))
        yield wide


def with_hand(frames: Iterable[Image.Image]) -> Iterator[Image.Image]:
    """The same with something that covers a third of the picture in two frames of seven."""
    for index, frame in enumerate(frames):
        if index % 7 in (2, 3):
            place = index * 37 % (frame.width * 2 // 3)
            ImageDraw.Draw(frame).rectangle((place, 0, place + frame.width // 3, frame.height), fill=(250, 170, 140))
        yield frame


def write_video(path: Path, frames: Iterable[Image.Image], codec: str = "libx264", pixels: str = "yuv420p") -> Path:
    """Write frames as a video of 10 frames a second."""
    with av.open(str(path), "w") as video:
        stream = None
        for frame in frames:
            if stream is None:
                stream = video.add_stream(codec, rate=10)
                stream.width, stream.height, stream.pix_fmt = *frame.size, pixels
            video.mux(stream.encode(av.VideoFrame.from_image(frame)))
        assert stream is not None
        video.mux(stream.encode(None))
    return path


def write_pictures(folder: Path, frames: Iterable[Image.Image]) -> Path:
    """Write frames as 0.png, 1.png, ..., 10.png into a new folder."""
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        frame.save(folder / f"{index}.png")
    return folder
