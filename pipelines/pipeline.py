"""The pipeline: prompts and shown frames in, painting processes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from underpaint.datagen.pictures.places import Place
from underpaint.models.captions import tokens_of
from underpaint.models.latents import decode, encode
from underpaint.pipelines.hardware import Machine
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.order import Order, Painting
from underpaint.pipelines.parts import Parts, find_places, load_parts
from underpaint.pipelines.pictures import Margins, Size, UInt8, fit, parse_size, read_picture, same_shape
from underpaint.pipelines.settings import Hardware, Sampling
from underpaint.pipelines.watching import Watcher
from underpaint.pipelines.work import Work

Shown: TypeAlias = str | Place | Image.Image | UInt8


class ProcessPipeline:
    """Paints processes: from text, towards a picture (`reconstruct`), from a half-finished one on (`complete`).

    Args:
        parts: the networks; they are moved and cast in place.
        hardware: where they compute.
    """

    def __init__(self, parts: Parts, hardware: Hardware) -> None:
        self.parts, self.hardware, self.machine = parts, hardware, Machine(hardware)
        # Stable Diffusion's autoencoder overflows in 16 bits, and its config says so.
        self._vae_dtype = torch.float32 if parts.vae.config.force_upcast else self.machine.dtype
        self.machine.place(parts.vae, self._vae_dtype)
        self.machine.place(parts.text_encoder, self.machine.dtype)
        for network in filter(None, (parts.unet, parts.network)):
            self.machine.place(network, self.machine.dtype)
            if hardware.compile:
                network.compile()
        if hardware.slicing:
            parts.vae.enable_slicing()
        if hardware.tiling:
            parts.vae.enable_tiling()

    @classmethod
    def from_pretrained(
        cls,
        models: str | Path | None = None,
        *,
        base: str | None = None,
        motion: str | None = None,
        replication: str | None = None,
        loras: Sequence[Lora] = (),
        beta_schedule: str | None = None,
        hardware: Hardware | None = None,
    ) -> ProcessPipeline:
        """Load the networks.

        Args:
            models: a folder with `base`, `motion` and perhaps `replication`, each a run of `underpaint-train` or a
                folder that diffusers saved.
            base: a run, a folder or a hub id, in place of the one in `models`; likewise the next two.
            motion: the motion module.
            replication: the replication network, without which no frames can be shown.
            loras: artists' LoRAs.
            beta_schedule: of a published motion module, which says nothing of it: `linear` for AnimateDiff's.
            hardware: where they compute; the best device, in float32, if not given.

        Raises:
            ValueError: something is missing, not finished, or trained on another base or noise schedule.
        """
        folder = None if models is None else Path(models)
        places = find_places(folder, base=base, motion=motion, replication=replication)
        parts = load_parts(places, loras=loras, models=folder, beta_schedule=beta_schedule)
        return cls(parts, hardware or Hardware())

    def text(self, prompt: str, *, seed: int = 0, size: str | int | None = None, **sampling: Any) -> Painting:
        """Paint what a prompt says.

        Args:
            prompt: what the finished picture shows.
            seed: of the noise.
            size: `512`, or `768x512` for width and height; as in training if not given.
            sampling: see `Sampling`.
        """
        order = self.order(prompt, {}, seed=seed, size=size)
        return self.paint([order], Sampling(**sampling))[0]

    def reconstruct(self, picture: Shown, prompt: str = "", **options: Any) -> Painting:
        """Paint a process that ends in a picture. Options as of `shown`."""
        return self.shown({-1: picture}, prompt, **options)

    def complete(self, picture: Shown, prompt: str = "", **options: Any) -> Painting:
        """Paint on from a half-finished picture. Options as of `shown`."""
        return self.shown({0: picture}, prompt, **options)

    def shown(
        self,
        pictures: Mapping[int, Shown],
        prompt: str = "",
        *,
        seed: int = 0,
        size: str | int | None = None,
        **sampling: Any,
    ) -> Painting:
        """Paint a process of which some frames are known.

        Args:
            pictures: by frame number; -1 is the last. Files, PIL images or uint8 (H, W, 3), of the same proportions.
            prompt: what the finished picture shows; may be empty.
            seed: of the noise.
            size: the short side of the canvas, or `768x512`, into which the pictures are fit; as in training if not
                given.
            sampling: see `Sampling`.

        Raises:
            ValueError: a frame number out of range, too many frames, pictures of unlike proportions, no network.
            BadPicture: a file that can't be used.
        """
        order = self.order(prompt, pictures, seed=seed, size=size)
        return self.paint([order], Sampling(**sampling))[0]

    def order(
        self, prompt: str, pictures: Mapping[int, Shown], *, seed: int = 0, size: str | int | None = None
    ) -> Order:
        """What `paint` takes: pictures read and scaled; the first of them gives the canvas its proportions."""
        wanted = parse_size(self.parts.size if size is None else size)
        pixels = {position: _pixels(picture, wanted) for position, picture in pictures.items()}
        height, width = next(iter(pixels.values())).shape[:2] if pixels else wanted.shape
        return Order(prompt=prompt, seed=seed, shape=(height, width), shown=same_shape(pixels, (height, width)))

    def margins(self, order: Order) -> Margins:
        """The canvas of an order within the one that the networks take."""
        return Margins.of(order.shape, self.parts.step)

    @torch.no_grad()
    def paint(self, orders: Sequence[Order], sampling: Sampling, watcher: Watcher | None = None) -> list[Painting]:
        """Paint several processes at once; each comes out as it would alone, but for rounding.

        Args:
            orders: with equal `margins(order).padded` and equal numbers of shown frames.
            sampling: how.
            watcher: told of each pass.

        Raises:
            ValueError: as of `shown`.
        """
        frames = self.check(sampling, *(order.shown for order in orders))
        return Work(self, orders, sampling, frames, watcher or Watcher()).paintings()

    def check(self, sampling: Sampling, *shown: Mapping[int, Any]) -> int:
        """The number of frames that `paint` will paint.

        Raises:
            ValueError: too many for the networks, a shown frame that isn't one of them, or no network to show it to.
        """
        parts, frames = self.parts, sampling.frames or self.parts.window
        if frames > parts.window and sampling.long == "refuse":
            raise ValueError(
                f"{frames} frames are too many: the motion module was trained with {parts.window}; give "
                "--long windows or --long keyframes to paint longer processes"
            )
        if frames > parts.window and sampling.long == "keyframes" and (parts.network is None or not sampling.scale):
            raise ValueError(f"--long keyframes shows key frames to the {_no_network()}; or use --long windows")
        for position in {position for each in shown for position in each}:
            if not -frames <= position < frames:
                raise ValueError(
                    f"frame {position} is out of range: a process of {frames} frames has 0 to {frames - 1}, "
                    f"or {-frames} to -1 from the end"
                )
        if any(shown) and sampling.scale and parts.network is None:
            raise ValueError(f"pictures are shown to the {_no_network()}; or paint with --scale 0 --inversion")
        return frames

    def states(self, prompts: Sequence[str]) -> Tensor:
        """Text states (B, L, D) of prompts, on the device."""
        tokens = tokens_of(self.parts.tokenizer, prompts)
        with self.machine.using(self.parts.text_encoder):
            states: Tensor = self.parts.text_encoder(tokens.to(self.machine.device))[0]
        return states

    def encoded(self, pictures: UInt8) -> Tensor:
        """Latents (N, 4, h, w), float32, of pictures (N, H, W, 3)."""
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).to(self.machine.device, self._vae_dtype)
        with self.machine.using(self.parts.vae):
            return encode(self.parts.vae, pixels / 127.5 - 1).float()

    def decoded(self, latents: Tensor) -> UInt8:
        """Pictures (N, H, W, 3) of latents (N, 4, h, w)."""
        with self.machine.using(self.parts.vae):
            pixels = decode(self.parts.vae, latents.to(self._vae_dtype))
        made = ((pixels.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        return np.ascontiguousarray(made.permute(0, 2, 3, 1).cpu().numpy())


def _no_network() -> str:
    return (
        "replication network, and there is no finished one: train it with `underpaint-train replication`, or name it "
        "with --replication"
    )


def _pixels(picture: Shown, size: Size) -> UInt8:
    if isinstance(picture, Image.Image):
        return fit(np.asarray(picture.convert("RGB")), size)
    if isinstance(picture, np.ndarray):
        return fit(picture, size)
    return read_picture(Path(picture) if isinstance(picture, str) else picture, size)
