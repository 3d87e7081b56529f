"""Samples side by side, as tensors."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from underpaint.training.buckets import Shape
from underpaint.training.hardware import to_device
from underpaint.training.sample import TrainingSample


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a training step gets.

    Attributes:
        frames: uint8 (B, F, 3, H, W), a view of (B, F, H, W, 3): turning them is cheaper on the device. `augment` or
            `to_float` makes them what a model takes. From a cache their latents, float16 (B, F, 4, h, w), mirrored
            where the draws say so.
        shape: height and width in pixels of the frames that are trained on, which `augment` cuts out of these.
        indices: int64 (B, F), which of the stored frames they are, 0 the blank ground.
        stored: int64 (B,), how many frames the corpus holds of each process.
        draws: float32 (B, 6), for `augment`.
        positions: int64 (B,), in the order of the run; noise that is drawn from them doesn't depend on how a batch is
            shared out among processes.
        captions: for the text encoder.
        keys: of the samples in their corpora.
        skipped: what was wrong with samples that were replaced.
        text: the text encoder's states of the captions, float16 (B, L, D), from a cache; None otherwise.
    """

    frames: Tensor
    shape: Shape
    indices: Tensor
    stored: Tensor
    draws: Tensor
    positions: Tensor
    captions: tuple[str, ...]
    keys: tuple[str, ...]
    skipped: tuple[str, ...]
    text: Tensor | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def starts_later(self) -> list[bool]:
        """Return which of the sequences start later than at the blank ground."""
        return [index > 0 for index in self.indices[:, 0].tolist()]

    def to(self, device: torch.device | str) -> Batch:
        """Move what is computed with to a device, from pinned memory without waiting; numbers that say what a batch is
        stay, for to look at them would wait for the device.
        """
        return replace(
            self,
            frames=self.frames.to(device, non_blocking=True),
            draws=to_device(self.draws, torch.device(device)),
            text=None if self.text is None else self.text.to(device, non_blocking=True),
        )


# What a loader worker hands over: the frames (B, F, H, W, 3) and what there is to say of them. One tensor, because each
# is shared through a file of its own, which takes longer than decoding a small sample. From a cache, which decodes
# nothing, two: latents (B, F, 4, h, w) and the states of the captions (B, L, D).
Loaded = tuple[Tensor, list[TrainingSample]] | tuple[Tensor, list[TrainingSample], Tensor]


# Batches that a worker prepares before they are asked for; torch's default.
PREFETCHED = 2
# Besides those that wait: one that the main process copies from, and one that is written to.
_rooms: deque[Tensor] = deque(maxlen=PREFETCHED + 2)


def empty_frames(batch: int, frames: int, shape: Shape) -> Tensor:
    """Room for the frames of a batch, uint8 (B, F, H, W, 3).

    A loader worker takes it from memory that it shares with the main process, and uses that again and again: to find
    and clear fresh pages took a third as long as to decode into them. So a batch must be copied before the next is
    asked for, which `Batches` does.
    """
    sizes = (batch, frames, *shape, 3)
    if get_worker_info() is None:
        return torch.empty(sizes, dtype=torch.uint8)
    needed = math.prod(sizes)
    full = len(_rooms) == _rooms.maxlen
    oldest = _rooms.popleft() if full else None
    # Batches of any shape take turns in the same rooms: one set for each shape of a bucket would be gigabytes.
    room = oldest if oldest is not None and len(oldest) >= needed else _shared(needed)
    _rooms.append(room)
    return room[:needed].view(sizes)


def _shared(size: int) -> Tensor:
    """Bytes in shared memory, as torch's own collate has them."""
    storage: Any = torch.UntypedStorage._new_shared(size)  # type: ignore[no-untyped-call]
    return torch.empty(0, dtype=torch.uint8).set_(storage)


def collate(frames: Tensor, samples: Sequence[TrainingSample], text: Tensor | None = None) -> Batch:
    """Put samples of one shape side by side, as frames (B, F, H, W, 3), or latents and text of a cache, are already."""
    return Batch(
        frames=frames.permute(0, 1, 4, 2, 3) if text is None else frames,
        shape=samples[0].shape,
        indices=torch.tensor([sample.indices for sample in samples]),
        stored=torch.tensor([sample.stored for sample in samples]),
        draws=torch.tensor([sample.draws for sample in samples], dtype=torch.float32),
        positions=torch.tensor([sample.position for sample in samples]),
        captions=tuple(sample.caption for sample in samples),
        keys=tuple(sample.key for sample in samples),
        skipped=tuple(reason for sample in samples for reason in sample.skipped),
        text=text,
    )
