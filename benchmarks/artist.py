"""What an artist's two LoRAs change: `python -m benchmarks.artist ARTIST_RUN [SHEET.png]`.

For the base and its motion module without a LoRA, with either and with both: the error on the artist's sequences (the
same noise each time, evenly over the levels), and what is painted from the same noise with the artist's caption:

    progress  how the distance to the last frame falls: mean absolute difference of that curve from the curve without a
              LoRA, and from the artist's own; each curve is 1 at the first frame and 0 at the last
    style     difference of the last frame from that without a LoRA: in colour means and deviations (0..1), and as a
              whole (root mean square, 0..1)
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import yaml  # type: ignore[import-untyped, unused-ignore]
from torch import Tensor

from underpaint.models import (
    Base,
    NoiseSchedule,
    activate_loras,
    denoise,
    load_base,
    load_lora,
    load_motion_adapter,
    with_motion,
)
from underpaint.models.captions import tokens_of
from underpaint.models.latents import decode, encode
from underpaint.models.noise import add_noise, squared_error, target_of
from underpaint.training.augment import to_float
from underpaint.training.data_config import DataConfig
from underpaint.training.loader import Data
from underpaint.training.phase import contact_sheet
from underpaint.training.rng import BatchRng, validation_rng

_LORAS: dict[str, list[str]] = {
    "no LoRA": [],
    "spatial": ["spatial"],
    "temporal": ["temporal"],
    "both": ["spatial", "temporal"],
}
_PAIRS, _PAINTED, _STEPS = 64, 8, 25


class Artist:
    """A finished artist run, and the sequences that it was trained on."""

    def __init__(self, run: Path) -> None:
        config = yaml.safe_load((run / "config.yaml").read_bytes())
        self.base: Base = load_base(Path(config["base"]) / "base")
        adapter, record = load_motion_adapter(Path(config["motion"]) / "motion")
        assert record is not None
        self.noise: NoiseSchedule = record.noise
        self.alphas = self.noise.alphas_cumprod()
        self.unet = with_motion(self.base.unet, adapter)
        for kind in ("spatial", "temporal"):
            load_lora(self.unet, kind, run / "artist" / f"{kind}.diffusers.safetensors")
        names = ("corpus", "size", "frames", "trigger")
        data = Data(DataConfig(**{name: config[name] for name in names}, validation=0, workers=0))
        batch = next(iter(data.validation_batches(batch=64)))
        self.frames = to_float(batch.frames)
        self.latents = encode(self.base.vae, self.frames).transpose(1, 2)
        self.text: Tensor = self.base.text_encoder(tokens_of(self.base.tokenizer, batch.captions))[0]

    def error(self) -> float:
        """Mean squared error on the sequences."""
        count, turns, total = len(self.latents), -(-_PAIRS // len(self.latents)), 0.0
        for turn in range(turns):
            rng = validation_rng(range(count), turn, turns=turns, samples=count)
            noise, steps = rng.noise_like(self.latents), rng.timesteps(self.noise.steps)
            output = denoise(self.unet, add_noise(self.alphas, self.latents, noise, steps), steps, self.text)
            target = target_of(self.noise.prediction, self.alphas, self.latents, noise, steps)
            total += float(squared_error(output, target).mean())
        return total / turns

    def paint(self) -> Tensor:
        """Frames (N, F, 3, H, W), -1..1, from the same noise whatever LoRA is active."""
        rng = BatchRng(times=(0.0,) * _PAINTED, seeds=tuple(range(_PAINTED)))
        painted = rng.noise_like(self.latents[:1].expand(_PAINTED, -1, -1, -1, -1))
        text = self.text[torch.arange(_PAINTED) % len(self.text)]
        scheduler = self.noise.scheduler()
        scheduler.set_timesteps(_STEPS)
        for level in scheduler.timesteps:
            output = denoise(self.unet, painted, level.expand(_PAINTED), text)
            painted = scheduler.step(output, level, painted).prev_sample
        return decode(self.base.vae, painted.transpose(1, 2))


def progress(frames: Tensor) -> Tensor:
    """Distance of each frame (N, F, 3, H, W) to the last, as a share of the first's: (F,), the mean over processes."""
    distance = (frames - frames[:, -1:]).abs().flatten(2).mean(2)
    return (distance / distance[:, :1].clamp(min=1e-6)).mean(0)


def style(frames: Tensor) -> Tensor:
    """Mean and deviation of each colour of the last frames (N, F, 3, H, W), 0..1: (N, 6)."""
    pixels = (frames[:, -1] / 2 + 0.5).flatten(2)
    return torch.cat([pixels.mean(2), pixels.std(2)], 1)


@torch.no_grad()
def main(run: Path, sheet: Path | None = None) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    artist = Artist(run)
    painted, errors = {}, {}
    for name, loras in _LORAS.items():
        activate_loras(artist.unet, loras)
        errors[name], painted[name] = artist.error(), artist.paint()
    plain = painted["no LoRA"]
    own = progress(artist.frames)
    print("| | error | progress: from no LoRA's | from the artist's | last frame: colours | whole |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, frames in painted.items():
        curve = progress(frames)
        whole = ((frames[:, -1] - plain[:, -1]) / 2).square().mean().sqrt()
        columns = (
            errors[name],
            (curve - progress(plain)).abs().mean(),
            (curve - own).abs().mean(),
            (style(frames) - style(plain)).abs().mean(),
            whole,
        )
        print(f"| {name} | " + " | ".join(f"{float(value):.3f}" for value in columns) + " |")
    if sheet:
        contact_sheet(torch.cat([artist.frames[:1], *(frames[:2] for frames in painted.values())])).save(sheet)


if __name__ == "__main__":
    main(*(Path(value) for value in sys.argv[1:]))
