from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("diffusers")

from tests.experiments.ablations.settings import config, write_run
from tests.experiments.ablations.test_corpora import write_corpus
from underpaint.experiments.ablations.comparisons import COMPARISONS


def test_scenes_and_photographs_share_the_trial_of_learned_merges(tmp_path: Path) -> None:
    scenes, photos = (write_corpus(tmp_path / name, oil=9) for name in ("scenes", "photos"))
    given = config(tmp_path, corpus=scenes, photos=photos, base=write_run(tmp_path / "base"), motion=None, process=None)
    tokenizer, world = (COMPARISONS[name](given) for name in ("tokenizer", "world"))
    assert tokenizer.sides["learned"](2) == world.sides["scenes"](2)
    assert world.sides["photographs"](2).data.corpus == [str(photos)]


def test_more_photographs_than_scenes_are_refused(tmp_path: Path) -> None:
    scenes, photos = write_corpus(tmp_path / "scenes", oil=9), write_corpus(tmp_path / "photos", oil=10)
    with pytest.raises(ValueError, match="10 samples in oil"):
        COMPARISONS["world"](config(tmp_path, corpus=scenes, photos=photos))
