"""Drawn LoRA files: each takes effect as an independent computation has it, or is refused in one line.

`python -m tests.models.test_fuzz 300` draws more, from another seed each time.
"""

from __future__ import annotations

import copy
import json
import math
import random
import struct
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.models.thin import thin_unet
from underpaint.models.lora_file import fuse, read_lora

LAYERS = (
    "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0",
    "mid_block.attentions.0.transformer_blocks.0.ff.net.2",
    "down_blocks.0.resnets.0.conv1",
    "up_blocks.0.attentions.1.proj_in",
)
NAMES = {
    "diffusers": ("unet.{}.lora.down.weight", "unet.{}.lora.up.weight", "unet.{}.alpha"),
    "peft": ("unet.{}.lora_A.weight", "unet.{}.lora_B.weight", "unet.{}.alpha"),
    "kohya": ("lora_unet_{}.lora_down.weight", "lora_unet_{}.lora_up.weight", "lora_unet_{}.alpha"),
}
TYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn)
WRONG_KEYS = (
    "x",
    "",
    "unet.",
    "lora_te2_a.lora_down.weight",
    "unet.a.dora_scale",
    "a.hada_w1_a",
    "é\u202e\x1b[2J",
    ".alpha",
)
WRONG_TEXTS = ("[]", "{", "null", "7", '{"unet.r": 1e999}', '{"unet.r": "4"}', "[" * 9999, '{"unet.rank_pattern": [1]}')


def drawn_lora(draw: random.Random, unet: Any) -> tuple[dict[str, Tensor], dict[str, str], dict[str, Tensor]]:
    """The tensors and the metadata of a sound file, and what it must add to each layer."""
    layout = draw.choice(list(NAMES))
    configured = layout != "kohya" and draw.random() < 0.4
    r, alpha, rs = draw.randint(1, 5), draw.choice((0, 1, 3.5, 16)), draw.random() < 0.5
    config: dict[str, Any] = {"r": r, "lora_alpha": alpha, "use_rslora": rs, "rank_pattern": {}, "alpha_pattern": {}}
    tensors, expected = {}, {}
    for layer in draw.sample(LAYERS, draw.randint(1, len(LAYERS))):
        rank, own = draw.choice((r, r, draw.randint(1, 6))), draw.choice((None, 2, 0.5))
        shape = unet.get_parameter(f"{layer}.weight").shape
        kind = draw.choice(TYPES)
        down = torch.randn(rank, *shape[1:]).to(kind)
        up = torch.randn(shape[0], rank, *(1 for _ in shape[2:])).to(kind)
        names = [name.format(layer.replace(".", "_") if layout == "kohya" else layer) for name in NAMES[layout]]
        tensors |= {names[0]: down, names[1]: up}
        if configured:
            config["rank_pattern"] |= {layer: rank} if rank != r else {}
            config["alpha_pattern"] |= {layer: own} if own else {}
            scale = (own or alpha) / (math.sqrt(rank) if rs else rank)
        else:
            tensors |= {names[2]: torch.tensor(own)} if own else {}
            scale = own / rank if own else 1
        product = torch.einsum("or,ri->oi", up.double().flatten(1), down.double().flatten(1))
        expected[layer] = (product * scale).reshape(shape).float()
    prefixed = {f"unet.{key}": value for key, value in config.items()}
    return tensors, {"lora_adapter_metadata": json.dumps(prefixed)} if configured else {}, expected


def spoilt(draw: random.Random, tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    """Write a file in which something is wrong."""
    name = draw.choice(list(tensors))
    value = tensors[name]
    wrong: dict[str, Tensor | None] = {
        "gone": None,
        "nan": torch.full_like(value.float(), math.nan),
        "whole": torch.ones(value.shape, dtype=torch.int8),
        "shape": torch.ones(draw.choice([(0,), (3,), (2, 3), (7, 5, 1, 1), (1, 2, 3), (5000, 2)])),
        "key": value,
        "header": value,
        "cut": value,
        "bytes": value,
        "size": value,
    }
    way = draw.choice(list(wrong))
    new = wrong[way]
    tensors = {key: each for key, each in tensors.items() if key != name} | ({} if new is None else {name: new})
    if way == "key":
        tensors |= {draw.choice(WRONG_KEYS): torch.ones(2, 2)}
    if way == "header":
        metadata = {draw.choice(("underpaint", "lora_adapter_metadata")): draw.choice(WRONG_TEXTS)}
    save_file(tensors, path, metadata)
    content = bytearray(path.read_bytes())
    if way == "cut":
        content = content[: draw.randrange(len(content))]
    if way == "bytes":
        place = draw.randrange(min(len(content), 400))
        content[place : place + 4] = draw.randbytes(4)
    if way == "size":
        content[:8] = struct.pack("<Q", draw.choice((0, 1, 2**40, 2**63, len(content))))
    path.write_bytes(content)


def try_one(seed: int, unet: Any, path: Path) -> str:
    """Draw a file, sound or not; return what came of it, and fail where that is wrong."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    tensors, metadata, expected = drawn_lora(draw, unet)
    sound = draw.random() < 0.4
    if sound:
        save_file(tensors, path, metadata)
    else:
        spoilt(draw, tensors, metadata, path)
    altered, weight = copy.deepcopy(unet), draw.choice((1.0, -0.5, 2.0))
    refusal = None
    try:
        fuse(read_lora(path), {"unet": altered}, weight)
    except ValueError as error:
        refusal = str(error)
    if refusal is not None:
        assert not sound, refusal
        assert str(path) in refusal
        assert refusal.isprintable(), "a line that a terminal doesn't obey"
        return "refused"
    after = altered.state_dict()
    assert all(bool(torch.isfinite(value).all()) for value in after.values())
    if sound:
        for name, before in unet.state_dict().items():
            change = expected.get(name.removesuffix(".weight"))
            wanted = before if change is None else before + weight * change
            assert torch.allclose(after[name], wanted, rtol=1e-3, atol=1e-3), (seed, name)
        return "effect"
    return "spoilt, but taken"


@pytest.mark.parametrize("start", [0])
def test_drawn_files_take_effect_or_are_refused(start: int, tmp_path: Path) -> None:
    unet = thin_unet(8, seed=0)
    came = Counter(try_one(seed, unet, tmp_path / "x.safetensors") for seed in range(start, start + 40))
    assert min(came["effect"], came["refused"]) > 8, came


if __name__ == "__main__":
    network, first = thin_unet(8, seed=0), random.randrange(10**9)
    with tempfile.TemporaryDirectory() as folder:
        numbers = range(first, first + int(sys.argv[1]))
        print(first, Counter(try_one(number, network, Path(folder) / "x.safetensors") for number in numbers))
