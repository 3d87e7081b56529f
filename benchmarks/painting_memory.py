"""What painting takes with networks of Stable Diffusion 1.5's size: `python -m benchmarks.painting_memory`.

Measured where there is a CUDA device, in gigabytes and seconds of a step. Computed otherwise, by running the networks
on tensors without content and adding up what lives at the same time; work space of the kernels comes on top.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any

import torch
from diffusers import AutoencoderKL, SparseControlNetModel, UNetMotionModel
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from benchmarks.stable_diffusion import SIDE, autoencoder
from underpaint.models.replication import condition, denoise

_GIGABYTE = 1e9
_WIDTHS = (320, 640, 1280, 1280)
_WHAT = "float16 UNet and network, float32 autoencoder with slicing, 512 px"
_CROSS = ("CrossAttnDownBlockMotion",) * 3 + ("DownBlockMotion",)


class Living(TorchDispatchMode):  # type: ignore[misc, no-untyped-call, unused-ignore]
    """Adds up the storages that operations make and that live at the same time; `most` is their largest sum, bytes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self.now = self.most = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {id(each.untyped_storage()) for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)}
        result = function(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, torch.Tensor):
                storage = each.untyped_storage()
                key = storage._cdata
                if key not in self._seen and id(storage) not in given:
                    self._add(key, storage)
        return result

    def _add(self, key: int, storage: Any) -> None:
        size = storage.nbytes()
        self._seen.add(key)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._remove, key, size)

    def _remove(self, key: int, size: int) -> None:
        self._seen.discard(key)
        self.now -= size


def networks() -> tuple[UNetMotionModel, SparseControlNetModel, AutoencoderKL]:
    """Random ones of Stable Diffusion 1.5's and AnimateDiff's size."""
    torch.set_default_dtype(torch.float16)  # tensors without content can't be cast in place
    unet = UNetMotionModel(
        block_out_channels=_WIDTHS,
        down_block_types=_CROSS,
        up_block_types=("UpBlockMotion",) + ("CrossAttnUpBlockMotion",) * 3,
        cross_attention_dim=768,
        num_attention_heads=8,
    )
    network = SparseControlNetModel(
        block_out_channels=_WIDTHS, down_block_types=_CROSS, cross_attention_dim=768, attention_head_dim=8
    )
    torch.set_default_dtype(torch.float32)
    vae = autoencoder()
    vae.enable_slicing()
    return unet.eval(), network.eval(), vae.eval()


def weights(*modules: nn.Module) -> int:
    """Bytes of their parameters."""
    return sum(each.numel() * each.element_size() for module in modules for each in module.parameters())


def step(unet: UNetMotionModel, network: SparseControlNetModel, frames: int, prompts: int, device: str) -> None:
    """One pass of UNet and replication network, the last frame shown."""
    side = SIDE // 8
    noisy = torch.zeros(prompts, 4, frames, side, side, dtype=torch.float16, device=device)
    shown = torch.zeros(prompts, frames, dtype=torch.bool, device=device)
    text = torch.zeros(prompts, 77, 768, dtype=torch.float16, device=device)
    levels = torch.zeros(prompts, dtype=torch.int64, device=device)
    denoise(unet, noisy, levels, text, network, condition(noisy, shown))


def decoding(vae: AutoencoderKL, frames: int, device: str) -> None:
    """All frames to pictures, one at a time."""
    vae.decode(torch.zeros(frames, 4, SIDE // 8, SIDE // 8, device=device))


@torch.no_grad()
def computed() -> None:
    """Print what would be needed."""
    print(f"computed, not measured: {_WHAT}")
    with FakeTensorMode():
        unet, network, vae = networks()
        both, decoder = weights(unet, network), weights(vae)
        print(
            f"weights: UNet with motion and replication network {both / _GIGABYTE:.2f} GB, "
            f"autoencoder {decoder / _GIGABYTE:.2f} GB"
        )
        print("| frames | prompts | sampling | decoding | largest with --offload | without |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for frames in (8, 16, 32):
            pictures = _most(lambda frames=frames: decoding(vae, frames, "cpu"))  # type: ignore[misc]
            for prompts in (1, 2):
                sampled = _most(lambda frames=frames, prompts=prompts: step(unet, network, frames, prompts, "cpu"))  # type: ignore[misc]
                apart, together = max(both + sampled, decoder + pictures), both + decoder + max(sampled, pictures)
                figures = (sampled, pictures, apart, together)
                print(
                    f"| {frames} | {prompts} | " + " | ".join(f"{each / _GIGABYTE:.2f} GB" for each in figures) + " |",
                    flush=True,
                )


def _most(run: Callable[[], None]) -> int:
    living = Living()
    with living:
        run()
    return living.most


@torch.no_grad()
def measured() -> None:
    """Print what is needed and how long a step takes."""
    print(f"measured on {torch.cuda.get_device_name()}: {_WHAT}")
    unet, network, vae = networks()
    print("| frames | prompts | largest, offloaded | seconds of a step |")
    print("| ---: | ---: | ---: | ---: |")
    for frames in (8, 16, 32):
        for prompts in (1, 2):
            torch.cuda.reset_peak_memory_stats()
            nn.Module.to(unet, "cuda"), nn.Module.to(network, "cuda")
            step(unet, network, frames, prompts, "cuda")
            torch.cuda.synchronize()
            began = time.perf_counter()
            step(unet, network, frames, prompts, "cuda")
            torch.cuda.synchronize()
            seconds = time.perf_counter() - began
            nn.Module.to(unet, "cpu"), nn.Module.to(network, "cpu")
            torch.cuda.empty_cache()
            decoding(nn.Module.to(vae, "cuda"), frames, "cuda")
            nn.Module.to(vae, "cpu")
            most = torch.cuda.max_memory_allocated() / _GIGABYTE
            print(f"| {frames} | {prompts} | {most:.2f} GB | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    if torch.cuda.is_available():
        measured()
    else:
        computed()
