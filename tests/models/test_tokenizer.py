"""Tokens that are words: learned from captions, equal for equal captions, and as stock CLIP reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from underpaint.models.captions import half_painted, tokens_of, unseen
from underpaint.models.loading import load_base, save_base
from underpaint.models.nano import build_nano
from underpaint.models.tokenizer import byte_tokenizer, learned_tokenizer

CAPTIONS = [
    f"{medium}, a {colour} house by the sea" for medium in ("oil", "ink") for colour in ("red", "green", "Ultramarine")
]


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return learned_tokenizer([*CAPTIONS, *(half_painted(caption, 3, 15) for caption in CAPTIONS)])


def test_words_of_the_captions_are_single_tokens(tokenizer: CLIPTokenizer) -> None:
    assert len(tokenizer("Oil, a red HOUSE by the sea, half-painted, step 3 of 15").input_ids) == 2 + 18
    assert len(tokenizer("ultramarine").input_ids) == 3
    # What never came by still has tokens, and none of them ends the caption.
    assert len(tokenizer("xylophon").input_ids) > 4
    assert tokenizer.eos_token_id not in tokenizer("zebra 🦓").input_ids[:-1]


def test_equal_captions_give_equal_tokens_in_any_order(tokenizer: CLIPTokenizer) -> None:
    captions = [*(half_painted(caption, 3, 15) for caption in reversed(CAPTIONS)), *CAPTIONS]
    assert learned_tokenizer(captions).get_vocab() == tokenizer.get_vocab()


def test_there_are_no_more_entries_than_asked_for() -> None:
    assert len(learned_tokenizer(CAPTIONS, entries=520)) == 520
    assert learned_tokenizer([]).get_vocab() == byte_tokenizer().get_vocab()
    with pytest.raises(ValueError, match="entries is 100: 514 are needed"):
        learned_tokenizer(CAPTIONS, entries=100)


def test_a_base_keeps_its_tokenizer(tokenizer: CLIPTokenizer, tmp_path: Path) -> None:
    base = build_nano(seed=1, tokenizer=tokenizer)
    assert base.text_encoder.config.vocab_size == len(tokenizer)
    save_base(tmp_path, base)
    text = [f"{CAPTIONS[0]}, at sunset", ""]
    assert (tokens_of(load_base(tmp_path).tokenizer, text) == tokens_of(tokenizer, text)).all()
    stock = CLIPTokenizer.from_pretrained(tmp_path / "tokenizer")
    assert stock(text[0]).input_ids == tokenizer(text[0]).input_ids


def test_of_a_caption_that_is_too_long_the_mark_stays(tokenizer: CLIPTokenizer) -> None:
    long = "a red house " * 40
    row = tokens_of(tokenizer, [half_painted(long, 3, 15)])[0].tolist()
    mark = tokenizer(half_painted("", 3, 15)).input_ids[1:]
    assert row[-len(mark) :] == mark
    assert row[1:4] == tokenizer("a red house").input_ids[1:-1]
    cut = unseen(tokenizer, half_painted(long, 3, 15))
    assert "house" in cut
    assert "step" not in cut
    # Of one without a mark the end goes.
    assert tokens_of(tokenizer, [long])[0].tolist() == [*tokenizer(long).input_ids[:76], tokenizer.eos_token_id]
