"""What the later stages build on."""

from __future__ import annotations

from pathlib import Path

import pytest


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
