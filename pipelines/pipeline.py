"""The pipeline: prompts and conditioning frames in, painting processes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from PIL import Image

from underpaint.datagen.pictures.places import Place
from underpaint.models.captions import in_medium
from underpaint.pipelines.callback import Callback
from underpaint.pipelines.embeddings import Embedding
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.medium import check_medium
from underpaint.pipelines.networks import Networks
from underpaint.pipelines.parts import Parts, load_parts
from underpaint.pipelines.pictures import (
    Size,
    UInt8,
    checked,
    fit,
    parse_size,
    read_image,
    read_picture,
    same_shape,
)
from underpaint.pipelines.placement import DevicePlacement
from underpaint.pipelines.places import Places, find_places
from underpaint.pipelines.request import Painting, Request
from underpaint.pipelines.settings import ComputeConfig, Sampling
from underpaint.pipelines.work import Work

PictureInput: TypeAlias = str | Place | Image.Image | UInt8


class ProcessPipeline:
    """A pipeline of painting processes: from text, to a picture (`reconstruct`), from a half-finished one (`complete`).

    Args:
        parts: the networks; they are moved and cast in place.
        compute: where they compute, and in what precision.

    Raises:
        ValueError: a device that torch doesn't find.
    """

    def __init__(self, parts: Parts, compute: ComputeConfig) -> None:
        self.parts, self.networks = parts, Networks(parts, compute)

    @classmethod
    def from_pretrained(
        cls,
        models: str | Path | None = None,
        *,
        base: str | None = None,
        motion: str | None = None,
        replication: str | None = None,
        vae: str | None = None,
        base_config: str | None = None,
        loras: Sequence[Lora] = (),
        embeddings: Sequence[Embedding] = (),
        beta_schedule: str | None = None,
        compute: ComputeConfig | None = None,
    ) -> ProcessPipeline:
        """Load the networks.

        Args:
            models: a folder with `base`, `motion` and perhaps `replication`, each a run of `underpaint-train` or a
                folder that diffusers saved; the built-in nano if not given.
            base: image model in place of the one in `models`: a run, a folder, a .safetensors file or a hub id.
            motion: motion module in place of the one in `models`, likewise.
            replication: replication network in place of the one in `models`, likewise. Without any, no frames can be
                conditioned on.
            vae: autoencoder in place of the base's: a folder, a .safetensors file or a hub id.
            base_config: configs and tokenizer of a base in one file; those of Stable Diffusion 1.5 if not given.
            loras: artists' LoRAs, fused into the UNet.
            embeddings: textual inversions that prompts may name.
            beta_schedule: noise schedule of a published motion module, which says nothing of it; AnimateDiff's,
                `linear`, if not given.
            compute: where they compute; the best device, in 16 bits on CUDA, if not given.

        Raises:
            ValueError: something is missing, not finished, or made for another architecture or noise schedule.
        """
        folder = None if models is None else Path(models)
        places = find_places(
            folder, base=base, motion=motion, replication=replication, vae=vae, base_config=base_config
        )
        return cls.load(
            places, models=folder, loras=loras, embeddings=embeddings, beta_schedule=beta_schedule, compute=compute
        )

    @classmethod
    def load(
        cls,
        places: Places,
        *,
        models: Path | None = None,
        loras: Sequence[Lora] = (),
        embeddings: Sequence[Embedding] = (),
        beta_schedule: str | None = None,
        compute: ComputeConfig | None = None,
    ) -> ProcessPipeline:
        """Load the networks from where `find_places` found them; see `from_pretrained`."""
        compute = compute or ComputeConfig()
        parts = load_parts(
            places,
            loras=loras,
            models=models,
            embeddings=embeddings,
            beta_schedule=beta_schedule,
            dtype=DevicePlacement(compute).dtype,
        )
        return cls(parts, compute)

    def text(
        self, prompt: str, *, medium: str | None = None, seed: int = 0, size: str | int | None = None, **sampling: Any
    ) -> Painting:
        """Paint what a prompt says.

        Args:
            prompt: what the finished picture shows.
            medium: in which it is painted, one of `parts.media`; the prompt alone decides if not given.
            seed: of the noise.
            size: `512`, or `768x512` for width and height; the size in training if not given.
            sampling: fields of `Sampling`, such as `steps=25` or `guidance=3.0`.

        Raises:
            ValueError: an unknown medium, a value out of range, or too many frames.
        """
        return self.conditioned({}, prompt, medium=medium, seed=seed, size=size, **sampling)

    def reconstruct(self, picture: PictureInput, prompt: str = "", **options: Any) -> Painting:
        """Paint a process that ends in a picture.

        Args:
            picture: the last frame: a file, a PIL image or uint8 (H, W, 3).
            prompt: what it shows; may be empty.
            options: keyword arguments of `conditioned`.

        Raises:
            ValueError, BadPicture: see `conditioned`.
        """
        return self.conditioned({-1: picture}, prompt, **options)

    def complete(self, picture: PictureInput, prompt: str = "", **options: Any) -> Painting:
        """Paint on from a half-finished picture.

        Args:
            picture: the first frame: a file, a PIL image or uint8 (H, W, 3).
            prompt: what the finished picture shows; may be empty.
            options: keyword arguments of `conditioned`.

        Raises:
            ValueError, BadPicture: see `conditioned`.
        """
        return self.conditioned({0: picture}, prompt, **options)

    def conditioned(
        self,
        conditioning_frames: Mapping[int, PictureInput],
        prompt: str = "",
        *,
        medium: str | None = None,
        seed: int = 0,
        size: str | int | None = None,
        **sampling: Any,
    ) -> Painting:
        """Paint a process of which some frames are given.

        Args:
            conditioning_frames: pictures by frame number; -1 is the last. Files, PIL images or uint8 (H, W, 3), of the
                same proportions.
            prompt: what the finished picture shows; may be empty.
            medium: in which it is painted, one of `parts.media`; the prompt alone decides if not given.
            seed: of the noise.
            size: the short side of the canvas, or `768x512`, into which the pictures are fit; the size in training if
                not given.
            sampling: fields of `Sampling`, such as `steps=25` or `guidance=3.0`.

        Raises:
            ValueError: an unknown medium, a value out of range, a frame number out of range, too many frames, pictures
                of unlike proportions, or no replication network.
            BadPicture: a file that can't be used.
        """
        request = self.request(prompt, conditioning_frames, medium=medium, seed=seed, size=size)
        return self.paint([request], Sampling(**sampling))[0]

    def request(
        self,
        prompt: str,
        conditioning_frames: Mapping[int, PictureInput],
        *,
        medium: str | None = None,
        seed: int = 0,
        size: str | int | None = None,
    ) -> Request:
        """Return what `paint` takes, with pictures read and scaled; the first of them gives the canvas its proportions.

        Raises:
            ValueError, BadPicture: see `conditioned`.
        """
        check_medium(medium, self.parts.media)
        if not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise ValueError(f"seed is {seed!r}: use a whole number from 0 to 2**63 - 1")
        wanted = parse_size(self.parts.size if size is None else size)
        pixels = {number: _pixels(picture, wanted) for number, picture in conditioning_frames.items()}
        height, width = next(iter(pixels.values())).shape[:2] if pixels else wanted.shape
        return Request(
            prompt=in_medium(medium, prompt) if medium else prompt,
            seed=seed,
            shape=(height, width),
            conditioning_frames=same_shape(pixels, (height, width)),
        )

    @torch.no_grad()
    def paint(
        self, requests: Sequence[Request], sampling: Sampling, callback: Callback | None = None
    ) -> list[Painting]:
        """Paint several processes at once; each comes out as it would alone, but for rounding.

        Args:
            requests: with equal `networks.margins(request.shape).padded` and equal numbers of conditioning frames.
            sampling: how.
            callback: called after each pass of the networks.

        Raises:
            ValueError: see `check`.
        """
        numbers = {number for request in requests for number in request.conditioning_frames}
        sampling = sampling.settled(self.parts.noise.prediction, conditioned=bool(numbers))
        frames = self.check(sampling, numbers)
        return Work(self.networks, requests, sampling, frames, callback or Callback()).paintings()

    def check(self, sampling: Sampling, numbers: Collection[int]) -> int:
        """Return how many frames `paint` will paint.

        Args:
            sampling: how.
            numbers: of the conditioning frames.

        Raises:
            ValueError: too many frames for the networks, a conditioning frame that isn't one of them, or no replication
                network.
        """
        parts, frames = self.parts, sampling.frames or self.parts.window
        if sampling.steps is not None and sampling.steps > parts.noise.steps:
            raise ValueError(f"steps is {sampling.steps}: the noise schedule of these networks has {parts.noise.steps}")
        if frames > parts.window and sampling.long == "refuse":
            raise ValueError(
                f"{frames} frames are too many: the motion module was trained with {parts.window}; give "
                "--long windows or --long keyframes to paint longer processes"
            )
        conditions = sampling.conditioning_scale > 0
        if frames > parts.window and sampling.long == "keyframes" and not (conditions and parts.network is not None):
            raise ValueError(f"--long keyframes conditions on key frames by the {_no_network()}; or use --long windows")
        for number in numbers:
            if not -frames <= number < frames:
                raise ValueError(
                    f"frame {number} is out of range: a process of {frames} frames has 0 to {frames - 1}, "
                    f"or {-frames} to -1 from the end"
                )
        if numbers and conditions and parts.network is None:
            raise ValueError(
                f"conditioning frames need the {_no_network()}; or paint with --conditioning-scale 0 --inversion"
            )
        return frames


def _no_network() -> str:
    return (
        "replication network, and there is no finished one: train it with `underpaint-train replication`, or name it "
        "with --replication"
    )


def _pixels(picture: PictureInput, size: Size) -> UInt8:
    if isinstance(picture, Image.Image):
        return read_image(picture, size)
    if isinstance(picture, np.ndarray):
        return fit(checked(picture), size)
    return read_picture(Path(picture) if isinstance(picture, str) else picture, size)
