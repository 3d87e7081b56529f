from __future__ import annotations

from typing import Any

import numpy as np

from tests.experiments.conftest import MEDIA
from underpaint.experiments.trials.text import (
    compare,
    looks,
    mean_looks,
    nearest,
    one_of_each_caption,
    paint_texts,
    text_trial,
)
from underpaint.experiments.trials.unseen import UnseenProcess


def process(medium: str, caption: str, first: int, last: int) -> UnseenProcess:
    frames = np.stack([np.full((8, 8, 3), value, np.uint8) for value in (first, last)])
    return UnseenProcess(source=f"{caption}.png", medium=medium, caption=caption, frames=frames)


def test_media_are_told_by_first_and_last_frames() -> None:
    real = {"oil": [process("oil", "a", 200, 90)], "ink": [process("ink", "a", 230, 160)]}
    means = mean_looks(real)
    assert means["oil"].shape == (2, 4, 4, 3)
    assert nearest(looks(process("", "", 205, 95).frames), means) == "oil"
    assert nearest(looks(process("", "", 228, 150).frames), means) == "ink"


def test_paintings_that_are_the_real_ones_win_everything() -> None:
    real = {"oil": [process("oil", "a", 200, 90), process("oil", "b", 200, 30)], "ink": [process("ink", "a", 255, 200)]}
    painted = {medium: [(each, each.frames) for each in found] for medium, found in real.items()}
    found = compare(painted, mean_looks(real))
    assert found["all"].medium is not None
    assert (found["all"].medium.mean, found["all"].medium.count) == (1, 3)
    assert found["oil"].picture is not None
    assert found["oil"].picture.mean == 1
    assert found["ink"].picture is None


def test_unlike_captions_come_first() -> None:
    found = [process("oil", caption, 0, number) for number, caption in enumerate("aabab")]
    ordered = one_of_each_caption(found)
    assert [each.caption for each in ordered] == ["a", "b", "a", "a", "b"]
    assert ordered[0] is found[0]
    assert ordered[1] is found[2]


def test_media_share_captions_and_noise(context: Any) -> None:
    painted = paint_texts(context)
    captions = {medium: [real.caption for real, _ in pairs] for medium, pairs in painted.items()}
    assert sorted(captions) == sorted(MEDIA)
    assert all(found == captions["oil"] for found in captions.values())
    assert len(set(captions["oil"])) == 2


def test_the_trial_has_a_row_for_each_medium_and_finds_the_same_again(context: Any) -> None:
    finding = text_trial(context)
    assert [row[:2] for row in finding.table[1:]] == [*([medium, "2"] for medium in MEDIA), ["all", "8"]]
    assert (context.folder("text") / finding.sheets[0].file).is_file()
    assert "chance is 25 %" in finding.words
    assert text_trial(context) == finding
