from __future__ import annotations

import base64
import io
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from underpaint.pipelines.app.cards import CARDS, card, read_page


def test_a_card_is_a_small_film_and_its_caption() -> None:
    colours = np.random.default_rng(0).integers(0, 255, (30, 1, 1, 3), dtype=np.uint8)
    frames = np.tile(colours, (1, 260, 130, 1))
    sample: Any = SimpleNamespace(
        frames=lambda: frames, caption="a <b> hill", source="x/hill.png", renderer="oil", strokes=1200
    )
    made = card(sample)
    assert "a &lt;b&gt; hill<span>oil, 1,200 strokes</span>" in made
    assert "tiny" not in made
    data = re.findall(r"base64,([^\"]+)", made)
    with Image.open(io.BytesIO(base64.b64decode(data[0]))) as film:
        assert (film.size, film.n_frames) == ((104, 208), 24)
    sample.caption, sample.strokes = None, 0
    assert ">hill.png<span>oil</span>" in card(sample)


def test_pages() -> None:
    def sample(number: int) -> Any:
        frames = np.zeros((2, 8, 8, 3), np.uint8)
        return SimpleNamespace(frames=lambda: frames, caption=f"no {number}.", source="a", renderer="oil", strokes=1)

    corpus: Any = [sample(number) for number in range(CARDS + 2)]
    pages = list(read_page(corpus, 0))
    assert [page.cards.count("<figure>") for page in pages] == list(range(1, CARDS + 1))
    assert (pages[-1].start, pages[-1].end, pages[-1].count) == (0, CARDS, CARDS + 2)
    assert [f"no {CARDS}." in page.cards for page in read_page(corpus, CARDS)] == [True, True]
    for beyond in (-CARDS, CARDS + 2):
        assert next(read_page(corpus, beyond)).start == 0
    with pytest.raises(ValueError, match="no samples"):
        next(read_page(corpus[:0], 0))
