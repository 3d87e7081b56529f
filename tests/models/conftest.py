"""One small base for all tests of the networks, and what stock diffusers makes of everything we save."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# The plain install has no torch, and so no networks.
collect_ignore_glob = (
    [] if importlib.util.find_spec("diffusers") and importlib.util.find_spec("peft") else ["test_*.py"]
)

FRAMES = 5


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def base() -> Any:
    """A nano; nobody alters it, which `test_motion` and `test_replication` check."""
    from underpaint.models.nano import build_nano

    return build_nano(seed=3)


@pytest.fixture(scope="session")
def record(base: Any) -> Callable[[str], Any]:
    """`record(kind)`: a record that fits the base."""
    from underpaint.models.record import Record
    from underpaint.models.weights import fingerprint

    name = fingerprint(base.unet)

    def make(kind: str) -> Record:
        return Record(kind=kind, stage="motion", base=name, noise=base.noise, frames=FRAMES, size=64)

    return make


@pytest.fixture(scope="session")
def process(base: Any) -> tuple[Any, Any, Any]:
    """Noisy latents (2, 4, F, 16, 16), two levels, and text states (2, 77, 128)."""
    import torch

    generator = torch.Generator().manual_seed(5)
    noisy = torch.randn(2, 4, FRAMES, 16, 16, generator=generator)
    return noisy, torch.tensor([20, 700]), torch.randn(2, 77, 128, generator=generator)


def shake(module: Any, seed: int = 0, amount: float = 0.05) -> Any:
    """Alter all weights, so that what was zero has an effect."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += amount * torch.randn(parameter.shape, generator=generator)
    return module


@pytest.fixture(scope="session")
def diffusion_unet(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A UNet of Stable Diffusion 1.5's kinds of blocks, but thin, and read from a file: its config then holds lists."""
    from diffusers import UNet2DConditionModel

    from underpaint.models.seeding import seeded

    folder = tmp_path_factory.mktemp("unet")
    widths = (16, 32, 32, 32)
    with seeded(0):
        unet = UNet2DConditionModel(
            sample_size=16, block_out_channels=widths, cross_attention_dim=128, norm_num_groups=8
        )
    unet.save_pretrained(folder)
    return UNet2DConditionModel.from_pretrained(folder, use_safetensors=True).eval()


@pytest.fixture(scope="session")
def motion(base: Any) -> Any:
    """A motion module that moves."""
    from underpaint.models.motion import new_motion_adapter

    return shake(new_motion_adapter(base.unet))


@pytest.fixture(scope="session")
def replication(base: Any) -> Any:
    """A replication network with an effect."""
    from underpaint.models.replication import new_replication_network

    return shake(new_replication_network(base.unet))


@pytest.fixture(scope="session")
def unet_with_loras(base: Any, motion: Any) -> Any:
    """A motion model with both LoRAs, alpha unlike rank, and an effect; nobody alters its weights."""
    import torch

    from underpaint.models.lora import add_lora
    from underpaint.models.motion import with_motion

    unet = with_motion(base.unet, motion)
    add_lora(unet, "spatial", rank=4, alpha=0.6, seed=1)
    add_lora(unet, "temporal", rank=3, alpha=12.0, seed=2)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if "lora_B" in name:
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return unet


@pytest.fixture(scope="session")
def saved(
    base: Any,
    motion: Any,
    replication: Any,
    unet_with_loras: Any,
    record: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with everything we save: base/, motion/, replication/ and six LoRA files."""
    from underpaint.models import save_base, save_lora, save_motion_adapter, save_replication_network
    from underpaint.models.lora_layouts import LAYOUTS

    folder = tmp_path_factory.mktemp("saved")
    save_base(folder / "base", base)
    save_motion_adapter(folder / "motion", motion, record("motion"))
    save_replication_network(folder / "replication", replication, record("replication"))
    for kind in ("spatial", "temporal"):
        for layout in LAYOUTS:
            save_lora(folder / f"{kind}.{layout}.safetensors", unet_with_loras, kind, record(kind), layout)
    return folder


@pytest.fixture(scope="session")
def stock(saved: Path) -> dict[str, Any]:
    """What stock diffusers paints with each of them, in a process that never sees this package: latents by name."""
    from safetensors.torch import load_file

    script = Path(__file__).with_name("stock.py")
    done = subprocess.run([sys.executable, script, saved], cwd=saved, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(load_file(saved / "stock.safetensors"))


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thin base in all kinds: folder/, fp16/ and file.safetensors, and its autoencoder alone, vae.safetensors."""
    from tests.models.original import write_kinds

    return write_kinds(tmp_path_factory.mktemp("original"))
