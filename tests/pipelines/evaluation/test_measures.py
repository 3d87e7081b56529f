from __future__ import annotations

import math

import numpy as np
import pytest

from tests.pipelines.evaluation.canvases import THRESHOLD, columns, noise, sheets
from underpaint.pipelines.evaluation.human import BANDS
from underpaint.pipelines.evaluation.measures import (
    MEASURES,
    against_reference,
    lpips_iou,
    lpips_profile,
    of_order,
    of_picture,
    of_process,
)
from underpaint.pipelines.evaluation.networks import MeasureNetworks


class GreyLpips:
    """In the place of LPIPS: the difference in grey, so that the right answers are known."""

    def distance(self, a: np.ndarray, b: np.ndarray) -> float:
        return float(self.difference(a, b).mean())

    def difference(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.abs(a.mean(axis=2) - b.mean(axis=2)) / 255


class One:
    """In the place of CLIP and DINO."""

    def similarity(self, a: np.ndarray, b: np.ndarray) -> float:
        return 1.0


GREY = MeasureNetworks(lpips=GreyLpips(), clip=One(), dino=One())  # type: ignore[arg-type]


def test_without_networks_there_are_no_learned_measures() -> None:
    frames = columns(4)
    measured = of_picture(frames[-1], frames[-1], MeasureNetworks()) | of_process(frames, THRESHOLD)
    measured |= against_reference(frames, frames, THRESHOLD, MeasureNetworks())
    measured |= of_order(frames, None, np.eye(3, 13, dtype=np.float32))
    learned = {"lpips", "clip", "dino", "lpips_profile_distance", "lpips_changed_iou", "fid"}
    assert set(measured) == set(MEASURES) - learned


def test_people_are_compared_in_frames_with_marks() -> None:
    blank, *marked = columns(8)
    with_blank, without = (of_order(np.stack(frames), None, None) for frames in ([blank, *marked], marked))
    assert with_blank == without
    assert "hop" not in without


def test_what_a_medium_cannot_do_is_not_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = {name: (low + high) / 2 for name, (low, high) in BANDS.items()}
    monkeypatch.setattr("underpaint.pipelines.evaluation.human.of_people", lambda frames, count: inside | {"away": 0})
    assert [of_order(columns(4), name, None)["human"] for name in ("ink", "oil", None)] == [1, 0, 0]


def test_too_little_happens_to_be_compared_with_people() -> None:
    assert of_order(columns(2), None, np.zeros((1, 13), np.float32)) == {}
    assert of_order(columns(2), None, np.eye(2, 13, dtype=np.float32)).keys() == {"hop"}


def test_a_process_against_itself() -> None:
    measured = against_reference(columns(4), columns(4), THRESHOLD, GREY)
    assert measured == {
        "profile_distance": 0,
        "progress_distance": 0,
        "changed_iou": 1,
        "lpips_profile_distance": 0,
        "lpips_changed_iou": 1,
    }


def test_learned_measures_of_known_pictures() -> None:
    frames = columns(4)
    assert of_picture(frames[0], frames[-1], GREY) | {"ssim": 0} == {
        "mse": 1, "l1": 1, "psnr": 0, "ssim": 0, "lpips": 1, "clip": 1, "dino": 1,
    }  # fmt: skip
    assert lpips_profile(frames, GREY) == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    assert lpips_iou(frames, frames[..., ::-1, :], GREY) == 0
    assert lpips_iou(columns(2), frames, GREY) == 1
    assert lpips_iou(sheets(0, 50), sheets(0, 52), GREY) == 0, "only one of them is above 0.2"


def test_an_even_process_of_half_the_canvas() -> None:
    """Only the left half is painted, in two steps."""
    frames = sheets(255, 255, 255, size=(16, 16))
    frames[1:, :, :4] = 0
    frames[2:, :, 4:8] = 0
    measured = of_process(frames, THRESHOLD)
    assert measured["changed"] == 0.25
    assert measured["kept"] == 1
    assert measured["moving_away"] == 0
    assert measured["mean_progress"] == pytest.approx(0.5)
    assert measured["compactness"] == 1
    assert measured["blankness"] == 0


def test_every_figure_is_finite() -> None:
    for frames in (noise(0), sheets(5, 5), sheets(0, 255), columns(4)[::-1]):
        measured = of_process(frames, THRESHOLD) | against_reference(
            frames, sheets(5, 5, size=frames.shape[1:3]), 0.1, GREY
        )
        assert all(math.isfinite(value) for value in measured.values())
