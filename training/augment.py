"""Augmentation on the device: one draw for all frames of a process, so that nothing moves that didn't."""

from __future__ import annotations

import kornia
import torch
from torch import Tensor

from underpaint.datagen.format.draws import draw
from underpaint.training.buckets import Shape
from underpaint.training.data_config import AugmentConfig

# What is drawn for a sample, 0..1 each, in this order.
DRAWS = ("flip", "scale", "left", "top", "saturation", "gamma")


def augment_draws(seed: int, position: int) -> tuple[float, ...]:
    """What is drawn for the sample at a position: `DRAWS`, 0..1 each."""
    return tuple(draw(seed, position, name) for name in DRAWS)


def to_float(frames: Tensor) -> Tensor:
    """uint8 frames to float32 -1..1, what the autoencoder takes."""
    return frames.contiguous().float() / 127.5 - 1


def augment(frames: Tensor, draws: Tensor, shape: Shape, config: AugmentConfig) -> Tensor:
    """Mirror, cut out and recolour a batch of processes.

    Args:
        frames: uint8 (B, F, 3, H, W), on the device where it is to happen.
        draws: float32 (B, 6), `augment_draws` of each process.
        shape: height and width of the result in pixels.
        config: how much; its `crop` must be below 1 where `shape` is not H and W.

    Returns:
        float32 (B, F, 3, *shape), -1..1.
    """
    batch, count = frames.shape[:2]
    draws = draws.to(frames.device)
    flip, scale, left, top, saturation, gamma = draws.unbind(1)
    pixels = frames.contiguous().float() / 255
    flipped = (flip < config.flip).view(batch, 1, 1, 1, 1)
    pixels = torch.where(flipped, kornia.geometry.hflip(pixels), pixels)
    if config.crop < 1:
        pixels = _cut(pixels, 1 - (1 - config.crop) * scale, left, top, shape)
    assert pixels.shape[-2:] == shape, f"frames of {tuple(pixels.shape[-2:])} px were loaded for {shape}"
    flat = pixels.flatten(0, 1)
    if config.saturation:
        factor = (1 + config.saturation * (2 * saturation - 1)).repeat_interleave(count)
        flat = kornia.enhance.adjust_saturation_with_gray_subtraction(flat, factor)
    if config.gamma:
        # As kornia's adjust_gamma, which looks at the numbers first: a step would begin by waiting for the one before.
        power = (1 + config.gamma * (2 * gamma - 1)).repeat_interleave(count).view(-1, 1, 1, 1)
        flat = flat.pow(power).clamp(0, 1)
    return flat.view(pixels.shape) * 2 - 1


def _cut(pixels: Tensor, share: Tensor, left: Tensor, top: Tensor, shape: Shape) -> Tensor:
    """Cut `share` (B,) of both sides out of each process, at `left` and `top` (B,) 0..1 of the room, in a shape."""
    batch, _, _, height, width = pixels.shape
    matrix = torch.zeros(batch, 2, 3, device=pixels.device)
    for axis, (place, side, wanted) in enumerate(((left, width, shape[1]), (top, height, shape[0]))):
        step = share * side / wanted
        start = place * (1 - share) * side
        matrix[:, axis, axis] = 1 / step
        # Pixel i of the result has its centre at (i + 1/2) steps from the start, and centres are whole numbers here.
        matrix[:, axis, 2] = (0.5 - start) / step - 0.5
    # All frames of a process as channels of one picture: they get the very same treatment. Bicubic, because the steps
    # are about one pixel, where bilinear would blur; it may overshoot.
    channels = pixels.reshape(batch, -1, height, width)
    cut = kornia.geometry.warp_affine(channels, matrix, shape, mode="bicubic", padding_mode="border")
    return cut.clamp(0, 1).view(*pixels.shape[:3], *shape)
