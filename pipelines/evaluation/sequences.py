"""Where processes come from: folders of frames, animations, videos, corpora; and reading one at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.format.sidecar import sidecar_paths
from underpaint.datagen.pictures.decode import decode_picture, fitted, over
from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture
from underpaint.datagen.reading import (
    VIDEO_SUFFIXES,
    Corpus,
    CorpusSample,
    Shot,
    is_frame_name,
    is_video_name,
    natural_order,
    shots,
)
from underpaint.pipelines.evaluation.changes import differs
from underpaint.pipelines.evaluation.config import SMALLEST, Aspect

Frames = NDArray[np.uint8]

WHITE = (255, 255, 255)  # under transparent frames, as in datagen
MAX_PIXELS = 50_000_000  # of a frame, as in datagen: any camera's picture
# An animation or a video may rest on its last frame. Frames before it that differ from it in fewer pixels belong to
# the rest: a video's compression makes a few differ.
REST = 0.001


@dataclass(frozen=True, kw_only=True)
class View:
    """How frames are brought to one size: see the fields of the same names in `EvaluateConfig`."""

    size: int
    aspect: Aspect
    frames: int
    threshold: float

    def canvas(self, size: int) -> Canvas:
        """Return what datagen is to make of a picture; `size` is the short side."""
        return Canvas(
            size=size,
            square=self.aspect == "square",
            background=WHITE,
            min_side=SMALLEST,
            max_pixels=MAX_PIXELS,
            max_aspect=float("inf"),
        )


@dataclass(frozen=True, kw_only=True)
class ProcessSource:
    """A process that wasn't read yet.

    Attributes:
        name: of its file or folder, or its key in a corpus.
        source: of the picture that was painted, in a corpus; the name elsewhere.
        renderer: in a corpus.
        shots: streams its frames, anew with each call.
        rests: whether it may rest on its last frame, which then counts once.
        sample: in a corpus.
    """

    name: str
    source: str
    renderer: str | None
    shots: Callable[[], Iterator[Shot]]
    rests: bool
    sample: CorpusSample | None = None

    def read(self, view: View) -> Frames:
        """Read frames at the size of the view, or at their own if that is smaller: uint8 (n, H, W, 3).

        At most `view.frames` of them, evenly spread, first and last included; no more are in memory at once.

        Raises:
            ValueError: damaged, frames of several sizes, or fewer than two; says which process, and what is wrong.
        """
        try:
            frames = self._picked(view)
        except (BadPicture, ValueError, OSError) as error:
            raise ValueError(f"{self.name}: {error}") from error
        if self.rests:
            frames = frames[: _end(frames, view.threshold)]
        if len(frames) < 2:
            raise ValueError(f"{self.name}: nothing happens in it: a process has two frames or more")
        return frames

    def _picked(self, view: View) -> Frames:
        count = sum(1 for _ in self.shots())
        if count < 2:
            raise ValueError(f"it has {count} frame{'s' * (count != 1)}, a process has two or more")
        wanted = set(np.linspace(0, count - 1, min(count, view.frames)).round().astype(int).tolist())
        frames: list[NDArray[np.uint8]] = []
        first: tuple[int, int] | None = None
        canvas = view.canvas(view.size)
        for shot in self.shots():
            if shot.number not in wanted:
                continue
            if first is None:
                first = shot.picture(canvas).size
                canvas = view.canvas(min(view.size, *first))
            picture = shot.picture(canvas)
            if picture.size != first:
                raise BadPicture("mixed-sizes", f"frame {shot.number} has {picture.size}, the first one {first} px")
            frames.append(picture.pixels)
        return np.stack(frames)

    def strokes(self) -> NDArray[np.float32] | None:
        """Return the strokes of its program, float32 (N, C), in a corpus of paintings.

        Raises:
            ValueError: they are damaged.
        """
        if self.sample is None or "strokes.npz" not in self.sample.entry.members:
            return None
        return self.sample.program().strokes

    def target(self, view: View, size: int) -> NDArray[np.uint8] | None:
        """Return the picture that was painted, where a corpus stores it, its short side `size` px: uint8 (H, W, 3)."""
        if self.sample is None or "target.webp" not in self.sample.entry.members:
            return None
        with Image.open(io.BytesIO(self.sample.member("target.webp")), formats=["WEBP"]) as image:
            return np.asarray(fitted(image.convert("RGB"), view.canvas(size)))


def find_processes(path: Path) -> list[ProcessSource]:
    """Find all processes of a file or folder, in a fixed order; nothing but names and sidecars is read.

    A folder with sidecars is a corpus. Of any other, an animated WebP, a GIF and a video is a process, and so is a
    folder of still pictures; those beside animations are taken for something else.

    Raises:
        ValueError: nothing there, or no process in it.
    """
    if path.is_dir() and sidecar_paths(path):
        return [_of_sample(sample) for sample in Corpus(path)]
    if path.is_dir():
        found = list(_within(path, path))
        if not found:
            raise ValueError(f"no process in {path}: pictures, animated .webp, {' '.join(VIDEO_SUFFIXES)} count")
        return found
    if not path.exists():
        raise ValueError(f"{path} does not exist: give a folder of frames, an animation, a video or a corpus")
    return [_of_file(path, path.name)]


def _within(folder: Path, root: Path) -> Iterator[ProcessSource]:
    entries = sorted((e for e in folder.iterdir() if not e.name.startswith(".")), key=lambda e: natural_order(e.name))
    animations = [e for e in entries if e.is_file() and (is_video_name(e.name) or _is_animated_webp(e))]
    for entry in animations:
        yield _of_file(entry, entry.relative_to(root).as_posix())
    if not animations and any(e.is_file() and is_frame_name(e.name) for e in entries):
        name = folder.resolve().name if folder == root else folder.relative_to(root).as_posix()
        yield ProcessSource(name=name, source=name, renderer=None, shots=partial(shots, folder), rests=False)
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():  # a link may lead back to where we are
            yield from _within(entry, root)


def _is_animated_webp(path: Path) -> bool:
    if path.suffix.lower() != ".webp":
        return False
    try:
        with Image.open(path, formats=["WEBP"]) as image:
            return bool(getattr(image, "is_animated", False))
    except OSError:
        return False  # a frame; it is refused when it is read


def _of_file(path: Path, name: str) -> ProcessSource:
    read = shots if is_video_name(path.name) else _animation
    return ProcessSource(name=name, source=name, renderer=None, shots=partial(read, path), rests=True)


def _animation(path: Path) -> Iterator[Shot]:
    """Frames of what Pillow takes for an animation."""
    with Image.open(path) as image:  # its own message names the file
        if image.width * image.height > MAX_PIXELS:
            raise BadPicture("too-large", f"{image.width} x {image.height} px, {MAX_PIXELS} pixels are allowed")
        for number in range(getattr(image, "n_frames", 1)):
            yield Shot(number, None, partial(_shown, image, number))


def _shown(image: Image.Image, number: int, canvas: Canvas) -> Picture:
    image.seek(number)
    return _on_canvas(over(image.convert("RGBA"), canvas.background), canvas)


def _of_sample(sample: CorpusSample) -> ProcessSource:
    entry = sample.entry
    return ProcessSource(
        name=entry.key,
        source=entry.source,
        renderer=entry.renderer,
        shots=partial(_stored, sample),
        rests=False,
        sample=sample,
    )


def _stored(sample: CorpusSample) -> Iterator[Shot]:
    for number, frame in enumerate(sample.frames()):
        yield Shot(number, None, partial(_on_canvas, Image.fromarray(frame)))


def _on_canvas(image: Image.Image, canvas: Canvas) -> Picture:
    short = min(image.size)
    if short < canvas.min_side:
        raise BadPicture("too-small", f"{image.width} x {image.height} px, a side of {canvas.min_side} is needed")
    return Picture(pixels=np.asarray(fitted(image, canvas)), size=image.size, square=canvas.square)


def _end(frames: Frames, threshold: float) -> int:
    """Number of frames up to the first one of the rest at the end."""
    end = len(frames)
    while end > 1 and differs(frames[end - 2], frames[-1], threshold).mean() < REST:
        end -= 1
    return end


def read_target(path: Path, view: View, size: int) -> NDArray[np.uint8]:
    """Read a still picture, its short side `size` px: uint8 (H, W, 3).

    Raises:
        ValueError: it can't be read.
    """
    try:
        return decode_picture(path, view.canvas(size)).pixels
    except BadPicture as bad:
        raise ValueError(f"target {path}: {bad.detail}") from bad
