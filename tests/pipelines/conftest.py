"""Small networks that move, for all tests of the pipeline; they have learned nothing."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

# The plain install has no torch, and so no pipelines; evaluation/ needs none.
collect_ignore_glob = (
    [] if importlib.util.find_spec("diffusers") and importlib.util.find_spec("peft") else ["test_*.py"]
)

FRAMES, SIZE, LONGEST = 4, 32, 16


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder for `--models`: base/, motion/, replication/ and artist-x/; not to be changed."""
    return save_small(tmp_path_factory.mktemp("models"))


def save_small(folder: Path, **recorded: Any) -> Path:
    """Write base/, motion/, replication/ and artist-x/ into a folder; return it.

    Args:
        folder: where to.
        recorded: more fields of their records.
    """
    import torch

    from tests.models.conftest import shake
    from underpaint.models import (
        add_lora,
        new_motion_adapter,
        new_replication_network,
        save_base,
        save_lora,
        save_motion_adapter,
        save_replication_network,
        with_motion,
    )
    from underpaint.models.record import Record
    from underpaint.models.weights import architecture, fingerprint

    torch.set_num_threads(1)
    base = thin_base()

    def record(kind: str) -> Record:
        name = fingerprint(base.unet)
        return Record(
            kind=kind, stage="motion", base=name, architecture=architecture(base.unet), noise=base.noise, frames=FRAMES,
            size=SIZE, **recorded,
        )  # fmt: skip

    motion = shake(new_motion_adapter(base.unet, frames_max=LONGEST))
    network = shake(new_replication_network(base.unet, frames_max=LONGEST), seed=1)
    save_base(folder / "base", base)
    save_motion_adapter(folder / "motion", motion, record("motion"))
    save_replication_network(folder / "replication", network, record("replication"))
    (folder / "artist-x").mkdir()
    for number, kind in enumerate(("spatial", "temporal")):
        unet = with_motion(base.unet, motion)
        add_lora(unet, kind, rank=2, seed=number)
        generator = torch.Generator().manual_seed(number)
        with torch.no_grad():
            for name, parameter in unet.named_parameters():
                if "lora_B" in name:
                    parameter += torch.randn(parameter.shape, generator=generator)
        save_lora(folder / "artist-x" / f"{kind}.diffusers.safetensors", unet, kind, record(kind))
    return folder


def thin_base(seed: int = 1) -> Any:
    """A base like nano with so thin a UNet that a step takes milliseconds.

    Its autoencoder's posterior has no width: stock pipelines draw from it where ours takes its mode.
    """
    import torch

    from tests.models.thin import thin_unet
    from underpaint.models.nano import build_nano

    base = build_nano(seed=1)
    with torch.no_grad():
        base.vae.quant_conv.bias[4:] = -30.0
    return dataclasses.replace(base, unet=thin_unet(SIZE // 4, seed=seed))


@pytest.fixture(scope="session")
def pipeline(small: Path) -> Any:
    """The small networks, ready to paint; nobody alters them."""
    from underpaint.pipelines.pipeline import ProcessPipeline
    from underpaint.pipelines.settings import ComputeConfig

    return ProcessPipeline.from_pretrained(small, compute=ComputeConfig(device="cpu"))


def picture(seed: int = 0, size: tuple[int, int] = (SIZE, SIZE)) -> np.ndarray:
    """A smooth picture, uint8 (H, W, 3), of a (width, height)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))


@pytest.fixture
def folder_of_pictures(tmp_path: Path) -> Path:
    """Three pictures of unlike proportions, one file that is none, and captions for two of them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, size in enumerate([(40, 40), (60, 40), (40, 40)]):
        Image.fromarray(picture(number, size)).save(folder / f"p{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    lines = ['{"file": "p0.png", "caption": "a hill"}', '{"file": "p1.png", "caption": "a lake"}']
    (folder / "captions.jsonl").write_text("\n".join(lines))
    return folder
