"""Flats: each region gets about its colour, the farthest first, and runs under what comes later."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from tests.pictures import load_picture
from tests.renderers.manner.conftest import UInt8, covered, laid, landscape, scene_of
from underpaint.renderers.manner.flats import FlatBrush, block_in, planar_colour
from underpaint.renderers.manner.marks import BLOCK_IN, DRAWING, Brushwork
from underpaint.renderers.order.scene import Scene, look
from underpaint.renderers.strokes.columns import A0, A1, BLUE, R0, R1, RED

PAPER = (1.0, 1.0, 1.0)
SIZE = (150, 200)
PICTURE, LABELS = landscape(*SIZE)
SCENE = scene_of(LABELS, [0, 1, 2])


def flats_of(picture: UInt8 = PICTURE, scene: Scene = SCENE, budget: int = 60, **changes: Any) -> Brushwork:
    ground, nothing = np.array(PAPER, np.float32), Brushwork.none()
    values = {"under": nothing, "brush": FlatBrush(radius_max=0.08), "margin": 0.05, "seed": 0, **changes}
    return block_in(picture, scene, ground, budget=budget, **values)


# --- the colour of a region


def gradient(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    return np.stack([0.2 + 0.5 * x, 0.7 - 0.4 * y, 0.3 + 0.2 * x + 0.2 * y], axis=2)


def test_an_even_gradient_is_kept_but_for_its_ends() -> None:
    image = gradient(60, 80)
    mask = np.ones((60, 80), np.bool_)
    plane = planar_colour(image, mask)
    assert plane.dtype == np.float32
    assert np.abs(plane - image)[12:-12, 16:-16].max() < 0.05
    assert np.abs(plane - image).max() < 0.12
    # The middle of the picture has its colour, and the slopes their signs.
    np.testing.assert_allclose(plane[30, 40], image[30, 40], atol=0.01)
    slopes = plane[40, 60] - plane[20, 20]
    assert (slopes > 0).tolist() == [True, False, True]


def test_only_the_region_has_a_say() -> None:
    image, mask = gradient(60, 80), np.zeros((60, 80), np.bool_)
    mask[10:40, 5:35] = True
    other = image.copy()
    other[~mask] = 1
    np.testing.assert_array_equal(planar_colour(image, mask), planar_colour(other, mask))


def test_beyond_a_region_its_colour_is_none_that_it_hasn_t() -> None:
    image, mask = gradient(60, 160), np.zeros((60, 160), np.bool_)
    mask[:, :96] = True
    plane = planar_colour(image, mask)
    assert (plane >= image[mask].min(axis=0) - 1e-6).all()
    assert (plane <= image[mask].max(axis=0) + 1e-6).all()


@pytest.mark.parametrize(
    "place", [(slice(7, 8), slice(3, 4)), (slice(0, 20), slice(9, 10)), (slice(0, 2), slice(0, 1))]
)
def test_a_region_of_a_pixel_or_a_line_has_a_colour(place: tuple[slice, slice]) -> None:
    image, mask = gradient(20, 30), np.zeros((20, 30), np.bool_)
    mask[place] = True
    plane = planar_colour(image, mask)
    assert np.isfinite(plane).all()
    np.testing.assert_allclose(plane[mask], image[mask], atol=0.12)


# --- blocking in


def test_each_region_gets_its_colour_all_over_the_picture() -> None:
    marks = flats_of()
    canvas = laid(marks.strokes, *SIZE, PAPER)
    assert (canvas != 1).any(axis=2).mean() > 0.97
    for region in range(3):
        inside = distance_transform_edt(region == LABELS) > 4
        wanted = PICTURE[region == LABELS][0] / 255
        assert np.abs(canvas[inside] - wanted).mean() < 0.03
        strokes = marks.strokes[marks.rank == region]
        np.testing.assert_allclose(strokes[:, RED : BLUE + 1].mean(axis=0), wanted, atol=0.01)


def test_a_photograph_is_blocked_in(photo: UInt8, scene: Scene) -> None:
    marks = flats_of(photo, scene)
    canvas = laid(marks.strokes, *photo.shape[:2], PAPER)
    before, after = (np.abs(seen - photo / 255).mean() for seen in (np.ones_like(canvas), canvas))
    assert after < 0.25 * before
    assert after < 0.12


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_the_farthest_region_is_blocked_in_first(order: list[int]) -> None:
    marks = flats_of(scene=scene_of(LABELS, order))
    assert (np.diff(marks.rank) >= 0).all()
    assert (marks.phase == BLOCK_IN).all()
    for rank, region in enumerate(order):
        strokes = covered(marks.strokes[marks.rank == rank], *SIZE)
        assert strokes[region == LABELS].mean() > 0.9


def test_what_lies_behind_is_covered_by_what_lies_before_it() -> None:
    sun, front_last = LABELS == 2, laid(flats_of(margin=0.1).strokes, *SIZE, PAPER)
    wanted = PICTURE[sun][0] / 255
    assert np.abs(front_last[sun] - wanted).mean() < 0.05
    sun_first = laid(flats_of(scene=scene_of(LABELS, [2, 0, 1]), margin=0.1).strokes, *SIZE, PAPER)
    assert np.abs(sun_first[sun] - wanted).mean() > np.abs(front_last[sun] - wanted).mean()


def test_paper_of_the_region_s_colour_is_left_as_it_is() -> None:
    picture = PICTURE.copy()
    picture[LABELS == 0] = 255
    marks = flats_of(picture, margin=0.0)
    assert set(marks.rank.tolist()) == {1, 2}
    sky = distance_transform_edt(LABELS == 0) > 8
    assert (laid(marks.strokes, *SIZE, PAPER)[sky] == 1).all()


def reach(marks: Brushwork, labels: np.ndarray, rank: int, into: int) -> float:
    """How far, in pixels, the strokes of a region cover another, on average along their border."""
    paint = covered(marks.strokes[marks.rank == rank], *SIZE) & (labels == into)
    border = (distance_transform_edt(labels != rank) < 1.5) & (labels == into)
    return float(paint.sum() / border.sum())


def test_a_flat_runs_under_what_comes_later_as_far_as_the_margin_says() -> None:
    labels = np.repeat(np.digitize(np.arange(200), [70, 130])[None], 150, axis=0)
    picture = np.array([(120, 160, 220), (60, 120, 50), (240, 210, 90)], np.uint8)[labels]
    under, over = [], []
    for margin in (0.0, 0.05, 0.1):
        marks = flats_of(picture, scene_of(labels, [0, 1, 2]), margin=margin)
        under.append([reach(marks, labels, 0, 1), reach(marks, labels, 1, 2)])
        over.append([reach(marks, labels, 1, 0), reach(marks, labels, 2, 1)])
    assert np.abs(np.diff(under, axis=0) - 0.05 * 200).max() < 0.02 * 200
    # And no farther over what is painted already than a brush does.
    assert np.max(over) < 0.025 * 200


@pytest.mark.parametrize("budget", [12, 40, 120])
def test_about_as_many_strokes_are_used_as_asked_for(budget: int) -> None:
    assert 0.4 * budget <= len(flats_of(budget=budget)) <= 1.4 * budget + 2


def test_larger_regions_get_more_strokes() -> None:
    of_rank = np.bincount(flats_of(budget=60).rank)
    assert of_rank[0] > of_rank[1] > of_rank[2] > 0
    # By the root of their areas.
    expected = np.sqrt(np.bincount(LABELS.ravel()))
    np.testing.assert_allclose(of_rank / of_rank.sum(), expected / expected.sum(), atol=0.06)


@pytest.mark.parametrize("budget", [0, 1])
def test_no_budget_blocks_nothing_in(budget: int) -> None:
    assert len(flats_of(budget=budget)) == 0


def test_strokes_look_as_the_brush_says() -> None:
    brush = FlatBrush(radius_max=0.06, opacity=0.8, opacity_min=0.7)
    strokes = flats_of(brush=brush).strokes
    assert strokes[:, R0 : R1 + 1].max() < 1.11 * 0.06 * 200
    assert strokes[:, A0 : A1 + 1].min() >= np.float32(0.7)
    assert (strokes[:, A0] == np.float32(0.8)).mean() > 0.4


def test_the_seed_alone_decides() -> None:
    for level in (0, 1):
        first, again, other = (
            marks.strokes[marks.level == level].tobytes() for marks in (flats_of(seed=seed) for seed in (4, 4, 5))
        )
        assert first == again != other


def test_a_narrower_brush_makes_good_what_the_rows_leave(photo: UInt8, scene: Scene) -> None:
    marks = flats_of(photo, scene)
    rows = marks.take(marks.level == 0)
    assert 0.1 < 1 - len(rows) / len(marks) < 0.4
    errors = [np.abs(laid(part.strokes, *photo.shape[:2], PAPER) - photo / 255).mean() for part in (rows, marks)]
    assert errors[1] < errors[0]
    assert rows.strokes[:, R0].mean() > 1.2 * marks.strokes[marks.level == 1, R0].mean()


def test_what_is_painted_already_is_seen(make_stroke: Callable[..., np.ndarray]) -> None:
    """The whole sheet has the colour of the sky: it needs no flat."""
    red, green, blue = PICTURE[0, 0] / 255
    wash = make_stroke(cx=100, cy=75, length=100, r0=200, r1=200, red=red, green=green, blue=blue)
    marks = flats_of(under=Brushwork.of(wash[None], DRAWING, 0, -1), margin=0.0)
    assert set(marks.rank.tolist()) == {1, 2}


def test_regions_of_a_pixel_do_no_harm() -> None:
    labels = np.zeros((40, 300), np.int32)
    labels[20, 151], labels[:, 0] = 1, 2
    marks = flats_of(load_picture("coffee", (40, 300)), scene_of(labels, [0, 2, 1]))
    assert np.isfinite(marks.strokes).all()
    assert (marks.strokes[:, R0 : R1 + 1] > 0).all()


def test_noise_is_blocked_in() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (33, 47, 3)).astype(np.uint8)
    marks = flats_of(noise, look(noise))
    assert np.isfinite(marks.strokes).all()
    assert len(marks) > 0
