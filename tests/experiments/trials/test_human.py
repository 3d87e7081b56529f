from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.experiments.conftest import finish
from underpaint.experiments.trials.human import going, going_by_medium, human_trial
from underpaint.experiments.trials.reconstruct import reconstruct_trial
from underpaint.pipelines.evaluation import human
from underpaint.pipelines.evaluation.human import BANDS


def by_columns(count: int = 8) -> np.ndarray:
    """A blank sheet, then a picture that is painted from left to right, and twice."""
    frames = np.full((count, 32, 32, 3), 250, np.uint8)
    for number in range(1, count):
        frames[number, :, : 32 * number // (count - 1)] = 90
        frames[number, :, : 32 * (number - 1) // (count - 1)] = 30
    return frames


def test_measures_begin_behind_the_blank_sheet() -> None:
    found = going([("oil", by_columns())])
    # Without the blank one, a seventh is there at the start; in place, nothing moves away, nearly all of it twice.
    assert set(found.measures) == set(BANDS)
    assert found.measures["place"] is not None
    assert found.measures["place"].mean == 1
    # A first frame with marks is one of them.
    assert going([("oil", by_columns()[1:])]).measures == found.measures
    assert going([("oil", by_columns()[2:])]).measures["pace"] != found.measures["pace"]


def test_what_only_darkens_needs_no_moving_away(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = {name: (low + high) / 2 for name, (low, high) in BANDS.items()}
    monkeypatch.setattr(human, "of_people", lambda frames, count: inside | {"away": 0.0})
    found = going([("oil", by_columns()), ("ink", by_columns())]).inside
    assert found is not None
    assert (found.mean, found.count) == (0.5, 2)


def test_all_that_was_painted_stands_beside_the_corpus(context: Any) -> None:
    reconstruct_trial(context)
    context.keep("text", [("oil", by_columns(4)), ("ink", by_columns(4))])
    context.keep("words", [("oil", by_columns(4))])
    finish(context, "reconstruct", "text", "words")
    finding = human_trial(context)
    counts = {row[0]: row[1] for row in finding.table}
    assert counts["oil, from text"] == "2"
    assert counts["bezier, reconstructed"] == "3"
    assert counts["oil, the corpus's own"] == "6"
    assert counts["all, from text"] == "3"
    assert "oil, completed" not in counts
    assert finding.table[1][3] == "0.30 to 0.63"


def test_without_paintings_it_is_refused(context: Any) -> None:
    with pytest.raises(ValueError, match="run the trial `text`"):
        going_by_medium(context)
