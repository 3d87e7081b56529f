"""One sample as a model is to see it: frames chosen and decoded, caption written, draws made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.draws import draw
from underpaint.datagen.format.frames import Stored
from underpaint.models.captions import from_half_painted, half_painted, in_medium
from underpaint.texts import parse_json
from underpaint.training.augment import augment_draws
from underpaint.training.buckets import Shape
from underpaint.training.data_config import DataConfig
from underpaint.training.frames import choose_picture, choose_sequence, decode_frames
from underpaint.training.stored import reason


class BadSample(ValueError):  # noqa: N818
    """A sample that can't be used; the message names its key, its shard and what is wrong."""


@dataclass(frozen=True, kw_only=True)
class TrainingSample:
    """What is made of one painting process, apart from its pixels.

    Attributes:
        key: of the sample in its corpus.
        position: in the order of the run; what is drawn for this sample follows from it.
        shape: height and width in pixels in which it is trained on.
        indices: which of the stored frames they are, 0 the blank ground.
        stored: how many the corpus holds.
        caption: for the text encoder; empty where it was dropped.
        draws: for `augment`.
        skipped: what was wrong with samples that this one stands in for.
    """

    key: str
    position: int
    shape: Shape
    indices: tuple[int, ...]
    stored: int
    caption: str
    draws: tuple[float, ...]
    skipped: tuple[str, ...] = ()


def make_sample(
    key: str,
    shard: str,
    frames: Stored,
    record: bytes,
    *,
    position: int,
    shape: Shape,
    out: NDArray[np.uint8],
    config: DataConfig,
    training: bool,
) -> TrainingSample:
    """Choose, decode and describe; all that is drawn follows from the config's seed and the position.

    Args:
        key: of the sample.
        shard: its tar, for the message.
        frames: content of KEY.webp or KEY.mp4, or the contents of all KEY.NNNN.png.
        record: content of KEY.json.
        position: in the order of the run.
        shape: height and width in pixels in which it is trained on.
        out: uint8 (F, H, W, 3), the frames are written there.
        config: how to choose and describe.
        training: whether captions are dropped; validation keeps them.

    Raises:
        BadSample: damaged, or without the frames or the size that the config asks for.
    """
    sample = describe_sample(key, shard, record, position=position, shape=shape, config=config, training=training)
    with _blaming(key, shard):
        decode_frames(frames, sample.stored, sample.indices, out, least=shape)
    return sample


def describe_sample(
    key: str, shard: str, record: bytes, *, position: int, shape: Shape, config: DataConfig, training: bool
) -> TrainingSample:
    """Choose and describe, as `make_sample` does, without decoding.

    Raises:
        BadSample: the record is damaged, or it doesn't store as many frames as are asked for.
    """
    with _blaming(key, shard):
        about = parse_json(record)
        stored = len(about["frames"])
        indices = _choose(stored, position, config)
        caption = _caption(about, indices, stored, config)
    dropped = training and draw(config.seed, position, "caption") < config.caption_dropout
    return TrainingSample(
        key=key,
        position=position,
        shape=shape,
        indices=indices,
        stored=stored,
        caption="" if dropped else caption,
        draws=augment_draws(config.seed, position),
    )


def captions_of(record: bytes, config: DataConfig) -> set[str]:
    """All that a sample may be captioned with, by its KEY.json; each may also be left out.

    Raises:
        ValueError: no such record.
    """
    try:
        about = parse_json(record)
        stored = len(about["frames"])
        last = stored - 1
        if config.frames > 1:
            chosen: list[tuple[int, ...]] = [(0, last), (1, last)]
        else:
            chosen = [(index,) for index in (range(stored) if config.half_painted else (last,))]
        return {_caption(about, indices, stored, config) for indices in chosen}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(reason(error)) from error


@contextmanager
def _blaming(key: str, shard: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise BadSample(
            f"sample {key} in {shard} can't be used: {reason(error)}. `underpaint-data verify` finds all that are "
            "damaged; --on-bad-sample skip trains without them"
        ) from error


def _choose(stored: int, position: int, config: DataConfig) -> tuple[int, ...]:
    # A process is at least the blank and the finished picture.
    if stored < max(config.frames, 2):
        raise ValueError(f"it stores {stored} frames, {max(config.frames, 2)} are needed")
    if config.frames == 1:
        unfinished = draw(config.seed, position, "unfinished") < config.half_painted
        return (choose_picture(stored, half=draw(config.seed, position, "half") if unfinished else None),)
    later = draw(config.seed, position, "later") < config.later_start
    return choose_sequence(stored, config.frames, later=draw(config.seed, position, "start") if later else None)


def _caption(about: Mapping[str, Any], indices: tuple[int, ...], stored: int, config: DataConfig) -> str:
    # Recordings may have been imported with their trigger already before the caption.
    trigger = "" if about.get("trigger") == config.trigger else config.trigger
    caption = in_medium(about["renderer"], about["caption"]) if config.name_medium else about["caption"]
    caption = ", ".join(part for part in (trigger, caption) if part)
    first, last = indices[0], stored - 1
    if indices[-1] != last:
        return half_painted(caption, first, last)
    return from_half_painted(caption) if 0 < first < last else caption
