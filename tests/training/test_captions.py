"""What a text encoder never sees is said before it is trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from tests.training.conftest import Configure, paint
from underpaint.models.nano import build_nano
from underpaint.training.captions import describe_captions
from underpaint.training.loader import Data


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return build_nano(seed=1).tokenizer


def test_captions_are_counted(configure: Configure, tmp_path: Path, tokenizer: CLIPTokenizer) -> None:
    lines = describe_captions(Data(configure(validation=0.0)), tokenizer)
    assert lines == ["24 of 24 samples have captions"]
    corpus = paint(tmp_path, range(2), captions=["", "a dragon " * 40])
    lines = describe_captions(Data(configure(corpus=str(corpus), validation=0.0)), tokenizer)
    assert lines[0] == "1 of 2 samples have captions"
    assert "1 of them have captions of more than the 77 tokens" in lines[1]
    assert "00000001-p01-bezier" in lines[1]
    assert describe_captions(Data(configure(streaming=True)), tokenizer) == []
