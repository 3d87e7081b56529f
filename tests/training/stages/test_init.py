"""Training goes on from what there is: own runs, diffusers' folders, files in the original layout."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AnimateDiffPipeline, MotionAdapter, SparseControlNetModel
from safetensors.torch import load_file

from tests.models.conftest import shake
from tests.models.original import thin_sd_base
from tests.training.conftest import Configure
from tests.training.runs import artist_config, base_config, lines, motion_config, replication_config
from underpaint.models import (
    Record,
    add_lora,
    build_nano,
    fingerprint,
    load_base,
    load_motion_adapter,
    motion_of,
    new_motion_adapter,
    new_replication_network,
    save_base,
    save_lora,
    with_motion,
)
from underpaint.models.adapter_file import write_adapter
from underpaint.models.lora import LAYOUTS, lora_tensors
from underpaint.models.lora_file import read_lora
from underpaint.models.record import HEADER_KEY
from underpaint.models.replication import denoise
from underpaint.models.weights import digests, write_tensors
from underpaint.training.checks import check_paths
from underpaint.training.run import train
from underpaint.training.stages import phase_specs

# Rates at which a few steps tell.
FAST: dict[str, Any] = {"learning_rate": 3e-3, "warmup": 1, "ema_decay": 0}


def validations(run: Path) -> list[float]:
    return [line["loss"] for line in lines(run) if line["kind"] == "validation"]


@pytest.fixture(scope="module")
def motion_run(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the motion stage."""
    out = tmp_path_factory.mktemp("motion") / "run"
    assert train(motion_config(configure(validation_samples=1), thin, out, **FAST))
    return out


@pytest.fixture(scope="module")
def original(motion_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its module in AnimateDiff's layout."""
    path = tmp_path_factory.mktemp("original") / "mm.safetensors"
    write_adapter(path, load_motion_adapter(motion_run / "motion")[0], None, layout="animatediff")
    return path


def test_a_module_s_loss_is_where_training_goes_on(
    motion_run: Path, original: Path, thin: Path, configure: Configure, tmp_path: Path
) -> None:
    # The file doesn't say with which betas it was trained, and the thin base's are not AnimateDiff's.
    told = {"init": str(original), "beta_schedule": "scaled_linear", "steps": 4}
    config = motion_config(configure(validation_samples=1), thin, tmp_path / "run", **told, **FAST)
    assert train(config)
    first, *_, last = validations(config.out)
    assert first == pytest.approx(validations(motion_run)[-1], rel=1e-5)
    assert last < first < validations(motion_run)[0]


def test_a_module_is_taken_from_wherever_it_is(
    motion_run: Path, original: Path, thin: Path, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    module, record = load_motion_adapter(motion_run / "motion")
    assert record is not None
    for init in (motion_run, motion_run / "motion", original):
        config = motion_config(configure(), thin, Path("run"), init=str(init), frames_max=9)
        phase: Any = phase_specs(config)[0].build()
        assert digests(motion_of(phase.unet)) == digests(module)
        assert phase.noise.beta_schedule == ("linear" if init == original else record.noise.beta_schedule)
        assert phase.record.recipe["init"] == str(init)
    assert sum("linear betas are taken, as AnimateDiff's" in line for line in caplog.messages) == 1


def test_it_begins_as_stock_animatediff_with_the_module(configure: Configure, tmp_path: Path) -> None:
    base, frames, steps = thin_sd_base(), 4, 2
    save_base(tmp_path / "base", base)
    adapter = shake(new_motion_adapter(base.unet))
    write_adapter(tmp_path / "mm.safetensors", adapter, None, layout="animatediff")
    adapter.save_config(tmp_path / "config")
    config = motion_config(
        configure(size=64), tmp_path / "base", tmp_path / "run", init=str(tmp_path / "mm.safetensors")
    )
    phase: Any = phase_specs(config)[0].build()
    assert phase.noise.beta_schedule == "linear"  # AnimateDiff's
    scheduler = phase.noise.scheduler()
    scheduler.set_timesteps(steps)
    noise = torch.randn(1, 4, frames, 8, 8, generator=torch.Generator().manual_seed(0))
    tokens = base.tokenizer("a hill", padding="max_length", max_length=77, return_tensors="pt").input_ids
    ours = noise
    with torch.no_grad():
        for level in scheduler.timesteps:
            ours = scheduler.step(phase.model(ours, level[None], tokens), level, ours).prev_sample
    theirs = MotionAdapter.from_single_file(str(tmp_path / "mm.safetensors"), config=str(tmp_path / "config"))
    pipeline = AnimateDiffPipeline.from_pretrained(
        tmp_path / "base", motion_adapter=theirs, scheduler=phase.noise.scheduler(), use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    stock = pipeline(
        "a hill", num_inference_steps=steps, guidance_scale=1.0, num_frames=frames, height=64, width=64, latents=noise,
        output_type="latent",
    ).frames  # fmt: skip
    assert torch.allclose(ours, stock, atol=1e-4)
    assert not torch.allclose(ours, noise, atol=0.1)


@pytest.mark.parametrize("sees", ["rgb", "scribble"])
def test_a_sparse_control_network_is_trained_on(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path, sees: str
) -> None:
    unet = load_base(thin).unet
    given = shake(new_replication_network(unet, frames_max=16))
    if sees == "scribble":
        config = {name: given.config[name] for name in given.config if not name.startswith("_")}
        config |= {"use_simplified_condition_embedding": False, "conditioning_channels": 3}
        config["conditioning_embedding_out_channels"] = (16, 32)
        pictures = shake(SparseControlNetModel(**config))
        kept = {name: value for name, value in given.state_dict().items() if "cond_embedding" not in name}
        pictures.load_state_dict(kept, strict=False)
        given = pictures
    given.save_pretrained(tmp_path / "folder")
    run = replication_config(
        configure(), thin, tmp_path / "run", trained_motion, init=str(tmp_path / "folder"), frames_max=8
    )
    phase: Any = phase_specs(run)[0].build()
    assert phase.network.config.motion_max_seq_length == 16
    before, new = digests(given), digests(new_replication_network(unet, frames_max=16, seed=1))
    for name, digest in digests(phase.network).items():
        fresh = sees == "scribble" and name.startswith("controlnet_cond_embedding.")
        assert digest == (new if fresh else before)[name], name
    assert all(parameter.requires_grad for parameter in phase.network.parameters())
    noisy = torch.zeros(1, 4, 4, 12, 12)
    shown = (noisy, torch.ones(1, 1, 4, 12, 12))
    denoise(phase.denoiser.unet, noisy, torch.tensor([5]), torch.zeros(1, 77, 128), phase.network, shown)


def test_a_network_for_another_unet_is_refused(
    thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    new_replication_network(thin_sd_base().unet).save_pretrained(tmp_path / "other")
    run = replication_config(configure(), thin, tmp_path / "run", trained_motion, init=str(tmp_path / "other"))
    with pytest.raises(ValueError, match=r"other is made for a UNet of block_out_channels \(8, 16, 16, 16\), this one"):
        phase_specs(run)


@pytest.fixture(scope="module")
def loras(thin: Path, trained_motion: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an artist's two LoRAs of rank 3."""
    base, folder = load_base(thin), tmp_path_factory.mktemp("artist")
    unet = with_motion(base.unet, load_motion_adapter(trained_motion)[0])
    for kind in ("spatial", "temporal"):
        record = Record(kind=kind, stage="artist", base=fingerprint(base.unet), noise=base.noise, frames=4, size=48)
        add_lora(unet, kind, rank=3)
        with torch.no_grad():
            for name, parameter in unet.named_parameters():
                if f"lora_B.{kind}" in name:
                    parameter += 0.1
        for layout in LAYOUTS[kind]:
            save_lora(folder / f"{kind}.{layout}.safetensors", unet, kind, record, layout)
    return folder


def test_both_loras_of_an_artist_go_on(
    loras: Path, thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    shutil.copytree(loras, tmp_path / "first" / "artist")
    (tmp_path / "first" / "config.yaml").touch()
    for init in (tmp_path / "first", loras):
        config = artist_config(configure(), thin, tmp_path / "run", trained_motion, init=str(init), rank=7)
        for spec, kind in zip(phase_specs(config), ("spatial", "temporal"), strict=True):
            phase: Any = spec.build()
            shutil.rmtree(config.out, ignore_errors=True)
            (config.out / spec.name).mkdir(parents=True)
            if kind == "temporal":
                shutil.copytree(loras, config.out / "spatial")
            phase.save(config.out / spec.name)
            before, after = (
                load_file(folder / f"{kind}.diffusers.safetensors") for folder in (loras, config.out / spec.name)
            )
            assert before.keys() == after.keys()
            assert all(torch.allclose(after[key], value, atol=1e-6) for key, value in before.items())
            assert any(value.requires_grad for value in phase.model.parameters())
            shutil.copytree(loras, config.out / "spatial", dirs_exist_ok=True)


def test_a_domain_adapter_goes_on_from_a_file(loras: Path, thin: Path, configure: Configure, tmp_path: Path) -> None:
    init = loras / "spatial.kohya.safetensors"
    phase: Any = phase_specs(base_config(configure(), thin, tmp_path / "run", init=str(init), rank=9))[0].build()
    given = load_file(loras / "spatial.diffusers.safetensors")
    for name, value in lora_tensors(phase.whole.unet, "spatial").items():
        other = f"unet.{name}".replace("lora_A.", "lora.down.").replace("lora_B.", "lora.up.")
        assert torch.allclose(value, given[other], atol=1e-6), name


def test_what_is_no_lora_to_start_from_is_refused(
    loras: Path, thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    shutil.copy(loras / "spatial.kohya.safetensors", tmp_path / "adapter.diffusers.safetensors")
    shutil.copy(loras / "spatial.diffusers.safetensors", tmp_path)
    config = artist_config(configure(), thin, tmp_path / "run", trained_motion, init=str(tmp_path))
    with pytest.raises(ValueError, match=r"holds two spatial LoRAs, .*spatial\.diffusers\.safetensors and .*adapter"):
        phase_specs(config)
    init = str(trained_motion / "diffusion_pytorch_model.safetensors")
    with pytest.raises(ValueError, match=r"diffusion_pytorch_model\.safetensors can't be taken: "):
        phase_specs(dataclasses.replace(config, init=init))


def test_loras_to_start_from_must_be_of_use(
    loras: Path, thin: Path, trained_motion: Path, configure: Configure, tmp_path: Path
) -> None:
    temporal = loras / "temporal.diffusers.safetensors"
    with pytest.raises(ValueError, match=r"init .* is a temporal LoRA, the stage base trains a spatial one"):
        phase_specs(base_config(configure(), thin, tmp_path / "run", init=str(temporal)))
    record = read_lora(temporal).record
    assert record is not None
    noise = dataclasses.replace(record.noise, prediction="v_prediction")
    header = {HEADER_KEY: dataclasses.replace(record, noise=noise).to_json()}
    write_tensors(tmp_path / "v.safetensors", load_file(temporal), header)
    config = artist_config(configure(), thin, tmp_path / "run", trained_motion, init=str(tmp_path / "v.safetensors"))
    with pytest.raises(ValueError, match=r"v\.safetensors was trained with prediction 'v_prediction', the one in use"):
        phase_specs(config)


def test_a_new_nano_has_an_autoencoder_of_its_own(configure: Configure) -> None:
    with pytest.raises(ValueError, match="vae is x with base nano, which has its own: leave it out"):
        base_config(configure(), "nano", Path("run"), vae="x")


def test_nano_goes_on_as_it_is(configure: Configure, tmp_path: Path) -> None:
    save_base(tmp_path / "nano", build_nano(seed=4))
    before, given = load_base(str(tmp_path / "nano")), str(tmp_path / "nano")
    config = base_config(configure(), "nano", tmp_path / "run", init=given, steps=1, learning_rate=1e-9)
    check_paths(config)
    assert [spec.name for spec in phase_specs(config)] == ["base"]
    assert train(config)
    after = load_base(str(tmp_path / "run" / "base"))
    assert after.tokenizer.get_vocab() == before.tokenizer.get_vocab()
    assert after.noise == before.noise
    for part in ("vae", "text_encoder", "unet"):
        weights = getattr(after, part).state_dict()
        for name, value in getattr(before, part).state_dict().items():
            torch.testing.assert_close(weights[name], value, rtol=0, atol=1e-5)


def test_nano_goes_on_with_nothing_else(thin: Path, configure: Configure, tmp_path: Path) -> None:
    config = base_config(configure(), "nano", tmp_path / "run", init=str(thin))
    with pytest.raises(ValueError, match=r"init .* is no nano: name one, or, to fit a LoRA to it, give it as --base"):
        phase_specs(config)
