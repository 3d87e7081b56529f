import dataclasses

import numpy as np
import pytest

from underpaint.renderers.ink.dressing import COLOUR, CONTOURS, TEXTURE, WASHES
from underpaint.renderers.ink.habits import InkHabits
from underpaint.renderers.ink.sheet import SheetOrder, sheet_order
from underpaint.renderers.ink.surface import INK_COLUMNS
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.strokes.columns import A0, A1, CX, CY, LENGTH, R0, R1

# The left half is near, the right half far. Marks by layers: number, phase, centre, length, radius.
MARKS = np.array(
    [
        (CONTOURS, 48, 16, 6, 1), (CONTOURS, 16, 16, 6, 1), (CONTOURS, 10, 16, 6, 1), (CONTOURS, 54, 16, 6, 1),
        (TEXTURE, 50, 16, 4, 1), (TEXTURE, 14, 16, 4, 1),
        (WASHES, 32, 16, 12, 6), (WASHES, 48, 20, 6, 2), (WASHES, 16, 20, 6, 2), (WASHES, 12, 16, 12, 4),
        (COLOUR, 16, 16, 8, 4), (COLOUR, 48, 16, 8, 4),
    ]
)  # fmt: skip
HABITS = InkHabits(place=1.0, detail=1.0, drawing=0.0, washing="place", glaze=0.5)


def ordered(**habits: object) -> SheetOrder:
    marks = np.zeros((len(MARKS), len(INK_COLUMNS)), np.float32)
    marks[:, [CX, CY, LENGTH, R0]], marks[:, R1] = MARKS[:, 1:], MARKS[:, 4]
    marks[:, A0 : A1 + 1] = 0.5
    labels = np.zeros((32, 64), np.int32)
    labels[:, :32] = 1
    scene = Scene(
        labels=labels,
        order=np.array([0, 1], np.int32),
        subject=np.array([False, True]),
        saliency=np.zeros((32, 64), np.float32),
    )
    return sheet_order(marks, MARKS[:, 0].astype(np.uint8), scene, dataclasses.replace(HABITS, **habits))


def test_near_before_far_each_with_lines_texture_and_washes_and_colour_over_all() -> None:
    sheet = ordered()
    assert sheet.order.tolist() == [1, 2, 5, 8, 9, 0, 3, 4, 7, 6, 10, 11]
    # The wash in the middle reaches over both, so it waits for the end with the colours.
    assert sheet.region.tolist() == [0] * 5 + [1] * 4 + [-1] * 3
    assert sheet.place.tolist() == [0] * 5 + [1] * 4 + [2] + [3] * 2


def test_without_a_glaze_every_wash_belongs_to_its_region() -> None:
    assert (ordered(glaze=0.0).region[:-2] >= 0).all()


def test_the_first_lines_are_drawn_before_anything_else() -> None:
    sheet = ordered(drawing=0.5)
    assert sheet.order.tolist() == [0, 1, 2, 5, 8, 9, 3, 4, 7, 6, 10, 11]
    assert sheet.region[:2].tolist() == [-1, -1]


@pytest.mark.parametrize(("washing", "near"), [("place", [2, 5, 9, 1, 8]), ("region", [2, 1, 5, 9, 8])])
def test_a_place_is_washed_once_it_is_drawn_or_the_whole_region_is(washing: str, near: list[int]) -> None:
    assert ordered(washing=washing, place=0.08, glaze=0.0).order[:5].tolist() == near
