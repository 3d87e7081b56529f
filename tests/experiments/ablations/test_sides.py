from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("diffusers")

from tests.experiments.ablations.settings import config, write_run
from underpaint.experiments.ablations import sides


def test_a_new_base_differs_in_what_is_compared_alone(tmp_path: Path) -> None:
    given = config(tmp_path, base=write_run(tmp_path / "base"), motion=None, base_steps=7)
    learned, letters = (sides.base(given, 5, f"base-{word}", tokenizer=word) for word in ("learned", "letters"))
    (run,), (other,) = learned.runs, letters.runs
    assert {name for name in run.options if run.options[name] != other.options[name]} == {"tokenizer"}
    expected = {
        "corpus": Path("corpus"),
        "seed": 5,
        "steps": 7,
        "size": 32,
        "augment.flip": 0.0,
        "augment.gamma": 0.05,
        "tokenizer": "learned",
    }
    assert run.options.items() >= expected.items()
    assert run.autoencoder == given.base / "base" / "vae"
    assert (learned.base, learned.motion, learned.data.renderer) == (run.out, None, [])


def test_a_motion_module_is_judged_by_the_medium_that_it_learned(tmp_path: Path) -> None:
    given = config(tmp_path, base=write_run(tmp_path / "base"), motion=None)
    trial = sides.motion(given, 0, "motion-oil-error", corpus=Path("oils"), renderer="oil", judged="oil")
    assert trial.runs[0].options.items() >= {"base": given.base, "corpus": Path("oils"), "renderer": "oil"}.items()
    assert (trial.data.corpus, trial.data.renderer, trial.data.frames) == (["oils"], ["oil"], 8)
