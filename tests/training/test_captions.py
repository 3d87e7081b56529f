"""What a text encoder never sees is said before it is trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from tests.training.conftest import Configure, paint
from underpaint.models.nano import build_nano
from underpaint.training.captions import describe_captions, tokenizer_of
from underpaint.training.loader import Data


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return build_nano(seed=1).tokenizer


def test_words_of_what_is_trained_on_become_tokens(configure: Configure) -> None:
    data = configure(validation=0.0, name_medium=True)
    found = tokenizer_of(data)
    assert found.get_vocab() == tokenizer_of(dataclasses.replace(data, half_painted=0.5, frames=1)).get_vocab()
    # Each word of a mark is a token, though few samples are unfinished pictures.
    assert len(found("bezier, half-painted, step 3 of 5").input_ids) == 2 + 10
    assert len(tokenizer_of(dataclasses.replace(data, streaming=True))) == 514


def test_captions_are_counted(configure: Configure, tmp_path: Path, tokenizer: CLIPTokenizer) -> None:
    lines = describe_captions(Data(configure(validation=0.0)), tokenizer)
    assert lines == ["24 of 24 samples have captions"]
    corpus = paint(tmp_path, range(2), captions=["", "a dragon " * 40])
    lines = describe_captions(Data(configure(corpus=str(corpus), validation=0.0)), tokenizer)
    assert lines[0] == "1 of 2 samples have captions"
    assert "1 of them have captions of more than the 77 tokens" in lines[1]
    assert "00000001-p01-bezier" in lines[1]
    assert describe_captions(Data(configure(streaming=True)), tokenizer) == []
