from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("diffusers")

from tests.pipelines.conftest import picture
from underpaint.experiments.ablations.figures import figures_of
from underpaint.pipelines.evaluation import human


def strips(frames: int, seed: int = 0) -> np.ndarray:
    """A process of so many frames, the first one blank, in which each step finishes the next strip."""
    film = np.full((frames, 32, 32, 3), 255, np.uint8)
    for number, end in enumerate(np.linspace(0, 32, frames).round().astype(int)):
        film[number, :end] = picture(seed)[:end]
    return film


def test_the_share_inside_people_s_bands_is_of_the_processes_in_their_medium(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = [strips(8), strips(8, seed=1)]
    found = figures_of(processes, "ink")
    measured = [human.of_people(each[1:]) for each in processes]
    assert found["away"] == pytest.approx(np.mean([each["away"] for each in measured]))
    monkeypatch.setattr(human, "BANDS", {"away": (2.0, 3.0)})
    assert figures_of(processes, "oil")["human"] == 0
    assert figures_of(processes, "ink")["human"] == 1  # of which it isn't asked


def test_processes_of_too_few_steps_have_no_order() -> None:
    found = figures_of([strips(8), strips(3)])
    assert "human" not in found
    assert found["steps_towards"] == 1
