from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from diffusers import MotionAdapter, SparseControlNetModel
from safetensors.torch import load_file, save_file

from tests.models.published import comfyui_patches, webui_kind
from underpaint.models import load_motion_adapter, load_replication_network
from underpaint.models.layouts import is_animatediff
from underpaint.models.lora_file import layers_of, read_lora
from underpaint.models.weights import digests
from underpaint.pipelines.cli import main
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.parts import load_parts
from underpaint.pipelines.places import find_places


def exported(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[list[Path], str]:
    status = main(["export", *map(str, arguments)])
    told = capsys.readouterr()
    assert status == (1 if "no program reads" in told.err else 0), told.err
    return [Path(line) for line in told.out.splitlines()], told.err


@pytest.mark.parametrize(("layout", "dtype"), [("diffusers", "fp16"), ("animatediff", "fp32"), ("animatediff", "bf16")])
def test_motion_modules_and_networks(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, dtype: str
) -> None:
    wanted = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[dtype]
    for kind, load in (("motion", load_motion_adapter), ("replication", load_replication_network)):
        (path,), told = exported(capsys, small / kind, "--out", tmp_path, "--layout", layout, "--dtype", dtype)
        assert path == tmp_path / (kind if layout == "diffusers" else f"{kind}.safetensors")
        file = path / "diffusion_pytorch_model.safetensors" if layout == "diffusers" else path
        stored = load_file(file)
        assert {value.dtype for value in stored.values()} == {wanted}
        assert is_animatediff(stored) == (layout == "animatediff")
        (before, record), (after, found) = load(small / kind), load(path)
        assert found == record
        pairs = zip(before.state_dict().items(), after.state_dict().values(), strict=True)
        for (name, value), other in pairs:
            assert torch.equal(other, value.to(wanted).float()) or name.endswith(".pe")
        assert "is for a UNet of widths (16, 16): other programs know Stable Diffusion 1.x's alone" in told


def test_a_folder_for_diffusers_is_one_of_its_own(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, stock in (("motion", MotionAdapter), ("replication", SparseControlNetModel)):
        (path,), _ = exported(capsys, small / kind, "--out", tmp_path, "--layout", "diffusers")
        assert stock.from_pretrained(path, torch_dtype=torch.float16).dtype == torch.float16


def test_an_artist_has_a_file_for_each_program(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "zorn").mkdir()
    (tmp_path / "zorn" / "config.yaml").touch()
    shutil.copytree(small / "artist-x", tmp_path / "zorn" / "artist")
    (spatial, temporal), _ = exported(capsys, tmp_path / "zorn", "--out", tmp_path / "out", "--dtype", "fp32")
    assert [spatial.name, temporal.name] == ["zorn-spatial.safetensors", "zorn-temporal.safetensors"]
    assert all(name.startswith("lora_unet_") for name in load_file(spatial))
    assert comfyui_patches(load_file(temporal))
    for path in (spatial, temporal):
        kind = path.stem.removeprefix("zorn-")
        assert read_lora(path).record == read_lora(small / "artist-x" / f"{kind}.diffusers.safetensors").record
    # The same strength as before, in whichever layout.
    loras = [Lora(source=str(path), weight=0.5) for path in (spatial, temporal)]
    places = find_places(small)
    ours = load_parts(places, loras=[Lora(source=str(small / "artist-x"), weight=0.5)]).unet.state_dict()
    for name, value in load_parts(places, loras=loras).unet.state_dict().items():
        assert torch.allclose(value, ours[name], atol=1e-6)
    (only,), told = exported(capsys, tmp_path / "zorn", "--out", tmp_path / "k", "--layout", "kohya")
    assert only.name == "zorn-spatial.safetensors"
    assert "no program reads temporal LoRAs in kohya's layout: give --layout animatediff" in told
    # From a file of any layout to any other.
    (path,), _ = exported(capsys, only, "--out", tmp_path / "d", "--layout", "diffusers")
    assert layers_of(read_lora(path)).keys() == layers_of(read_lora(spatial)).keys()


def test_what_is_exported_paints_the_same(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (motion,), _ = exported(capsys, small / "motion", "--out", tmp_path, "--dtype", "fp32")
    (network,), _ = exported(capsys, small / "replication", "--out", tmp_path, "--dtype", "fp32")
    ours = load_parts(find_places(small))
    theirs = load_parts(find_places(small, motion=str(motion), replication=str(network)))
    assert digests(theirs.unet) == digests(ours.unet)
    assert theirs.network is not None
    assert ours.network is not None
    assert digests(theirs.network) == digests(ours.network)
    assert (theirs.noise, theirs.window) == (ours.noise, ours.window)


def test_what_to_choose_in_other_programs_is_said(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = exported(capsys, small / "motion", "--out", tmp_path)
    betas = "motion: scaled_linear betas; beta_schedule in ComfyUI: linear (HotshotXL/default); sd-webui"
    assert betas in told
    assert "motion predicts sample under zero terminal SNR: other programs must be told so" in told
    assert "motion is for up to 16 frames: sd-webui-animatediff takes modules for 32 alone" in told
    assert webui_kind(load_file(tmp_path / "motion.safetensors")) == "v2"


def test_nothing_is_written_over_what_is_exported(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").touch()
    shutil.copytree(small / "motion", tmp_path / "run" / "motion")
    (file,), _ = exported(capsys, tmp_path / "run", "--out", tmp_path / "files", "--dtype", "fp32")
    theirs = tmp_path / "theirs" / file.stem
    theirs.mkdir(parents=True)
    (theirs / "notes.txt").touch()
    shutil.copytree(tmp_path / "run", tmp_path / "motion")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for source, out, layout in (
        (file, file.parent, "animatediff"),
        (tmp_path / "motion", tmp_path, "diffusers"),
        (tmp_path / "motion" / "motion", tmp_path / "motion", "diffusers"),
        (file, theirs.parent, "diffusers"),
    ):
        assert main(["export", str(source), "--out", str(out), "--layout", layout]) == 2
        assert "take another --out" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_must_fail(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(message: str, *arguments: object) -> None:
        assert main(["export", *map(str, arguments), "--out", str(tmp_path / "out")]) == 2
        told = capsys.readouterr().err
        assert f"underpaint export: {message}" in told
        assert "Traceback" not in told
        assert not list(tmp_path.glob("out/*"))

    refused("source nowhere does not exist", "nowhere")
    refused("no program reads motion weights in kohya's layout", small / "motion", "--layout", "kohya")
    refused(f"{small / 'base'} is a whole base without a LoRA of its own", small / "base")
    path = tmp_path / "a.safetensors"
    save_file({"conv_in.weight": torch.ones(2)}, path)
    refused(f"{path} can't be exported: it is neither a motion module, a replication network nor a LoRA", path)
    stem = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora"
    lora = {f"{stem}.down.weight": torch.ones(2, 16), f"{stem}.up.weight": torch.full((16, 2), 1e5)}
    save_file(lora, path)
    refused(f"{tmp_path / 'out' / 'a.safetensors'} holds numbers that are not finite", path, "--dtype", "fp16")
    assert main(["export", str(path), "--out", str(tmp_path / "wide"), "--dtype", "bf16"]) == 0
    stem = "unet.down_blocks.0.motion_modules.0.transformer_blocks.0.attn1.to_q.lora"
    both = lora | {f"{stem}.down.weight": torch.ones(2, 16), f"{stem}.up.weight": torch.ones(16, 2)}
    save_file(both, path)
    refused(f"{path} alters layers of the image blocks and layers of the motion modules", path)
    torch.save(lora, tmp_path / "a.ckpt")
    refused(f"{tmp_path / 'a.ckpt'} is a pickle", tmp_path / "a.ckpt")
