from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.conftest import FRAMES, shake
from tests.models.painting import noise, paint
from tests.models.stock import COLOUR, SHOWN
from underpaint.models.latents import encode
from underpaint.models.motion import with_motion
from underpaint.models.replication import condition, denoise, load_replication_network, new_replication_network
from underpaint.models.weights import digests


def some_condition(process: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The first frame of one process; the second and the last of the other."""
    shown = torch.zeros(2, FRAMES, dtype=torch.bool)
    shown[0, 0] = shown[1, 1] = shown[1, -1] = True
    return condition(process[0], shown)


@torch.no_grad()
def test_a_new_network_has_no_effect_and_a_trained_one_has(
    base: Any, motion: Any, replication: Any, process: Any
) -> None:
    unet = with_motion(base.unet, motion)
    alone = denoise(unet, *process)
    fresh = new_replication_network(base.unet)
    assert (denoise(unet, *process, fresh, some_condition(process)) - alone).abs().max() < 1e-5
    assert (denoise(unet, *process, replication, some_condition(process)) - alone).abs().max() > 0.01
    assert torch.allclose(denoise(unet, *process, replication, some_condition(process), 0.0), alone, atol=1e-6)


def test_it_learns_from_its_first_step_on(base: Any, motion: Any, process: Any) -> None:
    network, unet = new_replication_network(base.unet), with_motion(base.unet, motion)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    for _ in range(2):
        optimiser.zero_grad()
        denoise(unet, *process, network, some_condition(process)).square().mean().backward()
        optimiser.step()
    # Zero convolutions stand behind the encoder: it gets its first gradient once they are open, in the second step.
    assert network.controlnet_mid_block.weight.abs().max() > 0
    assert not torch.equal(network.controlnet_cond_embedding.weight[:, :4], base.unet.conv_in.weight)


def test_building_leaves_the_unet_alone(base: Any) -> None:
    unet, config, state = digests(base.unet), copy.deepcopy(dict(base.unet.config)), torch.get_rng_state()
    shake(new_replication_network(base.unet))
    assert digests(base.unet) == unet
    assert dict(base.unet.config) == config
    assert torch.equal(state, torch.get_rng_state())
    # Lists in a config, as read from a file, are what diffusers' from_unet writes into.
    listed = UNet2DConditionModel.from_config(dict(base.unet.config) | {"down_block_types": ["DownBlock2D"] * 3})
    new_replication_network(listed)
    assert listed.config.down_block_types == ["DownBlock2D"] * 3


def test_it_starts_as_the_encoder_by_seed(base: Any) -> None:
    first, again, other = (new_replication_network(base.unet, frames_max=7, heads=4, seed=seed) for seed in (1, 1, 2))
    assert digests(first) == digests(again)
    assert digests(first) != digests(other)
    assert torch.equal(first.conv_in.weight, base.unet.conv_in.weight)
    # It sees latents as the UNet does, and the mask not yet.
    assert torch.equal(first.controlnet_cond_embedding.weight[:, :4], base.unet.conv_in.weight)
    assert not first.controlnet_cond_embedding.weight[:, 4:].any()
    assert digests(first.mid_block) == digests(base.unet.mid_block)
    assert first.config.motion_max_seq_length == 7
    assert first.config.motion_num_attention_heads == 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=3))
def test_any_frames_of_any_process_can_be_shown(chosen: list[list[bool]]) -> None:
    shown = torch.tensor(chosen)
    latents = torch.randn(len(chosen), 4, 4, 2, 3, generator=torch.Generator().manual_seed(1))
    seen, mask = condition(latents, shown)
    assert seen.shape == latents.shape
    assert mask.shape == (len(chosen), 1, 4, 2, 3)
    for process, frames in enumerate(chosen):
        for frame, is_shown in enumerate(frames):
            expected = latents[process, :, frame] if is_shown else torch.zeros(4, 2, 3)
            assert torch.equal(seen[process, :, frame], expected)
            assert bool((mask[process, :, frame] == float(is_shown)).all())


def test_saved_and_loaded_with_its_record(replication: Any, record: Any, saved: Path) -> None:
    again, found = load_replication_network(saved / "replication")
    assert digests(again) == digests(replication)
    assert found == record("replication")


def test_stock_diffusers_paints_the_same(base: Any, motion: Any, replication: Any, stock: dict[str, Any]) -> None:
    picture = (torch.tensor(COLOUR) / 255 * 2 - 1).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    latents = torch.zeros_like(noise())
    latents[:, :, SHOWN] = encode(base.vae, picture, torch.Generator().manual_seed(17))
    shown = condition(latents, torch.arange(FRAMES)[None] == SHOWN)
    painted = paint(base, with_motion(base.unet, motion), replication, shown)
    assert torch.allclose(painted, stock["replication"], atol=1e-4)
    assert not torch.allclose(painted, stock["motion"], atol=1e-2)


def test_what_must_fail(base: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="5 heads don't divide the UNet's widths"):
        new_replication_network(base.unet, heads=5)
    odd = copy.deepcopy(base.unet)
    odd.register_to_config(down_block_types=("AttnDownBlock2D", "DownBlock2D", "DownBlock2D"))
    with pytest.raises(ValueError, match="a UNet with a AttnDownBlock2D can't have a replication network"):
        new_replication_network(odd)
    with pytest.raises(ValueError, match="holds no SparseControlNetModel that can be loaded"):
        load_replication_network(tmp_path)
