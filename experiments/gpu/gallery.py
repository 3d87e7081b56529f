"""Pictures that processes of their own paint, into memory that all share, while the GPU trains on what there is."""

from __future__ import annotations

import multiprocessing
import queue
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from underpaint.experiments.commands import HELD_OUT
from underpaint.experiments.gpu.config import STORED, GpuConfig


@dataclass(frozen=True, kw_only=True)
class GalleryTask:
    """One painting: which picture of which source, in which medium, and where it goes."""

    slot: int
    source: str
    index: int
    medium: str
    caption: str


class Gallery:
    """Paints all pictures; whoever trains asks now and then what is finished.

    Attributes:
        tasks: all of them, in the order of their slots.
        unseen: (source, index, caption) of pictures that are held out.
        frames: uint8 (tasks, STORED, H, W, 3), of which the finished slots are filled.
        failed: what went wrong, by slot.
    """

    def __init__(self, config: GpuConfig) -> None:
        config.out.mkdir(parents=True, exist_ok=True)
        self.config, self.failed = config, dict[int, str]()
        self.tasks, self.unseen = _tasks(config)
        path = config.out / "frames.u8"
        shape = (len(self.tasks), STORED, config.canvas, config.canvas, 3)
        self.frames: NDArray[np.uint8] = np.memmap(path, np.uint8, "w+", shape=shape)
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        # Not forked: this process may hold locks and a GPU.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(config.workers, context, _begin, (config, path, shape))
        self._warm = [self._pool.submit(_compile, medium) for medium in config.media]
        self._left = list(reversed(self.tasks))
        self._waiting = 0

    def finished(self) -> list[int]:
        """Return the slots that have been filled since the last call, and keep the processes at work."""
        # What compiles twice takes twice as long: nobody paints before all media are compiled.
        if all(future.done() for future in self._warm):
            while self._left and self._waiting < 4 * self.config.workers:
                self._waiting += 1
                task = self._left.pop()
                self._pool.submit(_paint, task).add_done_callback(partial(self._tell, task.slot))
        slots: list[int] = []
        while True:
            try:
                slot = self._done.get_nowait()
            except queue.Empty:
                return slots
            self._waiting -= 1
            if slot not in self.failed:
                slots.append(slot)

    def _tell(self, slot: int, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.failed[slot] = f"{type(error).__name__}: {error}"
        self._done.put(slot)

    def close(self, *, wait: bool = False) -> None:
        """Stop painting; what is being painted may take some seconds to end."""
        self._left.clear()
        self._pool.shutdown(wait=wait, cancel_futures=True)


def _tasks(config: GpuConfig) -> tuple[list[GalleryTask], list[tuple[str, int, str]]]:
    """All paintings, each picture in one medium, in the order of a draw: what is finished is a fair share of all.

    Raises:
        ValueError: too few pictures to train on some and judge by others.
    """
    from underpaint.datagen.format.draws import draw
    from underpaint.datagen.seeds import renderers_of
    from underpaint.datagen.sources.reading import read_sources
    from underpaint.training.split import held_out

    found: list[tuple[str, int, str, str]] = []
    unseen = []
    for source in config.sources:
        for each in read_sources(source):
            if held_out(each.name, HELD_OUT):
                unseen.append((source, each.index, each.caption or ""))
            else:
                found.append((source, each.index, each.caption or "", each.name))
    if not found or not unseen:
        raise ValueError(
            f"{', '.join(config.sources)}: {len(found)} pictures to train on and {len(unseen)} held out are too few: "
            "give some dozens"
        )
    found.sort(key=lambda row: draw(config.seed, row[3]))
    tasks = []
    for slot, (source, index, caption, name) in enumerate(found):
        (medium,) = renderers_of(name, config.media, mix=True, run_seed=config.seed)
        tasks.append(GalleryTask(slot=slot, source=source, index=index, medium=medium, caption=caption))
    return tasks, unseen


class _PaintingWorker:
    """What a painting process holds."""

    config: GpuConfig
    frames: NDArray[np.uint8]
    sources: dict[str, list[object]]


def _begin(config: GpuConfig, path: Path, shape: tuple[int, ...]) -> None:
    from underpaint.datagen.sources.reading import read_sources

    _PaintingWorker.config = config
    _PaintingWorker.frames = np.memmap(path, np.uint8, "r+", shape=shape)
    _PaintingWorker.sources = {source: list(read_sources(source)) for source in config.sources}


def _compile(medium: str) -> None:
    from underpaint import renderers

    renderers.warm_up(medium)


def picture_of(source: object, size: int) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
    """Return a source's picture, uint8 (size, size, 3), and the maps that lie beside it."""
    from underpaint.datagen.pictures.decode import decode_picture
    from underpaint.datagen.pictures.guides import read_welcome_guide
    from underpaint.datagen.pictures.picture import Canvas

    canvas = Canvas(
        size=size, square=True, background=(255,) * 3, min_side=16, max_pixels=50_000_000, max_aspect=float("inf")
    )
    path = source.path  # type: ignore[attr-defined]
    picture = decode_picture(path, canvas)
    found = {name: read_welcome_guide(path, name, picture, canvas) for name in ("depth", "saliency")}
    return picture.pixels, {name: guide.values for name, guide in found.items() if guide is not None}


def _paint(task: GalleryTask) -> None:
    from underpaint import renderers
    from underpaint.datagen.seeds import sample_seed

    config = _PaintingWorker.config
    source = _PaintingWorker.sources[task.source][task.index]
    pixels, guides = picture_of(source, config.canvas)
    process = renderers.paint(
        pixels,
        renderer=task.medium,
        strokes=config.strokes,
        quality=config.quality,
        seed=sample_seed(config.seed, source.name, task.medium),  # type: ignore[attr-defined]
        guides=guides,
    )
    _PaintingWorker.frames[task.slot] = process.frames(STORED)
