"""From a config to batches."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from itertools import count

import torch
from torch.utils.data import DataLoader, Dataset

from underpaint.training.batch import PREFETCHED, Batch, Loaded, collate
from underpaint.training.buckets import describe_shapes, shapes_of, sorted_into
from underpaint.training.cache import Cache, CachedPaintings
from underpaint.training.data_config import DataConfig
from underpaint.training.dataset import Paintings
from underpaint.training.order import SampleOrder, positions
from underpaint.training.split import read_sides, smallest_canvas
from underpaint.training.stopping import STOPPING_SIGNALS
from underpaint.training.streaming import StreamedPaintings

# Neither the seed nor the weights of a run change what it is judged by.
_VALIDATION_SEED = 0
_MULTIPLE = 64  # Stable Diffusion's


class PositionSampler:
    """Positions of one process's batches from a step on, without end."""

    def __init__(self, *, step: int, batch: int, rank: int = 0, world: int = 1) -> None:
        self._step, self._batch, self._rank, self._world = step, batch, rank, world

    def __iter__(self) -> Iterator[range]:
        for step in count(self._step):
            yield positions(step, batch=self._batch, rank=self._rank, world=self._world)


class Batches:
    """Batches that other processes load while the last one is trained on; each `iter` begins anew.

    Args:
        dataset: what loads.
        workers: how many processes; 0 loads in this one.
        positions: of each batch, where the dataset is a map.

    Raises:
        BadSample: while reading, unless the config says to skip it.
        OSError: while reading, a shard can't be read.
    """

    def __init__(
        self, dataset: Dataset[Loaded], workers: int, positions: Iterable[Sequence[int]] | None = None
    ) -> None:
        self._loader = DataLoader(
            dataset,
            # None: what the sampler yields, and what comes back, are whole batches.
            batch_size=None,
            sampler=positions,
            num_workers=workers,
            prefetch_factor=PREFETCHED if workers else None,
            # Which copies as well.
            pin_memory=torch.cuda.is_available(),
            # A loader draws a seed for its workers, which don't need it: not from training's own generator.
            generator=torch.Generator(),
            worker_init_fn=_start_worker,
        )

    def __iter__(self) -> Iterator[Batch]:
        loading = iter(self._loader)
        while True:
            try:
                loaded = next(loading)
            except StopIteration:
                return
            except (OSError, ValueError) as error:  # a BadSample is one
                if not self._loader.num_workers:
                    raise
                # Torch puts a worker's message behind its traceback, and its exception keeps the loader in a cycle:
                # left to the garbage collector, the workers are waited for in vain, 5 s each.
                kind, text = type(error), str(error)
                error.with_traceback(None)
                del loading
                raise kind(text.rpartition(f"{kind.__name__}: ")[2].strip()) from None
            frames, samples, *text = loaded
            if self._loader.num_workers and not frames.is_pinned():
                # The worker will write there again.
                frames = frames.clone()
            yield collate(frames, samples, *text)


def _start_worker(worker: int) -> None:
    """Survive the first signal, but not the run.

    Launchers and terminals tell all processes of a job to stop, but the run needs batches until it has saved.
    """
    for number in STOPPING_SIGNALS:
        signal.signal(number, lambda number, frame: signal.signal(number, signal.SIG_DFL))
    threading.Thread(target=_end_with_run, daemon=True).start()


def _end_with_run() -> None:
    """Workers of a killed run would stay where a server forks them, as in Python 3.14: torch watches their parent."""
    run = multiprocessing.parent_process()
    assert run is not None
    run.join()
    os._exit(1)


class Data:
    """The corpora of a run, split, checked and ready to be read.

    Args:
        config: which, and what is taken from them.
        multiple: of which the sides of all frames must be multiples, in pixels, see `models.base.size_step`.

    Attributes:
        config: as given.
        shapes: height and width in pixels in which samples may be trained.
        train: samples to train on, by position; None when streaming.
        validation: samples that are held out, by position, always the same; None when streaming.

    Raises:
        ValueError: a corpus that isn't one or is damaged, an empty side of the split, frames or a size that a corpus
            can't give; says which and what to do.
    """

    def __init__(self, config: DataConfig, multiple: int = _MULTIPLE) -> None:
        self.config, self.multiple = config, multiple
        self.shapes = shapes_of(config, multiple)
        self.train: Paintings | None = None
        self.validation: Paintings | None = None
        if config.streaming:
            return
        sides = read_sides(config)
        train, held_out = sides["train"], sides["validation"]
        short, self._stored = smallest_canvas(train, config)
        self.train = Paintings(
            train,
            order=SampleOrder([len(corpus) for corpus in train], seed=config.seed, weights=config.weights),
            buckets=sorted_into(self.shapes, train, crop=config.augment.crop, short=short),
            config=config,
            training=True,
        )
        self.validation = Paintings(
            held_out,
            order=SampleOrder([len(corpus) for corpus in held_out], seed=_VALIDATION_SEED),
            buckets=sorted_into(self.shapes, held_out, crop=1, short=short),
            config=replace(config, seed=_VALIDATION_SEED),
            training=False,
        )

    def cached(self, cache: Cache) -> Data:
        """The same samples at the same positions, from a cache that was filled for this config."""
        assert self.train is not None, "a config refuses to cache a stream"
        assert self.validation is not None, "a config refuses to cache a stream"
        found = copy(self)
        found.train, found.validation = CachedPaintings(self.train, cache), CachedPaintings(self.validation, cache)
        return found

    def train_batches(self, *, batch: int, step: int = 0, rank: int = 0, world: int = 1) -> Batches:
        """Batches of one process, without end, from a step on: what comes next is known from that number alone.

        Not to be handed to accelerate's `prepare`, which would share the batches out a second time.

        Args:
            batch: samples per batch of one process, which are of one bucket.
            step: how many batches this process had before; all that a checkpoint needs to hold.
            rank: number of this process.
            world: number of processes.
        """
        if self.train is None:
            stream = StreamedPaintings(
                self.config, shapes=self.shapes, side="train", batch=batch, start=step, rank=rank, world=world
            )
            return Batches(stream, self.config.workers)
        sampler = PositionSampler(step=step, batch=batch, rank=rank, world=world)
        return Batches(self.train.in_batches(batch), self.config.workers, sampler)

    def validation_batches(self, *, batch: int, rank: int = 0, world: int = 1) -> Batches:
        """The batches of one process's part of the validation samples, each of which comes once.

        The processes' parts differ by up to one sample, and the last batch of each bucket may be smaller: sum up losses
        and numbers of samples over the processes, and divide then. The fullest bucket comes first.
        """
        workers = min(self.config.workers, 1)
        if self.validation is None:
            config = replace(self.config, seed=_VALIDATION_SEED)
            stream = StreamedPaintings(
                config, shapes=self.shapes, side="validation", batch=batch, start=0, rank=rank, world=world
            )
            return Batches(stream, workers)
        buckets: dict[int, list[int]] = {}
        for position in range(rank, min(len(self.validation.order), self.config.validation_samples), world):
            buckets.setdefault(self.validation.bucket_at(position), []).append(position)
        fullest_first = sorted(buckets.values(), key=len, reverse=True)
        parts = [mine[start : start + batch] for mine in fullest_first for start in range(0, len(mine), batch)]
        return Batches(self.validation, workers, parts)

    def describe(self) -> list[str]:
        """What was found, a line each, for people."""
        if self.train is None or self.validation is None:
            return [f"streaming {url}" for url in self.config.corpus] + describe_shapes(
                self.shapes, None, self.config, self.multiple
            )
        lines = [f"{corpus.folder}: {len(corpus)} samples to train on" for corpus in self.train.corpora]
        used = min(len(self.validation.order), self.config.validation_samples)
        lines.append(f"{used} of {len(self.validation.order)} samples to validate on")
        lines += describe_shapes(self.shapes, self.train.buckets, self.config, self.multiple)
        if self.config.frames == self._stored and self.config.later_start > 0:
            lines.append(
                f"all {self._stored} stored frames are used, so no sequence can begin later than with the blank "
                "ground: generate more frames than are trained, to learn to complete half-painted pictures"
            )
        return lines
