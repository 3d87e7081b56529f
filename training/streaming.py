"""Shards read from their beginning to their end, as object stores want it, through webdataset.

What this gives up, compared with training/dataset.py: shards are drawn with replacement, so an epoch means nothing; the
shuffling reaches as far as a buffer; a corpus is known only by the samples that come, so what it can't give shows then;
and a resumed run draws other shards than an undisturbed one would, from the step at which it resumes. What it keeps:
equal seeds, steps and numbers of processes and workers give equal batches, no two processes or workers draw the same
sequence of shards, and all of them have as many batches as they like.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from underpaint.datagen.format.draws import draw, number
from underpaint.datagen.format.frames import is_frame_member, stored_frames
from underpaint.training.batch import Loaded, empty_frames
from underpaint.training.buckets import Shape, nearest_shape
from underpaint.training.data_config import DataConfig
from underpaint.training.sample import BadSample, TrainingSample, make_sample
from underpaint.training.split import Side, is_wanted
from underpaint.training.stored import canvas_and_frames

Raw = dict[str, Any]  # a sample as webdataset groups it: extension -> content, `__key__`, `__url__`

# So many shards in a row without a wanted sample: there is none.
_MAX_EMPTY = 100


class StreamedPaintings(IterableDataset[Loaded]):
    """Batches of shards that are drawn at random and read through; on the validation side all shards once, in order.

    Args:
        config: its `corpus` are URLs of shards.
        shapes: in which samples may be trained, the square first; a batch holds one of them.
        side: of the split.
        batch: samples per batch; only the last ones of the validation side may have fewer.
        start: step at which the run is, so that a resumed one doesn't draw again what it drew at its beginning.
        rank: number of this process.
        world: number of processes.

    Raises:
        ValueError: URLs without a shard, when made; no sample that is wanted, while reading.
    """

    def __init__(
        self,
        config: DataConfig,
        *,
        shapes: Sequence[Shape],
        side: Side,
        batch: int,
        start: int,
        rank: int,
        world: int,
    ) -> None:
        # Only whoever streams needs it.
        from webdataset.shardlists import expand_urls

        self._config, self._shapes, self._side, self._batch, self._start = config, shapes, side, batch, start
        self._rank, self._world = rank, world
        self._shards = [expand_urls(urls) for urls in config.corpus]
        for urls, shards in zip(config.corpus, self._shards, strict=True):
            if not shards:
                raise ValueError(
                    f"corpus {urls!r} names no shard; use a form such as s3://bucket/{{000000..000099}}.tar"
                )
        self._broken: list[str] = []

    def __iter__(self) -> Iterator[Loaded]:
        begun: dict[Shape, tuple[Tensor, list[TrainingSample]]] = {}
        for raw, position in self._raws():
            shape = self._shape(raw)
            frames, samples = begun.get(shape) or (self._room(shape), [])
            begun[shape] = frames, samples
            sample = self._make(raw, position, shape, frames[len(samples)].numpy())
            if sample is not None:
                samples.append(sample)
            if len(samples) == self._batch:
                yield frames, samples
                del begun[shape]
        for frames, samples in begun.values():
            if samples:
                # What was damaged after the last sound one.
                samples[-1] = replace(samples[-1], skipped=(*samples[-1].skipped, *self._broken))
                self._broken = []
                yield frames[: len(samples)], samples

    def _room(self, shape: Shape) -> Tensor:
        """Room for a batch; of several shapes in memory that isn't shared, whose batches would overtake each other."""
        if len(self._shapes) == 1:
            return empty_frames(self._batch, self._config.frames, shape)
        return torch.empty((self._batch, self._config.frames, *shape, 3), dtype=torch.uint8)

    def _shape(self, raw: Raw) -> Shape:
        """In which a sample is trained; the square for one that is damaged."""
        try:
            canvas, _ = canvas_and_frames(raw["json"])
        except (KeyError, ValueError):
            return self._shapes[0]
        return nearest_shape(canvas, self._shapes)

    def _raws(self) -> Iterator[tuple[Raw, int]]:
        """What is read, and in place of its position a number of 63 bits that other workers' don't meet."""
        info = get_worker_info()
        names = ("stream", self._config.seed, self._start, self._rank, info.id if info else 0)
        train = self._side == "train"
        found = self._shuffle(self._drawn(names), names) if train else self._in_order()
        for turn, raw in enumerate(found):
            yield raw, number(*names, turn) if train else turn

    def _make(self, raw: Raw, position: int, shape: Shape, out: NDArray[np.uint8]) -> TrainingSample | None:
        """The sample, with what was wrong before it; None if it is itself to be skipped."""
        try:
            stored = _stored(raw)
            sample = make_sample(
                raw["__key__"],
                raw["__url__"],
                stored,
                raw["json"],
                position=position,
                shape=shape,
                out=out,
                config=self._config,
                training=self._side == "train",
            )
        except BadSample as bad:
            if self._config.on_bad_sample == "stop":
                raise
            self._broken.append(str(bad))
            return None
        skipped, self._broken = tuple(self._broken), []
        return replace(sample, skipped=skipped)

    def _drawn(self, names: tuple[int | str, ...]) -> Iterator[Raw]:
        """Wanted samples of one shard after the other, drawn with replacement, each corpus by its weight."""
        weights = self._config.weights or [len(shards) for shards in self._shards]
        ends = list(accumulate(weights))
        empty = 0
        for turn in count():
            group = bisect_right(ends, draw(*names, turn, "corpus") * ends[-1], hi=len(ends) - 1)
            shards = self._shards[group]
            empty += 1
            for raw in self._read(shards[int(draw(*names, turn, "shard") * len(shards))]):
                empty = 0
                yield raw
            if empty == _MAX_EMPTY:
                raise ValueError(
                    f"{empty} shards in a row of {', '.join(self._config.corpus)} hold no sample to train on; "
                    f"renderer is {self._config.renderer}, validation {self._config.validation}"
                )

    def _shuffle(self, raws: Iterator[Raw], names: tuple[int | str, ...]) -> Iterator[Raw]:
        """Yield one of a full buffer at random, and put the next in its place."""
        held: list[Raw] = []
        for turn, raw in enumerate(raws):
            if len(held) < self._config.buffer:
                held.append(raw)
                continue
            place = int(draw(*names, turn, "buffer") * len(held))
            chosen, held[place] = held[place], raw
            yield chosen

    def _in_order(self) -> Iterator[Raw]:
        """This process's part of the first samples that are held out."""
        found = 0
        for url in (url for shards in self._shards for url in shards):
            for raw in self._read(url):
                if found % self._world == self._rank:
                    yield raw
                found += 1
                if found == self._config.validation_samples:
                    return
        if not found:
            raise ValueError(
                f"no sample is left to validate on: validation {self._config.validation} of the pictures of "
                f"{', '.join(self._config.corpus)} is none; raise it, or give 0 to validate on what is trained"
            )

    def _read(self, url: str) -> Iterator[Raw]:
        """The wanted samples of a shard; where it breaks off, what comes before."""
        from webdataset.tariterators import tarfile_samples

        broken: list[str] = []

        def break_off(error: Exception) -> bool:
            broken.append(f"shard {url} can't be read: {error}")
            return False

        for raw in tarfile_samples(iter([{"url": url}]), handler=break_off, select_files=_is_member):
            if self._wants(raw):
                yield raw
        if broken and self._config.on_bad_sample == "stop":
            raise BadSample(broken[0])
        self._broken += broken[:1]

    def _wants(self, raw: Raw) -> bool:
        try:
            about = json.loads(raw["json"])
            return is_wanted(about["source"], about["renderer"], self._side, self._config)
        except (ValueError, KeyError, TypeError):
            return True  # it is damaged, and that is to be found out


def _stored(raw: Raw) -> list[bytes]:
    """The frames as they are stored.

    Raises:
        BadSample: they, or the JSON, aren't there: where a tar is cut between two members, webdataset says nothing.
    """
    try:
        if "json" not in raw:
            raise ValueError("it has no json")
        return stored_frames(raw)
    except ValueError as error:
        raise BadSample(f"sample {raw['__key__']} in {raw['__url__']} can't be used: {error}") from None


def _is_member(name: str) -> bool:
    """Whether a file of a sample is needed: the strokes aren't, and would fill the buffer."""
    extension = name.partition(".")[2]
    return extension == "json" or is_frame_member(extension)
