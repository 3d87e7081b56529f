"""The stages of a nano on one GPU: what trains in each, its loss, and what it leaves."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, MotionAdapter, SparseControlNetModel, UNetMotionModel
from torch import Tensor, nn

from underpaint.experiments.gpu.config import GAMMA, SHIFT, GpuConfig
from underpaint.experiments.gpu.room import TrainingRoom
from underpaint.models import (
    Base,
    Record,
    architecture,
    build_nano,
    condition,
    denoise,
    fingerprint,
    load_motion_adapter,
    load_replication_network,
    motion_of,
    new_motion_adapter,
    new_replication_network,
    save_base,
    save_motion_adapter,
    save_replication_network,
    train_only,
    with_motion,
)
from underpaint.models.latents import autoencoder_loss, channel_statistics, standardise
from underpaint.models.motion import MOTION
from underpaint.models.noise import add_noise, min_snr_weights, squared_error, target_of
from underpaint.models.weights import load_model
from underpaint.training.rng import shifted

_STATISTICS = 16  # batches of 64 frames that tell the latents' mean and deviation


class NanoStages:
    """Networks that train one after the other, on one device.

    Args:
        config: how large, and where.
        room: what is trained on.
        device: that is computed on.
        base: to go on with; a new one if not given.
    """

    def __init__(self, config: GpuConfig, room: TrainingRoom, device: torch.device, base: Base | None = None) -> None:
        self.config, self.room, self.device = config, room, device
        self.base = base or build_nano(config.base, seed=config.seed, size=config.size, tokenizer=room.tokenizer)
        if config.vae is not None:
            vae = load_model(AutoencoderKL, str(config.vae)).eval()
            self.base = dataclasses.replace(self.base, vae=vae)
        self.guide = torch.full((), float(config.vae is None), device=device)
        for part in (self.base.vae, self.base.text_encoder, self.base.unet):
            part.to(device)
        self.alphas = self.base.noise.alphas_cumprod().to(device)
        self.unet: UNetMotionModel | None = None
        self.network: SparseControlNetModel | None = None
        self.record: Record | None = None

    def begin(self, stage: str) -> tuple[Callable[[], Tensor], list[nn.Parameter]]:
        """Make what a stage trains; return its loss and the parameters."""
        return {
            "autoencoder": self._autoencoder,
            "base": self._base,
            "motion": self._motion,
            "replication": self._replication,
        }[stage]()

    def _autoencoder(self) -> tuple[Callable[[], Tensor], list[nn.Parameter]]:
        vae = self.base.vae.requires_grad_(True)

        def loss() -> Tensor:
            generator: Any = None  # the device's own
            return autoencoder_loss(vae, self.room.pixels(self.config.pictures // 2), generator, guide=self.guide)  # type: ignore[arg-type]

        return loss, list(vae.parameters())

    def _base(self) -> tuple[Callable[[], Tensor], list[nn.Parameter]]:
        base = self.base
        parameters = [
            *base.unet.requires_grad_(True).parameters(),
            *base.text_encoder.requires_grad_(True).parameters(),
        ]

        def loss() -> Tensor:
            latents, tokens = self.room.pictures(self.config.pictures)
            noise, steps = torch.randn_like(latents), self._timesteps("base", len(latents))
            noisy = add_noise(self.alphas, latents, noise, steps)
            output = base.unet(noisy, steps, base.text_encoder(tokens)[0], return_dict=False)[0]
            return self._weighed("base", output, latents, noise, steps)

        return loss, parameters

    def _motion(self) -> tuple[Callable[[], Tensor], list[nn.Parameter]]:
        base = self.base
        self.record = self._record("motion")
        base.text_encoder.requires_grad_(False)
        _cast(base.text_encoder)
        _cast(base.unet.requires_grad_(False))
        init = self.config.init
        if init is None:
            adapter: MotionAdapter = new_motion_adapter(base.unet, seed=self.config.seed)
        else:
            adapter, _ = load_motion_adapter(init / "replication" / "motion")
        self.unet = with_motion(base.unet, adapter.to(self.device), share=True)
        train_only(self.unet, MOTION)
        return self._processes("motion"), [each for each in self.unet.parameters() if each.requires_grad]

    def _replication(self) -> tuple[Callable[[], Tensor], list[nn.Parameter]]:
        assert self.unet is not None, "motion comes first"
        init = self.config.init
        if init is None:
            network = new_replication_network(self._plain.unet, seed=self.config.seed)
        else:
            network, _ = load_replication_network(init / "replication")
        self.network = network.to(self.device).requires_grad_(True)
        trained = [*self.unet.parameters(), *network.parameters()]
        return self._processes("replication"), [each for each in trained if each.requires_grad]

    def _processes(self, stage: str) -> Callable[[], Tensor]:
        unet, network, encoder = self.unet, self.network, self.base.text_encoder
        assert unet is not None, "motion comes first"

        def loss() -> Tensor:
            latents, tokens, chosen = self.room.sequences(self.config.sequences, stage)
            noise, steps = torch.randn_like(latents), self._timesteps(stage, len(latents))
            noisy = add_noise(self.alphas, latents, noise, steps)
            seen = None if network is None else condition(latents, chosen)
            with torch.no_grad():
                text = encoder(tokens)[0]
            output = denoise(unet, noisy, steps, text, network, seen)
            return self._weighed(stage, output, latents, noise, steps)

        return loss

    def _timesteps(self, stage: str, count: int) -> Tensor:
        share = shifted(torch.rand(count, device=self.device), SHIFT[stage])
        return (share * self.base.noise.steps).long().clamp(max=self.base.noise.steps - 1)

    def _weighed(self, stage: str, output: Tensor, latents: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
        error = squared_error(output.float(), target_of(self.base.noise.prediction, self.alphas, latents, noise, steps))
        if GAMMA[stage]:
            error = error * min_snr_weights(self.base.noise.prediction, self.alphas, steps, GAMMA[stage])
        return error.mean()

    def finish(self, stage: str, folder: Path) -> None:
        """Write what a stage has trained, as 16-bit floats, and make it what the next builds on."""
        if stage == "autoencoder":
            vae = self.base.vae.requires_grad_(False)
            if self.config.init is None:  # what goes on was trained on these very latents
                with torch.no_grad():
                    mean, std = channel_statistics(vae, (self.room.pixels(64) for _ in range(_STATISTICS)))
                    standardise(vae, mean, std)
            self.room.finish_autoencoder(vae)
        elif stage == "base":
            self._plain = _copied(self.base)
            save_base(folder / "base", _halved(self._plain))
        elif stage == "motion":
            self._save_motion(folder / "motion", self.record)
        else:
            assert self.network is not None, "it has just been trained"
            record = self._record("replication")
            save_replication_network(folder / "replication", _half(self.network), record)
            self._save_motion(folder / "replication" / "motion", dataclasses.replace(record, kind="motion"))

    def _save_motion(self, folder: Path, record: Record | None) -> None:
        assert self.unet is not None, "it has just been trained"
        assert record is not None, "it has just been trained"
        save_motion_adapter(folder, motion_of(self.unet).half(), record)

    def _record(self, kind: str) -> Record:
        unet = self._plain.unet
        recipe: dict[str, Any] = {
            name: str(value) for name, value in dataclasses.asdict(self.config).items() if name != "out"
        }
        recipe |= {
            "name_medium": True,
            "renderer": sorted(self.config.media),
        }  # as training says what prompts can ask for
        return Record(
            kind=kind,
            stage=kind,
            base=fingerprint(unet),
            architecture=architecture(unet),
            noise=self.base.noise,
            frames=self.config.frames,
            size=self.config.size,
            recipe=recipe,
        )


def _copied(base: Base) -> Base:
    """The base on the CPU, as it is now: later stages hold its weights in 16 bits."""
    parts = {name: copy.deepcopy(getattr(base, name)).to("cpu") for name in ("vae", "text_encoder", "unet")}
    return dataclasses.replace(base, **parts)


def _halved(base: Base) -> Base:
    return dataclasses.replace(base, **{name: _half(getattr(base, name)) for name in ("vae", "text_encoder", "unet")})


def _half(module: Any) -> Any:
    return copy.deepcopy(module).to("cpu").half()


def _cast(module: nn.Module) -> None:
    """Hold frozen layers in the type that autocast computes them in."""
    for part in module.modules():
        if isinstance(part, (nn.Linear, nn.Conv2d)):
            part.to(torch.bfloat16)
