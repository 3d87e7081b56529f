"""What a text encoder never sees is said before it is trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from tests.training.conftest import Configure, paint
from underpaint.models.nano import build_nano
from underpaint.training.captions import describe_captions, unseen
from underpaint.training.loader import Data

LIMIT = 77


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return build_nano(seed=1).tokenizer


def test_the_end_of_a_long_caption_is_found(tokenizer: CLIPTokenizer) -> None:
    words = "a red barn beside a small pond in the evening light with two white horses and a green dragon"
    assert unseen(tokenizer, "") == unseen(tokenizer, "a red barn") == ""
    rest = unseen(tokenizer, words * 2)
    assert rest
    assert words.endswith(rest[-12:])
    assert len(rest) < len(words * 2)
    # Exactly what fits is seen whole.
    shorter = words * 2
    while unseen(tokenizer, shorter):
        shorter = shorter[:-1]
    assert len(tokenizer(shorter).input_ids) == LIMIT


def test_captions_are_counted(configure: Configure, tmp_path: Path, tokenizer: CLIPTokenizer) -> None:
    lines = describe_captions(Data(configure(validation=0.0)), tokenizer)
    assert lines == ["24 of 24 samples have captions"]
    corpus = paint(tmp_path, range(2), captions=["", "a dragon " * 40])
    lines = describe_captions(Data(configure(corpus=str(corpus), validation=0.0)), tokenizer)
    assert lines[0] == "1 of 2 samples have captions"
    assert "1 of them have captions of more than the 77 tokens" in lines[1]
    assert "00000001-p01-bezier" in lines[1]
    assert describe_captions(Data(configure(streaming=True)), tokenizer) == []
