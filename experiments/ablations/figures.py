"""What is measured of a trial: errors on real processes, and what it paints beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from underpaint.models import denoise
from underpaint.models.noise import add_noise, squared_error, target_of
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.measures import of_order, of_process
from underpaint.pipelines.evaluation.pictures import psnr
from underpaint.pipelines.evaluation.progress import Curve, curve_distance, profile, progress
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import Sampling
from underpaint.training.data_config import DataConfig
from underpaint.training.loader import Data
from underpaint.training.metrics import by_timestep
from underpaint.training.rng import validation_rng

UInt8 = NDArray[np.uint8]
Figures = dict[str, float]

# Pairs of process and noise level, as many as validation looks at: a quarter of them are at the noisiest levels.
_PAIRS = 64
_ROWS = 4  # of a sheet, real and painted each


@dataclass(frozen=True, kw_only=True)
class RealProcess:
    """A real one: caption, and frames uint8 (F, H, W, 3)."""

    caption: str
    frames: UInt8


def read_processes(data: DataConfig) -> list[RealProcess]:
    """The validation samples, at most as many as the config says."""
    batch = next(iter(Data(data).validation_batches(batch=data.validation_samples)))
    frames = np.ascontiguousarray(batch.frames.permute(0, 1, 3, 4, 2).numpy())
    return [RealProcess(caption=caption, frames=each) for caption, each in zip(batch.captions, frames, strict=True)]


@torch.no_grad()
def errors(pipeline: ProcessPipeline, processes: Sequence[RealProcess]) -> Figures:
    """Squared error on real processes, in all (`loss`) and by noise level; with the same noise for all trials."""
    noise = pipeline.parts.noise
    alphas, turns = noise.alphas_cumprod(), -(-_PAIRS // len(processes))
    text = pipeline.networks.states([each.caption for each in processes])
    latents = torch.stack([pipeline.networks.encoded(each.frames).transpose(0, 1) for each in processes])
    found: list[float] = []
    levels: list[float] = []
    for turn in range(turns):
        rng = validation_rng(range(len(processes)), turn, turns=turns, samples=len(processes))
        drawn, steps = rng.noise_like(latents), rng.timesteps(noise.steps)
        output = denoise(pipeline.parts.unet, add_noise(alphas, latents, drawn, steps), steps, text)
        target = target_of(noise.prediction, alphas, latents, drawn, steps)
        found += squared_error(output, target).tolist()
        levels += rng.times
    return by_timestep(found, levels)


def paint(
    pipeline: ProcessPipeline, processes: Sequence[RealProcess], count: int, *, steps: int, seed: int
) -> list[UInt8]:
    """Paint `count` processes (F, H, W, 3) from the captions of the real ones, which take turns."""
    captions = [processes[number % len(processes)].caption for number in range(count)]
    orders = [
        pipeline.request(caption, {}, seed=count * seed + number, size=pipeline.parts.size)
        for number, caption in enumerate(captions)
    ]
    return [painting.frames for painting in pipeline.paint(orders, Sampling(steps=steps))]


def figures_of(frames: Sequence[UInt8], medium: str | None = None) -> Figures:
    """Means over processes in a medium, of what can be said of one by itself.

    As `underpaint evaluate` has them, `human` and the measures behind it only if all processes have steps enough.
    Besides, `ground`, the mean value of the first frame (0..1, 1 is white), and `between`, the PSNR in dB of the frames
    between first and last against the last. `variety` is of all together: the root mean square difference of two last
    frames (0..1; nan for a single process). Who knows one by heart has none.
    """
    threshold = EvaluateConfig(process=Path()).threshold
    rows = [
        of_process(each, threshold)
        | of_order(each, medium, None)
        | {"ground": _value(each[0]), "between": _between(each)}
        for each in frames
    ]
    names = [name for name in rows[0] if all(name in row for row in rows)]
    means = {name: float(np.mean([row[name] for row in rows])) for name in names}
    return means | {"variety": _variety([each[-1] for each in frames])}


def beside(painted: Sequence[UInt8], processes: Sequence[RealProcess]) -> Figures:
    """Painted processes beside the real ones of the same captions, in the same turns.

    `progress_distance`: between the mean progress curves of both, 0..1. `brightness`: mean absolute difference of the
    mean values of two frames in the same place, 0..1.
    """
    real = [processes[number % len(processes)].frames for number in range(len(painted))]
    pairs = [
        (_value(ours), _value(theirs))
        for made, wanted in zip(painted, real, strict=True)
        for ours, theirs in zip(made, wanted, strict=True)
    ]
    return {
        "progress_distance": curve_distance(_mean_progress(painted), _mean_progress(real)),
        "brightness": float(np.mean([abs(ours - theirs) for ours, theirs in pairs])),
    }


def sheet(painted: Sequence[UInt8], processes: Sequence[RealProcess]) -> Image.Image:
    """Some real processes as filmstrips, and below each what is painted from its caption."""
    rows = [
        np.concatenate(frames, axis=1)
        for number in range(min(_ROWS, len(painted)))
        for frames in (processes[number % len(processes)].frames, painted[number])
    ]
    return Image.fromarray(np.concatenate(rows))


def _mean_progress(frames: Sequence[UInt8]) -> Curve:
    curve: Curve = np.mean([progress(profile(each)) for each in frames], axis=0)
    return curve


def _value(frame: UInt8) -> float:
    return float(frame.mean()) / 255


def _variety(pictures: Sequence[UInt8]) -> float:
    pairs = combinations([each.astype(np.float32) / 255 for each in pictures], 2)
    differences = [float(np.sqrt(np.mean((one - two) ** 2))) for one, two in pairs]
    return float(np.mean(differences)) if differences else math.nan


def _between(frames: UInt8) -> float:
    return float(np.mean([psnr(frame, frames[-1]) for frame in frames[1:-1]]))
