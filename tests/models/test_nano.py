from __future__ import annotations

import unicodedata

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.models.motion import new_motion_adapter
from underpaint.models.nano import build_nano
from underpaint.models.replication import new_replication_network
from underpaint.models.tokenizer import byte_tokenizer
from underpaint.models.weights import digests

TOKENIZER = byte_tokenizer()


def test_equal_seeds_are_equal_bits_and_leave_the_global_state_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = build_nano(seed=1), build_nano(seed=1), build_nano(seed=2)
    assert torch.equal(before, torch.get_rng_state())
    for part in ("vae", "unet", "text_encoder"):
        assert digests(getattr(first, part)) == digests(getattr(again, part))
        assert digests(getattr(first, part)) != digests(getattr(other, part))


def test_it_is_small_and_shaped_like_stable_diffusion() -> None:
    base = build_nano(size=96)
    sizes = {part: sum(p.numel() for p in getattr(base, part).parameters()) for part in ("vae", "unet")}
    assert sizes["vae"] < 1_500_000
    assert 5_000_000 < sizes["unet"] < 8_000_000
    latents = base.vae.encode(torch.zeros(1, 3, 96, 96)).latent_dist.mode()
    assert latents.shape == (1, 4, 24, 24)
    assert base.unet.config.sample_size == 24
    text = base.text_encoder(TOKENIZER("red", padding="max_length", return_tensors="pt").input_ids)[0]
    assert base.unet(latents, 5, text).sample.shape == latents.shape


def test_the_tokenizer_is_clips_by_bytes() -> None:
    assert len(TOKENIZER) == 514
    ids = TOKENIZER("Red", padding="max_length", truncation=True, max_length=77).input_ids
    assert ids[0] == 512
    assert ids[4:] == [513] * 73
    assert TOKENIZER("").input_ids == [512, 513]
    assert len(TOKENIZER("x" * 200, truncation=True, max_length=77).input_ids) == 77


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=6), min_size=1, max_size=4))
def test_words_come_back(words: list[str]) -> None:
    ids = TOKENIZER(" ".join(words)).input_ids
    assert 513 not in ids[:-1]
    spaced = TOKENIZER.decode(ids, skip_special_tokens=True).replace(" ", "")
    # Digits are words of their own, so spaces are not kept; and text is normalised and in lower case, as CLIP's is.
    expected = unicodedata.normalize("NFC", " ".join(words)).lower().replace(" ", "")
    assert spaced == expected


def test_the_larger_one_fits_a_package_with_all_its_networks() -> None:
    base = build_nano("nano-large", seed=1)
    assert (base.name, base.unet.config.sample_size) == ("nano-large", 24)
    network = new_replication_network(base.unet)
    parts = (base.vae, base.text_encoder, base.unet, new_motion_adapter(base.unet), network)
    numbers = sum(parameter.numel() for part in parts for parameter in part.parameters())
    # 40 MB in 16 bits, and room for 4,000 more words.
    assert 18_000_000 < numbers < 19_200_000
    with pytest.raises(ValueError, match="no nano of the name 'huge': use one of nano, nano-large"):
        build_nano("huge")


@pytest.mark.parametrize("size", [0, 8, 72])
def test_sizes_that_do_not_fit_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"multiples of 16, not {size}"):
        build_nano(size=size)
