"""All stages, one after the other, by their commands; and what stock diffusers makes of the results."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from tests.models import stock as stock_script
from tests.models.painting import noise, paint
from underpaint.models import (
    activate_loras,
    load_base,
    load_lora,
    load_motion_adapter,
    load_replication_network,
    with_motion,
)
from underpaint.models.base import Base
from underpaint.models.latents import encode
from underpaint.models.lora import LAYOUTS
from underpaint.models.replication import condition
from underpaint.training.cli import OK, main

# Large rates, so that a few steps have an effect.
COMMON = (
    "--size 48 --workers 0 --validation-samples 1 --steps 3 --warmup 0 --learning-rate 0.01 --batch 1 --ema-decay 0"
)
QUIET = "--sheet-every 0 --tensorboard false --augment.crop 1"


def command(stage: str, *options: str) -> None:
    assert main([stage, *COMMON.split(), *QUIET.split(), *options]) == OK


@pytest.fixture(scope="module")
def runs(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of each stage, begun with nothing but a corpus."""
    folder = tmp_path_factory.mktemp("runs")
    base, motion = ["--base", str(folder / "base")], ["--motion", str(folder / "motion")]
    data = ["--corpus", str(finished), "--validation", "0.2"]
    frames = [*data, "--frames", "4"]
    command("base", *data, "--out", str(folder / "base"), "--autoencoder-steps", "3", "--half-painted", "0.5")
    command("motion", *frames, *base, "--out", str(folder / "motion"))
    command("replication", *frames, *base, *motion, "--out", str(folder / "replication"))
    lora = ["--spatial-steps", "3", "--rank", "4", "--alpha", "1", "--trigger", "sks"]
    command("artist", *frames, *base, *motion, *lora, "--out", str(folder / "artist"))
    return folder


@pytest.fixture(scope="module")
def stock(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """What stock diffusers paints with the results, in a process that never sees this package."""
    folder = tmp_path_factory.mktemp("stock")
    for name in ("base", "motion", "replication"):
        shutil.copytree(runs / name / name, folder / name)
    shutil.copytree(runs / "artist" / "artist", folder, dirs_exist_ok=True)
    script = [sys.executable, stock_script.__file__, str(folder)]
    done = subprocess.run(script, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(load_file(folder / "stock.safetensors"))


@pytest.fixture(scope="module")
def trained(runs: Path) -> tuple[Base, Any]:
    """The trained base, and its UNet with the motion module and both LoRAs."""
    base = load_base(runs / "base" / "base")
    unet = with_motion(base.unet, load_motion_adapter(runs / "motion" / "motion")[0])
    for kind in ("spatial", "temporal"):
        load_lora(unet, kind, runs / "artist" / "artist" / f"{kind}.{LAYOUTS[kind][1]}.safetensors")
    return base, unet


@pytest.mark.slow
@pytest.mark.parametrize("name", ["motion", "spatial.diffusers", "spatial.kohya", "temporal.diffusers"])
def test_stock_diffusers_paints_as_we_do(trained: tuple[Base, Any], stock: dict[str, torch.Tensor], name: str) -> None:
    base, unet = trained
    activate_loras(unet, [] if name == "motion" else [name.split(".")[0]])
    assert torch.allclose(paint(base, unet), stock[name], atol=1e-4)
    if name != "motion":
        assert not torch.allclose(stock[name], stock["motion"], atol=1e-3)


@pytest.mark.slow
def test_so_does_its_sparse_control_pipeline(
    runs: Path, trained: tuple[Base, Any], stock: dict[str, torch.Tensor]
) -> None:
    base, unet = trained
    activate_loras(unet, [])
    network = load_replication_network(runs / "replication" / "replication")[0]
    picture = (torch.tensor(stock_script.COLOUR) / 255 * 2 - 1).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    latents = torch.zeros_like(noise())
    # The pipeline draws the condition from the autoencoder's posterior, with this seed.
    latents[:, :, stock_script.SHOWN] = encode(base.vae, picture, torch.Generator().manual_seed(17))
    shown = torch.arange(stock_script.FRAMES)[None] == stock_script.SHOWN
    painted = paint(base, unet, network, condition(latents, shown))
    assert torch.allclose(painted, stock["replication"], atol=1e-4)
    assert not torch.allclose(painted, stock["motion"], atol=1e-3)


@pytest.mark.slow
def test_each_run_leaves_its_sheet(runs: Path) -> None:
    for name, phase in (("base", "autoencoder"), ("base", "base"), ("motion", "motion"), ("artist", "spatial")):
        with Image.open(runs / name / "sheets" / f"{phase}-00000003.png") as sheet:
            assert min(sheet.size) >= 48, (name, phase)
