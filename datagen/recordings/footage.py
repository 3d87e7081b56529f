"""The frames of a recording, one after the other, each brought to a canvas only if it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from underpaint.datagen.pictures.decode import REDUCING_GAP, decode_picture, fitted, opened, over
from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture
from underpaint.datagen.pictures.places import Place, streamed, verdict
from underpaint.datagen.recordings.reading import is_frame_name
from underpaint.extras import needing

# Names of FFmpeg's demuxers. Others, such as playlists, would open files and addresses that a video names.
DEMUXERS = "mov,matroska,avi,gif"


@dataclass(frozen=True)
class Shot:
    """One frame of a recording.

    Attributes:
        number: in the recording, from 0.
        seconds: since the video began; None for a picture in a folder.
        picture: brings it to a canvas; may raise `BadPicture`. To be called before the next shot is taken.
    """

    number: int
    seconds: float | None
    picture: Callable[[Canvas], Picture]


def shots(path: Place) -> Iterator[Shot]:
    """Stream the frames of a video or of a folder of pictures; one frame is held at a time.

    Raises:
        BadPicture: the file can't be read, or not to its end.
    """
    return _pictures(path) if isinstance(path, Path) and _is_folder(path) else _video(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # no name of a file; whoever opens it will say so
        return False


def natural_order(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return a key that sorts names as people count: `2.jpg` before `10.jpg`."""
    parts = re.split(r"([0-9]+)", name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], name


def _pictures(folder: Path) -> Iterator[Shot]:
    try:
        names = sorted((p.name for p in folder.iterdir() if is_frame_name(p.name)), key=natural_order)
    except OSError as error:
        raise verdict(error) from None
    for number, name in enumerate(names):
        yield Shot(number, None, partial(_decoded, folder / name))


def _decoded(path: Path, canvas: Canvas) -> Picture:
    try:
        return decode_picture(path, canvas)
    except BadPicture as bad:
        # The folder was listed a moment ago.
        reason = "unreachable" if bad.reason == "missing" and not path.is_symlink() else bad.reason
        raise BadPicture(reason, f"{path.name}: {bad.detail}") from bad


def _video(path: Place) -> Iterator[Shot]:
    with needing("a video", "video"):
        import av  # brings all of FFmpeg along
        from av.video.reformatter import VideoReformatter

    with opened(path) if isinstance(path, Path) else streamed(path) as file:
        try:
            video = av.open(file, options={"format_whitelist": DEMUXERS})
        except (av.FFmpegError, ValueError) as error:
            raise BadPicture("not-a-video", str(error)) from error
        with closing(video):
            if not video.streams.video:
                raise BadPicture("not-a-video", "it has no moving pictures")
            stream = video.streams.video[0]
            stream.codec_context.thread_count = 1  # there is one worker per core already
            squeeze = float(stream.sample_aspect_ratio or 1)
            frames, convert = video.decode(stream), partial(VideoReformatter().reformat, threads=1)
            for number in count():
                try:
                    frame = next(frames, None)
                except (av.FFmpegError, ValueError) as error:
                    raise BadPicture("damaged", f"frame {number}: {error}") from error
                if frame is None:
                    return
                yield Shot(number, frame.time, partial(_converted, frame, convert, squeeze))


def _converted(frame: Any, convert: Callable[..., Any], squeeze: float, canvas: Canvas) -> Picture:
    """Return a frame of a video, upright, with square pixels."""
    width, height = round(frame.width * squeeze), frame.height
    if width * height > canvas.max_pixels:
        raise BadPicture("too-large", f"{width} x {height} px, {canvas.max_pixels} pixels are allowed")
    if min(width, height) < canvas.min_side:
        raise BadPicture("too-small", f"{width} x {height} px, a side of {canvas.min_side} is needed")
    transparent = any(component.is_alpha for component in frame.format.components)
    colours = convert(frame, format="rgba" if transparent else "rgb24").to_ndarray()
    image = over(Image.fromarray(colours), canvas.background)
    if squeeze != 1:
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if frame.rotation:
        image = image.rotate(frame.rotation, expand=True)  # both count counterclockwise
    left, top, right, bottom = canvas.window
    # By a whole factor first, as pictures are: Lanczos alone takes three times as long.
    factor = int(min(image.size) * min(right - left, bottom - top) / canvas.size / REDUCING_GAP)
    pixels = np.asarray(fitted(image.reduce(factor) if factor > 1 else image, canvas))
    return Picture(pixels=pixels, size=image.size, square=canvas.square)
