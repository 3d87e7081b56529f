"""Small corpora that the tests of training share; made by datagen, read by their format."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.datagen.helpers import quietly, synthetic
from underpaint.datagen.config import GenerateConfig
from underpaint.training.data_config import AugmentConfig, DataConfig

Configure = Callable[..., DataConfig]
FEW_PAIRS = 4

# A picture takes milliseconds.
SMALL = {"size": 48, "strokes": 24, "frames": 9, "quality": "draft", "shard_size": 10, "workers": 0}


def paint(
    folder: Path,
    pictures: range,
    captions: Sequence[str] | None = None,
    sizes: Sequence[tuple[int, int]] = ((80, 64),),
    **changes: object,
) -> Path:
    """A corpus of synthetic pictures with captions, made by datagen; their sizes take turns."""
    captions = captions or [f"picture {number}" for number in pictures]
    source = folder / "pictures"
    source.mkdir()
    for number in pictures:
        synthetic(number, sizes[number % len(sizes)]).save(source / f"p{number:02d}.png")
    rows = [
        {"file": f"p{number:02d}.png", "caption": caption} for number, caption in zip(pictures, captions, strict=True)
    ]
    (source / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = GenerateConfig(**({"source": str(source), "out": folder / "corpus"} | SMALL | changes))
    assert quietly(config).complete
    return config.out


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Threads that share too few cores wait for each other ten times as long as they compute."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="package", autouse=True)
def _short_validation() -> Iterator[None]:
    """Runs of a few steps would spend most of their time on validating at 64 pairs of sample and timestep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.validation._PAIRS", FEW_PAIRS)
        yield


@pytest.fixture(scope="package", autouse=True)
def _costs_counted_once() -> Iterator[None]:
    """What a step costs is counted for the first run of each kind: it takes longer than all steps of a small one."""
    from underpaint.training.phase import Phase
    from underpaint.training.preflight import Cost, cost_of

    counted: dict[type[Phase], Cost] = {}

    def remembered(phase: Phase, processes: int) -> Cost:
        if type(phase) not in counted:
            counted[type(phase)] = cost_of(phase, processes)
        return counted[type(phase)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.run.cost_of", remembered)
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 samples of 9 frames, 48 px, in shards of 10, 10 and 4; not to be changed."""
    return paint(tmp_path_factory.mktemp("training"), range(24))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """7 samples of 6 frames, 64 px, of two pictures that `finished` has too; not to be changed."""
    return paint(tmp_path_factory.mktemp("other"), range(22, 29), size=64, frames=6)


@pytest.fixture(scope="session")
def oblong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 samples of 6 frames: 8 of 48 x 60 px (height x width), 8 of 48 x 48 and 4 of 96 x 48; not to be changed."""
    sizes = ((80, 64), (64, 64), (80, 64), (64, 64), (64, 128))
    return paint(tmp_path_factory.mktemp("oblong"), range(20), sizes=sizes, frames=6, aspect="keep")


@pytest.fixture
def corpus(finished: Path, tmp_path: Path) -> Path:
    """A copy of the larger corpus, for damaging."""
    return Path(shutil.copytree(finished, tmp_path / "corpus"))


@pytest.fixture(scope="session")
def configure(finished: Path) -> Configure:
    """Build a config for the small corpora, loading in this process."""

    def build(**changes: object) -> DataConfig:
        settings = {"corpus": str(finished), "size": 48, "frames": 4, "workers": 0, "validation": 0.2}
        return DataConfig(**(settings | {"augment": AugmentConfig(crop=1)} | changes))

    return build


@pytest.fixture(scope="session")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a base like nano, but with so thin a UNet that a step takes milliseconds; not to be changed."""
    import dataclasses

    from tests.models.thin import thin_unet
    from underpaint.models.loading import save_base
    from underpaint.models.nano import build_nano

    folder = tmp_path_factory.mktemp("thin")
    save_base(folder, dataclasses.replace(build_nano(seed=1), unet=thin_unet(12, seed=1)))
    return folder


@pytest.fixture(scope="session")
def trained_motion(thin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a motion module for the thin base, with an effect; not to be changed."""
    import torch

    from underpaint.models import Record, fingerprint, load_base, new_motion_adapter, save_motion_adapter

    base, folder = load_base(thin), tmp_path_factory.mktemp("motion")
    adapter = new_motion_adapter(base.unet)
    with torch.no_grad():
        generator = torch.Generator().manual_seed(0)
        for parameter in adapter.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    record = Record(kind="motion", stage="motion", base=fingerprint(base.unet), noise=base.noise, frames=4, size=48)
    save_motion_adapter(folder, adapter, record)
    return folder


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thin Stable Diffusion in all kinds, for 64 px; see `write_kinds`; not to be changed."""
    from tests.models.original import write_kinds

    return write_kinds(tmp_path_factory.mktemp("original"))
