from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.experiments.conftest import like
from underpaint.experiments.trials.artist import artist_trial


def test_paintings_with_and_without_the_loras_are_compared(context: Any, small: Path) -> None:
    finding = artist_trial(like(context, artist=small / "artist-x", trigger="sks"))
    assert [row[:2] for row in finding.table[1:]] == [["without the LoRAs", "2"], ["with them", "2"]]
    assert finding.table[0][2] == "nearest to ink"
    assert finding.figures["with_loras"]["count"] == 2
    assert (context.folder("artist") / finding.sheets[0].file).is_file()


def test_without_an_artist_it_is_refused(context: Any) -> None:
    with pytest.raises(ValueError, match="needs --artist"):
        artist_trial(context)
