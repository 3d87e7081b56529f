"""The painting of one batch: prompts and pictures encoded once, noise, inversion, sampling, frames."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from underpaint.models.captions import begun
from underpaint.models.latents import downsampling
from underpaint.pipelines.freeinit import renoise, renoise_level
from underpaint.pipelines.inversion import invert, rounds_of_steps
from underpaint.pipelines.keyframes import paint_by_keys, spread
from underpaint.pipelines.order import Order, Painting
from underpaint.pipelines.pictures import UInt8
from underpaint.pipelines.sampling import Dice, Predictor, sample
from underpaint.pipelines.settings import Sampling
from underpaint.pipelines.watching import Watcher
from underpaint.pipelines.windows import with_frames

if TYPE_CHECKING:
    from underpaint.pipelines.pipeline import ProcessPipeline

_LIBRARIES = ("underpaint", "torch", "diffusers", "transformers")


class Work:
    """The painting of one batch.

    Args:
        pipeline: its networks are used.
        orders: of equal padded canvas, with the same frame numbers shown.
        sampling: how.
        frames: how many.
        watcher: told of each pass.
    """

    def __init__(
        self, pipeline: ProcessPipeline, orders: Sequence[Order], sampling: Sampling, frames: int, watcher: Watcher
    ) -> None:
        self.pipeline, self.orders, self.sampling, self.frames = pipeline, orders, sampling, frames
        self.watcher = watcher
        self.parts, self.machine = pipeline.parts, pipeline.machine
        self.margins = [pipeline.margins(order) for order in orders]
        self.shown = [{position % frames: pixels for position, pixels in order.shown.items()} for order in orders]
        self.positions = frozenset(self.shown[0])
        assert len({each.padded for each in self.margins}) == 1, "a batch has one canvas"
        assert all(each.keys() == self.positions for each in self.shown), "a batch shows the same frames"
        self.dice = Dice([order.seed for order in orders])
        self.scheduler = self.parts.noise.scheduler()
        # Of the inverted noise of each shown frame, for each process.
        self.variances: dict[int, list[float]] = {}

    def paintings(self) -> list[Painting]:
        """Paint all processes of the batch."""
        sampling = self.sampling
        prompts = [begun(order.prompt) if 0 in self.positions else order.prompt for order in self.orders]
        self.text = self.pipeline.states(prompts)
        negatives = [sampling.negative] * len(self.orders)
        self.negative = self.pipeline.states(negatives) if sampling.guidance > 1 else None
        latents = self._encoded()
        self.watcher.begin(self._passes())
        with self.machine.using(self.parts.unet, self.parts.network):
            if sampling.long == "keyframes":
                painted = paint_by_keys(self._paint, latents, self.positions, self.parts.window)
            else:
                painted = self._paint(latents, self.positions, True)
        return [
            Painting(frames=margins.crop(self.pipeline.decoded(process.transpose(0, 1))), about=self._about(number))
            for number, (margins, process) in enumerate(zip(self.margins, painted, strict=True))
        ]

    def _encoded(self) -> Tensor:
        """Latents (B, 4, F, h, w): of the shown frames, and zero elsewhere."""
        side = downsampling(self.parts.vae)
        height, width = (length // side for length in self.margins[0].padded)
        channels = self.parts.unet.config.in_channels
        latents = torch.zeros(len(self.orders), channels, self.frames, height, width, device=self.machine.device)
        for position in sorted(self.positions):
            pictures = [margins.pad(shown[position]) for margins, shown in zip(self.margins, self.shown, strict=True)]
            latents[:, :, position] = self.pipeline.encoded(np.stack(pictures))
        return latents

    def _paint(self, latents: Tensor, shown: frozenset[int], whole: bool) -> Tensor:
        """Latents (B, 4, F, h, w) of all frames, from those of the shown ones."""
        predict = self._predictor(latents, shown)
        first = self.dice.noise(*latents.shape[1:]).to(latents)
        if self.sampling.inversion and whole and shown:
            first = self._with_inverted(first, latents, sorted(shown))
        steps, watch = self.sampling.steps, self._watch
        painted = sample(predict, self.scheduler, first, steps, watch)
        alphas = self.scheduler.alphas_cumprod
        for _ in range(1, self.sampling.free_init):
            fresh = self.dice.noise(*latents.shape[1:]).to(latents)
            noise = renoise(painted, first, fresh, alphas[renoise_level(alphas)])
            painted = sample(predict, self.scheduler, noise, steps, watch)
        return painted

    def _predictor(self, latents: Tensor, shown: frozenset[int]) -> Predictor:
        mask = torch.tensor([frame in shown for frame in range(latents.shape[2])], device=latents.device)
        return Predictor(
            unet=self.parts.unet,
            text=self.text,
            negative=self.negative,
            guidance=self.sampling.guidance,
            network=self.parts.network if shown and self.sampling.scale else None,
            latents=latents,
            shown=mask.expand(len(latents), -1),
            scale=self.sampling.scale,
            window=self.parts.window,
        )

    def _with_inverted(self, noise: Tensor, latents: Tensor, shown: list[int]) -> Tensor:
        """Replace the noise of the shown frames by that of their own pictures.

        A still process is inverted, each frame the nearest shown picture, for the motion module takes nothing else. The
        replication network has no part in it: knowing the picture at every level, it would leave no noise at all. Nor
        has guidance, under which an inversion doesn't settle.
        """
        frames = latents.shape[2]
        numbers = with_frames(spread(min(frames, self.parts.window), frames), shown)
        nearest = [min(shown, key=lambda position: abs(position - number)) for number in numbers]
        predict = dataclasses.replace(self._predictor(latents[:, :, nearest], frozenset()), negative=None, guidance=1.0)
        inverted = invert(
            predict,
            self.scheduler,
            latents[:, :, nearest],
            self.sampling.steps,
            self._watch,
            rounds=self.sampling.inversion_rounds,
            drawn=noise[:, :, numbers] if self.sampling.inversion_start == "noised" else None,
        )
        noise = noise.clone()
        for position in shown:
            noise[:, :, position] = inverted[:, :, numbers.index(position)]
            self.variances[position] = noise[:, :, position].flatten(1).var(1).tolist()
        return noise

    def _watch(self, clean: Tensor | None) -> None:
        self.watcher.advance(None if clean is None else partial(self._look, clean[0]))

    def _look(self, clean: Tensor) -> UInt8:
        return self.margins[0].crop(self.pipeline.decoded(clean.transpose(0, 1)))

    def _passes(self) -> int:
        """How many there will be in all."""
        sampling, paintings = self.sampling, 0

        def count(latents: Tensor, shown: frozenset[int], whole: bool) -> Tensor:
            nonlocal paintings
            paintings += 1
            return latents

        if sampling.long == "keyframes":
            paint_by_keys(count, torch.zeros(1, 1, self.frames, 1, 1), self.positions, self.parts.window)
        else:
            paintings = 1
        passes = sampling.steps * paintings * sampling.free_init
        if sampling.inversion and self.positions:
            noised = sampling.inversion_start == "noised"
            passes += sum(rounds_of_steps(sampling.steps, sampling.inversion_rounds, noised=noised))
        return passes

    def _about(self, number: int) -> dict[str, Any]:
        order = self.orders[number]
        return {
            "prompt": order.prompt,
            "seed": order.seed,
            "sampling": {**dataclasses.asdict(self.sampling), "frames": self.frames},
            "canvas": list(order.shape),
            "padded": list(self.margins[number].padded),
            "shown": sorted(self.positions),
            "inverted_noise_variance": {
                str(position): round(values[number], 4) for position, values in self.variances.items()
            },
            "models": dict(self.parts.described),
            "hardware": {"device": str(self.machine.device), "precision": self.pipeline.hardware.precision},
            "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        }
