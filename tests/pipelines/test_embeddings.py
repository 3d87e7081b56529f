from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.pipelines.conftest import SIZE
from underpaint.models.nano import build_nano
from underpaint.pipelines.embeddings import add_embedding, parse_embedding, spelled
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig

WIDTH = 128


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Two vectors, as sd-webui saves them."""
    vectors = torch.randn(2, WIDTH, generator=torch.Generator().manual_seed(0))
    save_file({"emb_params": vectors}, tmp_path / "BadHands.safetensors")
    return tmp_path / "BadHands.safetensors"


def test_parsing(bad: Path) -> None:
    assert parse_embedding(str(bad)).word == "BadHands"
    assert parse_embedding(f"bad={bad}").word == "bad"
    with pytest.raises(ValueError, match=r"embedding 'bad=x\.pt': x\.pt does not exist; give FILE or WORD=FILE"):
        parse_embedding("bad=x.pt")


def test_pickles_of_sd_webui_are_refused_with_the_command_that_converts_them(
    bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = load_file(bad)["emb_params"]
    pickle = bad.with_suffix(".pt")
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": vectors}, "step": 9}, pickle)
    bad.unlink()
    with pytest.raises(ValueError, match=r"BadHands\.pt is a pickle") as error:
        parse_embedding(str(pickle))
    command = re.search(r'python -c "(.*)" (\S+) (\S+)$', str(error.value))
    assert command is not None
    monkeypatch.chdir(bad.parent)
    monkeypatch.setattr("sys.argv", ["-c", command[2], command[3]])
    exec(command[1], {})
    assert torch.equal(load_file(bad)["*"], vectors)


def test_words_are_replaced_where_they_stand_alone() -> None:
    words = {"bad": ["<bad-1-0>", "<bad-1-1>"], "bad-hands": ["<bad-hands-3-0>"]}
    for named in (words, dict(reversed(words.items()))):
        assert spelled("a bad, badly Bad bad-hands", named) == "a <bad-1-0> <bad-1-1>, badly Bad <bad-hands-3-0>"
    assert spelled("a bad", {}) == "a bad"


def test_the_text_encoder_sees_the_vectors_where_diffusers_puts_them(bad: Path) -> None:
    from diffusers.loaders import TextualInversionLoaderMixin

    class Stock(TextualInversionLoaderMixin):
        hf_device_map, components = None, {}

    theirs, ours = build_nano(seed=1), build_nano(seed=1)
    stock, vectors = Stock(), load_file(bad)["emb_params"]
    stock.load_textual_inversion(
        vectors, token="badhands", tokenizer=theirs.tokenizer, text_encoder=theirs.text_encoder
    )
    tokens = add_embedding(ours.tokenizer, ours.text_encoder, parse_embedding(str(bad)))

    def states(base: Any, prompt: str) -> Any:
        return base.text_encoder(base.tokenizer(prompt, return_tensors="pt").input_ids)[0]

    expected = states(theirs, stock.maybe_convert_prompt("a badhands, barn", theirs.tokenizer))
    assert torch.allclose(states(ours, spelled("a BadHands, barn", {"BadHands": tokens})), expected, atol=1e-6)
    assert torch.allclose(states(ours, "a barn"), states(build_nano(seed=1), "a barn"), atol=1e-6)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a": torch.zeros(1, 64)}, r"vectors of shape \(1, 64\), this base takes 1 to 75 of 128 numbers"),
        (
            {"clip_l": torch.zeros(1, WIDTH), "clip_g": torch.zeros(1, 9)},
            "is no textual inversion .* holds clip_g, clip_l",
        ),
        ({"a": torch.full((WIDTH,), torch.inf)}, "not finite"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, tensors: Any, message: str) -> None:
    save_file(tensors, tmp_path / "a.safetensors")
    base = build_nano(seed=1)
    with pytest.raises(ValueError, match=message):
        add_embedding(base.tokenizer, base.text_encoder, parse_embedding(str(tmp_path / "a.safetensors")))


def test_a_negative_embedding_changes_what_is_painted(small: Path, bad: Path) -> None:
    pipeline = ProcessPipeline.from_pretrained(
        small, embeddings=[parse_embedding(str(bad))], compute=ComputeConfig(device="cpu")
    )
    how = {"size": SIZE, "steps": 2, "guidance": 2.0}
    without = pipeline.text("a hill", **how).frames
    assert (pipeline.text("a hill", negative_prompt="BadHands", **how).frames != without).any()
    assert (pipeline.text("a hill", sampler="dpm++", **how).frames != without).any()
