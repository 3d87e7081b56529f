from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from tests.pipelines.conftest import thin_base
from underpaint.experiments.learn.pack import main, pack
from underpaint.models import fingerprint, load_base, save_base
from underpaint.pipelines.parts import load_parts
from underpaint.pipelines.places import find_places


@pytest.fixture
def models(small: Path, tmp_path: Path) -> Path:
    """Runs, as a chain leaves them."""
    for name in ("base", "motion", "replication"):
        shutil.copytree(small / name, tmp_path / "models" / name / name)
        (tmp_path / "models" / name / "config.yaml").touch()
        (tmp_path / "models" / name / "metrics.jsonl").write_text("what training wrote")
    return tmp_path / "models"


def test_the_copy_paints_with_the_same_weights_rounded(models: Path, tmp_path: Path) -> None:
    size = pack(models, tmp_path / "packed")
    assert size == sum(path.stat().st_size for path in (tmp_path / "packed").rglob("*.*"))
    ours, theirs = load_parts(find_places(models)), load_parts(find_places(tmp_path / "packed"))
    assert theirs.described["base"]["fingerprint"] == ours.described["base"]["fingerprint"]
    assert (theirs.noise, theirs.window, theirs.size) == (ours.noise, ours.window, ours.size)
    assert theirs.network is not None
    for one, two in ((ours.unet, theirs.unet), (ours.network, theirs.network), (ours.vae, theirs.vae)):
        for name, value in one.state_dict().items():
            assert torch.equal(value.half().float(), two.state_dict()[name]), name


def test_every_weight_is_a_half_and_nothing_of_the_training_is_there(models: Path, tmp_path: Path) -> None:
    pack(models, tmp_path / "packed")
    files = sorted((tmp_path / "packed").rglob("*.safetensors"))
    assert len(files) == 5
    for path in files:
        assert {value.dtype for value in load_file(path).values() if value.is_floating_point()} == {torch.float16}
    assert not list((tmp_path / "packed").rglob("metrics.jsonl"))
    for path in (tmp_path / "packed").rglob("*.json"):
        assert str(models) not in path.read_text(encoding="utf-8"), path


def test_of_two_motion_modules_the_one_that_goes_with_the_network(models: Path, tmp_path: Path) -> None:
    tuned = models / "replication" / "replication" / "motion"
    shutil.copytree(models / "motion" / "motion", tuned)
    shutil.rmtree(models / "motion")
    pack(models, tmp_path / "packed")
    assert (tmp_path / "packed" / "motion" / "underpaint.json").read_bytes() == (tuned / "underpaint.json").read_bytes()


def test_loras_of_the_base_fit_the_copy(models: Path, tmp_path: Path) -> None:
    pack(models, tmp_path / "packed")
    assert fingerprint(load_base(tmp_path / "packed" / "base").unet) == fingerprint(thin_base().unet)


def test_stock_diffusers_loads_the_base(models: Path, tmp_path: Path) -> None:
    pack(models, tmp_path / "packed")
    stock = StableDiffusionPipeline.from_pretrained(tmp_path / "packed" / "base")
    assert fingerprint(stock.unet) == fingerprint(thin_base().unet)


def test_what_cannot_be_packed(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="is there already: name a new folder"):
        pack(models, tmp_path)
    (models / "motion" / "motion" / "underpaint.json").unlink()
    assert main([str(models), str(tmp_path / "packed")]) == 2
    assert "holds networks without motion record" in capsys.readouterr().err
    shutil.rmtree(models / "replication" / "replication")
    with pytest.raises(ValueError, match="holds no replication network that is finished"):
        pack(models, tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_networks_of_another_base_are_refused(models: Path, tmp_path: Path) -> None:
    shutil.rmtree(models / "base")
    save_base(models / "base", thin_base(seed=2))
    with pytest.raises(ValueError, match="was trained on base"):
        pack(models, tmp_path / "packed")


def test_its_command_says_how_large_it_is(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(models), str(tmp_path / "packed")]) == 0
    size = sum(path.stat().st_size for path in (tmp_path / "packed").rglob("*.*"))
    assert capsys.readouterr().out == f"{tmp_path / 'packed'}: {size / 1e6:.1f} MB\n"
