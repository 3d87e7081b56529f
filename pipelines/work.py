"""The painting of one batch: prompts and pictures encoded once, noise, inversion, sampling, frames."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from underpaint.models.captions import cut_in_words, from_half_painted
from underpaint.models.latents import downsampling
from underpaint.pipelines.callback import Callback
from underpaint.pipelines.freeinit import renoise, renoise_timestep
from underpaint.pipelines.inversion import invert, rounds_of_steps
from underpaint.pipelines.keyframes import paint_by_keys, spread
from underpaint.pipelines.networks import Networks
from underpaint.pipelines.pictures import UInt8
from underpaint.pipelines.request import Painting, Request
from underpaint.pipelines.sampling import NonFiniteLatentsError, Predictor, SeededNoise, sample, scheduler_of
from underpaint.pipelines.settings import Sampling
from underpaint.pipelines.windows import with_frames

_LIBRARIES = ("underpaint", "torch", "diffusers", "transformers")


class Work:
    """The painting of one batch.

    Args:
        networks: paint.
        requests: of equal padded canvas, with the same numbers of conditioning frames.
        sampling: how.
        frames: how many.
        callback: called after each pass of the networks.
    """

    def __init__(
        self, networks: Networks, requests: Sequence[Request], sampling: Sampling, frames: int, callback: Callback
    ) -> None:
        self.networks, self.requests, self.sampling, self.frames = networks, requests, sampling, frames
        self.parts, self.callback = networks.parts, callback
        self.margins = [networks.margins(request.shape) for request in requests]
        self.conditioning = [
            {number % frames: pixels for number, pixels in request.conditioning_frames.items()} for request in requests
        ]
        self.positions = frozenset(self.conditioning[0])
        assert len({each.padded for each in self.margins}) == 1, "a batch has one canvas"
        assert all(each.keys() == self.positions for each in self.conditioning), "a batch is given the same frames"
        self.noise = SeededNoise([request.seed for request in requests])
        assert sampling.sampler is not None, "settled before"
        assert sampling.steps is not None, "settled before"
        assert sampling.guidance is not None, "settled before"
        self.guidance = sampling.guidance
        self.scheduler, self.steps = scheduler_of(self.parts.noise, sampling.sampler), sampling.steps
        # Of the inverted noise of each conditioning frame, for each process.
        self.variances: dict[int, list[float]] = {}

    def paintings(self) -> list[Painting]:
        """Paint all processes of the batch.

        Raises:
            ValueError: numbers that aren't finite; says at which step, and what to try.
        """
        sampling = self.sampling
        prompts = [request.prompt for request in self.requests]
        if 0 in self.positions:
            prompts = [from_half_painted(prompt) for prompt in prompts]
        self.prompts, self.text = prompts, self.networks.states(prompts, sampling.clip_skip)
        negatives = [sampling.negative_prompt] * len(self.requests)
        self.negative = self.networks.states(negatives, sampling.clip_skip) if self.guidance > 1 else None
        latents = self._encoded()
        self.callback.begin(self._passes())
        try:
            with self.networks.denoising():
                if sampling.long == "keyframes":
                    painted = paint_by_keys(self._paint, latents, self.positions, self.parts.window)
                else:
                    painted = self._paint(latents, self.positions, True)
        except NonFiniteLatentsError as error:
            raise ValueError(f"{error}: {self.networks.remedy}") from None
        return [
            Painting(frames=margins.crop(self.networks.decoded(process.transpose(0, 1))), about=self._about(number))
            for number, (margins, process) in enumerate(zip(self.margins, painted, strict=True))
        ]

    def _encoded(self) -> Tensor:
        """Latents (B, 4, F, h, w): of the conditioning frames, and zero elsewhere."""
        side = downsampling(self.parts.vae)
        height, width = (length // side for length in self.margins[0].padded)
        channels = self.parts.unet.config.in_channels
        latents = torch.zeros(len(self.requests), channels, self.frames, height, width, device=self.networks.device)
        for position in sorted(self.positions):
            pictures = [
                margins.pad(frames[position]) for margins, frames in zip(self.margins, self.conditioning, strict=True)
            ]
            latents[:, :, position] = self.networks.encoded(np.stack(pictures))
        return latents

    def _paint(self, latents: Tensor, positions: frozenset[int], whole: bool) -> Tensor:
        """Latents (B, 4, F, h, w) of all frames, from those of the conditioning frames."""
        predict = self._predictor(latents, positions)
        first = self.noise.draw(*latents.shape[1:]).to(latents)
        if self.sampling.inversion and whole and positions:
            first = self._with_inverted(first, latents, sorted(positions))
        steps, callback = self.steps, self._advance
        painted = sample(predict, self.scheduler, first, steps, callback, self.noise)
        alphas = self.scheduler.alphas_cumprod
        for _ in range(1, self.sampling.free_init):
            fresh = self.noise.draw(*latents.shape[1:]).to(latents)
            noise = renoise(painted, first, fresh, alphas[renoise_timestep(alphas)])
            painted = sample(predict, self.scheduler, noise, steps, callback, self.noise)
        return painted

    def _predictor(self, latents: Tensor, positions: frozenset[int]) -> Predictor:
        mask = torch.tensor([frame in positions for frame in range(latents.shape[2])], device=latents.device)
        return Predictor(
            unet=self.parts.unet,
            text=self.text,
            negative=self.negative,
            guidance=self.guidance,
            network=self.parts.network if positions and self.sampling.conditioning_scale else None,
            latents=latents,
            mask=mask.expand(len(latents), -1),
            scale=self.sampling.conditioning_scale,
            window=self.parts.window,
        )

    def _with_inverted(self, noise: Tensor, latents: Tensor, positions: list[int]) -> Tensor:
        """Replace the noise of the conditioning frames by that of their own pictures.

        The motion module takes nothing but processes, so a still one is inverted, each frame the nearest conditioning
        frame. The replication network has no part in it: knowing the picture at every timestep, it would leave no noise
        at all. Nor has guidance, under which an inversion doesn't settle.
        """
        frames = latents.shape[2]
        numbers = with_frames(spread(min(frames, self.parts.window), frames), positions)
        nearest = [min(positions, key=lambda position: abs(position - number)) for number in numbers]
        predict = dataclasses.replace(self._predictor(latents[:, :, nearest], frozenset()), negative=None, guidance=1.0)
        inverted = invert(
            predict,
            self.scheduler,
            latents[:, :, nearest],
            self.steps,
            self._advance,
            rounds=self.sampling.inversion_rounds,
            drawn=noise[:, :, numbers] if self.sampling.inversion_start == "noised" else None,
        )
        noise = noise.clone()
        for position in positions:
            noise[:, :, position] = inverted[:, :, numbers.index(position)]
            self.variances[position] = noise[:, :, position].flatten(1).var(1).tolist()
        return noise

    def _advance(self, clean: Tensor | None) -> None:
        self.callback.advance(None if clean is None else partial(self._look, clean[0]))

    def _look(self, clean: Tensor) -> UInt8:
        return self.margins[0].crop(self.networks.decoded(clean.transpose(0, 1)))

    def _passes(self) -> int:
        """How many there will be in all."""
        sampling, paintings = self.sampling, 0

        def count(latents: Tensor, positions: frozenset[int], whole: bool) -> Tensor:
            nonlocal paintings
            paintings += 1
            return latents

        if sampling.long == "keyframes":
            paint_by_keys(count, torch.zeros(1, 1, self.frames, 1, 1), self.positions, self.parts.window)
        else:
            paintings = 1
        passes = self.steps * paintings * sampling.free_init
        if sampling.inversion and self.positions:
            noised = sampling.inversion_start == "noised"
            passes += sum(rounds_of_steps(self.steps, sampling.inversion_rounds, noised=noised))
        return passes

    def _unseen(self, prompt: str) -> dict[str, str]:
        """What the text encoder didn't see of a prompt, if it is cut."""
        line = cut_in_words(self.parts.tokenizer, self.parts.spelled(prompt))
        return {"prompt_cut": line} if line else {}

    def _about(self, number: int) -> dict[str, Any]:
        request = self.requests[number]
        return {
            "prompt": request.prompt,
            **self._unseen(self.prompts[number]),
            "seed": request.seed,
            "sampling": {**self.sampling.record(), "frames": self.frames},
            "canvas": list(request.shape),
            "padded": list(self.margins[number].padded),
            "shown": sorted(self.positions),
            "inverted_noise_variance": {
                str(position): round(values[number], 4) for position, values in self.variances.items()
            },
            "models": dict(self.parts.described),
            "hardware": {"device": str(self.networks.device), "precision": self.networks.precision},
            "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        }
