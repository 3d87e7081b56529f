from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import MotionAdapter

from tests.models.conftest import FRAMES, shake
from tests.models.painting import paint
from underpaint.models.motion import (
    check_frames,
    load_motion_adapter,
    motion_of,
    new_motion_adapter,
    repeat_text,
    save_motion_adapter,
    with_motion,
)
from underpaint.models.replication import condition, denoise, new_replication_network
from underpaint.models.weights import digests


@torch.no_grad()
def image_model(unet: Any, process: Any) -> torch.Tensor:
    """The image UNet on each frame by itself."""
    noisy, steps, text = process
    single = noisy.transpose(1, 2).flatten(0, 1)
    output = unet(single, steps.repeat_interleave(FRAMES), repeat_text(text, FRAMES)).sample
    return output.unflatten(0, (2, FRAMES)).transpose(1, 2)


@torch.no_grad()
def test_a_new_module_is_the_identity_and_a_trained_one_is_not(base: Any, motion: Any, process: Any) -> None:
    expected = image_model(base.unet, process)
    fresh = with_motion(base.unet, new_motion_adapter(base.unet))
    assert (denoise(fresh, *process) - expected).abs().max() < 1e-5
    assert (denoise(with_motion(base.unet, motion), *process) - expected).abs().max() > 0.01


@torch.no_grad()
def test_stable_diffusion_takes_both_without_a_change(diffusion_unet: Any, process: Any) -> None:
    config = copy.deepcopy(dict(diffusion_unet.config))
    unet = with_motion(diffusion_unet, new_motion_adapter(diffusion_unet))
    shown = condition(process[0], torch.ones(2, FRAMES, dtype=torch.bool))
    output = denoise(unet, *process, new_replication_network(diffusion_unet), shown)
    assert (output - image_model(diffusion_unet, process)).abs().max() < 1e-5
    assert dict(diffusion_unet.config) == config


def test_building_and_training_leave_unet_and_module_alone(base: Any, process: Any) -> None:
    unet, config, state = digests(base.unet), copy.deepcopy(dict(base.unet.config)), torch.get_rng_state()
    adapter = new_motion_adapter(base.unet)
    before = digests(adapter)
    shake(with_motion(base.unet, adapter))
    assert digests(base.unet) == unet
    assert dict(base.unet.config) == config
    assert digests(adapter) == before
    assert torch.equal(state, torch.get_rng_state())


@torch.no_grad()
def test_shared_weights_are_the_same_model_in_no_more_memory(base: Any, motion: Any, process: Any) -> None:
    unet, adapter = copy.deepcopy(base.unet), copy.deepcopy(motion)
    copied, shared = with_motion(unet, adapter), with_motion(unet, adapter, share=True)
    assert digests(shared) == digests(copied)
    assert torch.equal(denoise(shared, *process), denoise(copied, *process))
    own = {id(value) for part in (unet, adapter) for value in part.parameters()}
    assert {id(value) for value in shared.parameters()} == own
    # Cast in one, cast in the other: nothing lingers beside the model.
    shared.to(torch.bfloat16)
    assert {value.dtype for value in unet.parameters()} == {torch.bfloat16}


@torch.no_grad()
def test_attention_in_parts_is_the_same(base: Any, motion: Any, process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unet, seen = with_motion(base.unet, motion), []
    whole = denoise(unet, *process)
    attention = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr("underpaint.models.attention.MOST_AT_ONCE", 100)
    monkeypatch.setattr(
        torch.nn.functional,
        "scaled_dot_product_attention",
        lambda query, *rest, **options: (seen.append(len(query)), attention(query, *rest, **options))[1],
    )
    assert torch.allclose(denoise(unet, *process), whole, atol=1e-5)
    assert max(seen) == 100


def test_equal_seeds_are_equal_bits(base: Any) -> None:
    first, again, other = (new_motion_adapter(base.unet, seed=seed) for seed in (1, 1, 2))
    assert digests(first) == digests(again)
    assert digests(first) != digests(other)


def test_it_comes_out_of_the_model_as_it_went_in(base: Any) -> None:
    adapter = shake(new_motion_adapter(base.unet, frames_max=9, heads=4, middle=False))
    out = motion_of(with_motion(base.unet, adapter))
    assert digests(out) == digests(adapter)
    for key in (
        "motion_max_seq_length",
        "motion_num_attention_heads",
        "use_motion_mid_block",
        "motion_norm_num_groups",
    ):
        assert out.config[key] == adapter.config[key]


def test_deeper_modules_come_out_too(base: Any) -> None:
    # diffusers' own save_motion_modules loses the second layer.
    config = dict(new_motion_adapter(base.unet).config) | {"motion_transformer_layers_per_block": 2}
    deep = MotionAdapter.from_config(config)
    assert digests(motion_of(with_motion(base.unet, deep))) == digests(deep)


def test_saved_and_loaded_with_its_record(motion: Any, record: Any, saved: Path) -> None:
    again, found = load_motion_adapter(saved / "motion")
    assert digests(again) == digests(motion)
    assert found == record("motion")


def test_a_module_made_elsewhere_has_no_record(motion: Any, tmp_path: Path) -> None:
    motion.save_pretrained(tmp_path)
    again, found = load_motion_adapter(tmp_path)
    assert digests(again) == digests(motion)
    assert found is None


def test_saving_twice_gives_equal_bytes(motion: Any, record: Any, saved: Path, tmp_path: Path) -> None:
    save_motion_adapter(tmp_path, motion, record("motion"))
    for path in (saved / "motion").iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_stock_diffusers_paints_the_same(base: Any, motion: Any, stock: dict[str, Any]) -> None:
    assert torch.allclose(paint(base, with_motion(base.unet, motion)), stock["motion"], atol=1e-4)


def test_what_must_fail(base: Any, motion: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"7 heads don't divide the UNet's widths"):
        new_motion_adapter(base.unet, heads=7)
    odd = copy.deepcopy(base.unet)
    odd.register_to_config(flip_sin_to_cos=False)
    with pytest.raises(ValueError, match="a UNet with flip_sin_to_cos=False can't take a motion module"):
        new_motion_adapter(odd)
    with pytest.raises(ValueError, match=r"made for a UNet of widths \(32, 64\), this one has"):
        with_motion(base.unet, MotionAdapter(block_out_channels=(32, 64)))
    other = MotionAdapter.from_config(dict(motion.config) | {"motion_norm_num_groups": 8})
    with pytest.raises(ValueError, match="normalises in 8 groups, the UNet in 16"):
        with_motion(base.unet, other)
    check_frames(motion, 32)
    with pytest.raises(ValueError, match="33 frames are more than the 32 that a MotionAdapter was built for"):
        check_frames(motion, 33)
    with pytest.raises(ValueError, match="holds no MotionAdapter that can be loaded"):
        load_motion_adapter(tmp_path)


def test_a_module_that_is_shown_pictures_is_refused(diffusion_unet: Any) -> None:
    adapter = MotionAdapter(block_out_channels=(16, 32, 32, 32), motion_norm_num_groups=8, conv_in_channels=9)
    with pytest.raises(ValueError, match="takes 9 channels, as PIA's"):
        with_motion(diffusion_unet, adapter)
