"""What is trained on, in the GPU's memory: latents of all frames that are painted so far, and tokens of captions."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from transformers import CLIPTokenizer

from underpaint.experiments.gpu.config import CROPS, DROPOUT, HALF_PAINTED, LATER_START, STORED
from underpaint.experiments.gpu.gallery import Gallery
from underpaint.models.captions import from_half_painted, half_painted, in_medium, tokens_of
from underpaint.models.latents import encode
from underpaint.models.tokenizer import learned_tokenizer
from underpaint.training.conditioning import conditioning_frames
from underpaint.training.frames import choose_sequence

# Rows of a sample's tokens: its unfinished frames, the finished picture, a process that starts half-painted, nothing.
_FINISHED, _LATER, _NOTHING = STORED - 1, STORED, STORED + 1
_CONDITIONS = 4096  # drawn once, and chosen from at each step
_PART = 64  # processes that are encoded together


def marked(caption: str) -> list[str]:
    """Return all that a sample's caption may be, in the order of the rows; the empty one is last."""
    last = STORED - 1
    return [*(half_painted(caption, step, last) for step in range(last)), caption, from_half_painted(caption), ""]


class TrainingRoom:
    """Draws batches on the device, without waiting for it.

    Attributes:
        tokenizer: learned from all captions, or the given one.
        count: how many processes there are, on the device.
        painted: the same number, here.
        longest: tokens of the longest caption so far.

    Args:
        gallery: what is painted, and goes on being painted.
        frames: of each sequence.
        size: side of the frames in pixels; what is painted may be larger.
        device: where everything is.
        tokenizer: in place of one that is learned.
    """

    def __init__(
        self,
        gallery: Gallery,
        *,
        frames: int,
        size: int,
        device: torch.device,
        tokenizer: CLIPTokenizer | None = None,
    ) -> None:
        self._gallery, self._device = gallery, device
        self._side = torch.arange(size, device=device)
        self._places = gallery.frames.shape[2] - size + 1  # where a crop can begin
        self._texts = [in_medium(task.medium, task.caption) for task in gallery.tasks]
        self.tokenizer = tokenizer or _tokenizer(self._texts)
        self.longest = 0
        rows = _tokens(self.tokenizer, self._texts[:1]).shape[1:]
        self._rows = torch.zeros((len(self._texts), *rows), dtype=torch.int16, device=device)
        self._frames = torch.zeros(gallery.frames.shape, dtype=torch.uint8, device=device)
        self._latents: Tensor | None = None
        self._vae: AutoencoderKL | None = None
        self._slots = torch.zeros(len(gallery.tasks), dtype=torch.int64, device=device)
        self.count = torch.zeros((), dtype=torch.int64, device=device)
        self.painted = 0
        later = sorted({choose_sequence(STORED, frames, later=place / 16) for place in range(16)})
        self._sequences = torch.tensor([choose_sequence(STORED, frames), *later], device=device)
        self._conditions = torch.tensor(
            [
                [conditioning_frames(seed, frames, starts_later=flag, least=0) for seed in range(_CONDITIONS)]
                for flag in (False, True)
            ],
            device=device,
        )

    def take_in(self) -> int:
        """Take in what has been painted; return how many processes there are."""
        slots = self._gallery.finished()
        for first in range(0, len(slots), _PART):
            part = slots[first : first + _PART]
            rows = _tokens(self.tokenizer, [self._texts[slot] for slot in part])
            self.longest = max(self.longest, int((rows != rows[0, -1, -1]).sum(-1).max()))
            where = torch.tensor(part, device=self._device)
            self._rows[where] = rows.to(self._device)
            pixels = torch.from_numpy(np.ascontiguousarray(self._gallery.frames[part])).to(self._device)
            if self._vae is None:
                self._frames[where] = pixels
            else:
                self._encode(where, pixels)
            self._slots[self.painted : self.painted + len(part)] = where
            self.painted += len(part)
        self.count.fill_(self.painted)
        return self.painted

    def finish_autoencoder(self, vae: AutoencoderKL) -> None:
        """From now on latents of a trained autoencoder are drawn; the frames are given up."""
        side = len(self._side) // 4
        self._vae = vae
        shape = (len(self._slots), CROPS, STORED, 4, side, side)
        self._latents = torch.zeros(shape, dtype=torch.float16, device=self._device)
        for part in torch.split(self._slots[: self.painted], _PART):
            self._encode(part, self._frames[part])
        self._frames = torch.empty(0, dtype=torch.uint8, device=self._device)

    def _encode(self, where: Tensor, pixels_NFHWC: Tensor) -> None:
        assert self._vae is not None, "there is no autoencoder yet"
        assert self._latents is not None, "there is no autoencoder yet"
        for number in range(CROPS):
            self._latents[where, number] = encode(self._vae, _float(self._crop(pixels_NFHWC))).half()

    def _crop(self, pixels: Tensor) -> Tensor:
        """Pixels (..., H, W, 3) at a place that is drawn for all of them."""
        top, left = torch.randint(self._places, (2, 1), device=self._device)
        return pixels.index_select(-3, top + self._side).index_select(-2, left + self._side)

    def _samples(self, batch: int) -> Tensor:
        """Numbers of slots (B,)."""
        chosen = (torch.rand(batch, device=self._device) * self.count).long()
        return self._slots[chosen.clamp(max=self.count - 1)]

    def pixels(self, batch: int) -> Tensor:
        """Draw single frames, (B, 3, H, W) in -1..1, before the autoencoder is finished."""
        frame = torch.randint(STORED, (batch,), device=self._device)
        return _float(self._crop(self._frames[self._samples(batch), frame]))

    def pictures(self, batch: int) -> tuple[Tensor, Tensor]:
        """Draw single frames: latents (B, 4, h, w) and tokens (B, L)."""
        assert self._latents is not None, "there is no autoencoder yet"
        slots = self._samples(batch)
        unfinished = torch.rand(batch, device=self._device) < HALF_PAINTED
        early = torch.randint(STORED - 1, (batch,), device=self._device)
        frame = torch.where(unfinished, early, _FINISHED)
        return self._latents[slots, self._crops(batch), frame].float(), self._captions(slots, frame)

    def sequences(self, batch: int, stage: str) -> tuple[Tensor, Tensor, Tensor]:
        """Draw processes: latents (B, 4, F, h, w), tokens (B, L) and conditioning frames, bool (B, F)."""
        assert self._latents is not None, "there is no autoencoder yet"
        slots = self._samples(batch)
        later = torch.rand(batch, device=self._device) < LATER_START[stage]
        start = 1 + torch.randint(len(self._sequences) - 1, (batch,), device=self._device)
        frames = self._sequences[torch.where(later, start, 0)]
        latents = self._latents[slots[:, None], self._crops(batch)[:, None], frames].float().transpose(1, 2)
        seed = torch.randint(_CONDITIONS, (batch,), device=self._device)
        rows = torch.where(later, _LATER, _FINISHED)
        return latents, self._captions(slots, rows), self._conditions[later.long(), seed]

    def _crops(self, batch: int) -> Tensor:
        return torch.randint(CROPS, (batch,), device=self._device)

    def _captions(self, slots: Tensor, rows: Tensor) -> Tensor:
        dropped = torch.rand(len(slots), device=self._device) < DROPOUT
        return self._rows[slots, torch.where(dropped, _NOTHING, rows)].long()


def _float(pixels: Tensor) -> Tensor:
    """uint8 (..., H, W, 3) to -1..1, (..., 3, H, W)."""
    return (pixels.movedim(-1, -3).float() / 127.5 - 1).contiguous()


def _tokenizer(captions: list[str]) -> CLIPTokenizer:
    return learned_tokenizer([*captions, *marked(captions[0]), *marked(captions[0])])


def _tokens(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Tokens of all that the captions may be, int16 (N, rows, L)."""
    rows = len(marked(""))
    texts = [text for caption in captions for text in marked(caption)]
    return tokens_of(tokenizer, texts).short().view(len(captions), rows, -1)
