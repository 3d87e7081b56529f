"""Every kind of base trains, and paints with what was trained on it: one test for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import Configure
from tests.training.runs import motion_config, no_cost
from underpaint.models import load_base, new_replication_network, save_replication_network
from underpaint.models.adapter_file import write_adapter
from underpaint.models.motion import load_motion_adapter
from underpaint.pipelines.cli import main
from underpaint.training.data_config import DataConfig
from underpaint.training.run import train
from underpaint.training.stages.parts import new_record

# Base and autoencoder; what is in one file has its configs from a folder.
KINDS = {
    "folder": ("folder", None),
    "folder with a vae file": ("folder", "vae.safetensors"),
    "fp16 variant": ("fp16", None),
    "one file": ("file.safetensors", None),
    "one file with a vae folder": ("file.safetensors", "folder/vae"),
}


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Leave out what takes longest: the sum of what a step costs, and sheets of many steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.run.cost_of", no_cost)
        patch.setattr("underpaint.training.run.describe", lambda *arguments: [])
        patch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 1)
        yield


@pytest.fixture(scope="module")
def network(original: Path, other: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A replication network that was trained on the base as a folder."""
    base, folder = load_base(original / "folder"), tmp_path_factory.mktemp("network")
    config = motion_config(DataConfig(corpus=str(other), size=64, frames=3), original / "folder", folder)
    record = new_record(config, base, base.noise, "replication", 3)
    save_replication_network(folder, new_replication_network(base.unet), record)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_it_trains_and_paints(
    original: Path, other: Path, network: Path, configure: Configure, tmp_path: Path, kind: str
) -> None:
    name, vae = KINDS[kind]
    places = {"base": str(original / name), "vae": vae and str(original / vae)}
    places |= {"base_config": str(original / "folder")} if name.endswith(".safetensors") else {}
    data = configure(corpus=str(other), size=64, frames=3, validation_samples=1)
    config = motion_config(
        data, Path(str(places["base"])), tmp_path / "run", vae=places["vae"], base_config=places.get("base_config"),
        steps=1, batch=1,
    )  # fmt: skip
    assert train(config)
    adapter, record = load_motion_adapter(tmp_path / "run" / "motion")
    assert record is not None
    # Whichever kind it is, it is the same base.
    assert record.base == json.loads((network / "underpaint.json").read_text())["base"]
    write_adapter(tmp_path / "mm.safetensors", adapter, record)
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(tmp_path / "picture.png")
    options = [f"--{key.replace('_', '-')}={value}" for key, value in places.items() if value]
    made = tmp_path / "a.webp"
    options += ["--motion", str(tmp_path / "mm.safetensors"), "--replication", str(network), "--device", "cpu"]
    assert main(["reconstruct", str(tmp_path / "picture.png"), "--out", str(made), "--steps", "1", *options]) == 0
    assert Image.open(made).n_frames == 3
