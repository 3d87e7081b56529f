import numpy as np
import numpy.typing as npt
import pytest

from underpaint.renderers.pencil.paper import paper_hollows
from underpaint.renderers.pencil.surface import DUTY, FADE, GRAIN, LIFT, LINES, PENCIL_COLUMNS, SLANT, TOOTH, draw_marks
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, CX, CY, EDGE, LENGTH, R0, R1, RED, scale_strokes
from underpaint.renderers.strokes.tiles import from_tiles, make_grid

Float32 = npt.NDArray[np.float32]


def mark(**columns: float) -> Float32:
    """A level stroke of full strength in the middle of a sheet of 64 px."""
    stroke = np.zeros((1, len(PENCIL_COLUMNS)), np.float32)
    stroke[0, [CX, CY, LENGTH, R0, R1, A0, A1]] = 32, 32, 30, 12, 12, 1, 1
    names = {"lines": LINES, "slant": SLANT, "duty": DUTY, "fade": FADE, "tooth": TOOTH, "lift": LIFT, "edge": EDGE}
    names |= {"radius": R0, "colour": RED, "bow": BOW, "grain": GRAIN}
    for name, value in columns.items():
        stroke[0, names[name]] = value
    stroke[0, R1], stroke[0, RED : BLUE + 1] = stroke[0, R0], stroke[0, RED]
    return stroke


def drawn(strokes: Float32, size: int = 64, ground: float = 1.0) -> Float32:
    grid = make_grid(size, size)
    canvas = np.full((len(grid.y_TP), len(grid.x_TP), 1, 64), ground, np.float32)
    draw_marks(canvas, grid.x_TP, grid.y_TP, paper_hollows(grid), scale_strokes(strokes, size / 64))
    return from_tiles(canvas, size, size)[:, :, 0]


@pytest.mark.parametrize("slant", [0.0, np.pi / 2])
def test_a_patch_of_hatching_is_lines_with_gaps_along_its_slant(slant: float) -> None:
    middle = drawn(mark(lines=4, slant=slant, duty=0.4))[22:42, 22:42]
    across, along = (middle.mean(axis=axis).std() for axis in ((1, 0) if slant == 0 else (0, 1)))
    assert across > 3 * along
    assert middle.min() < 0.5
    assert (middle > 0.99).mean() > 0.3


def test_patches_that_touch_share_their_lines() -> None:
    left, right = mark(lines=6, slant=1.0, duty=0.4), mark(lines=6, slant=1.0, duty=0.4, grain=0.7)
    left[0, CX], right[0, CX] = 26, 38
    one, other = drawn(left)[26:38, 28:36] < 0.9, drawn(right)[26:38, 28:36] < 0.9
    assert (one == other).mean() > 0.9


def test_a_line_may_fade_or_end_straight() -> None:
    straight, fading = (drawn(mark(radius=2, fade=fade))[32] for fade in (0, 0.4))
    assert straight[18] == straight[32] == 0
    assert fading[18] > 0.3 > fading[32]


def test_hollows_of_the_paper_stay_light() -> None:
    hollows = from_tiles(paper_hollows(make_grid(64, 64))[:, :, None], 64, 64)[24:40, 24:40, 0]
    grained = drawn(mark(tooth=0.6))[24:40, 24:40]
    assert np.corrcoef(hollows.ravel(), grained.ravel())[0, 1] > 0.95
    assert (drawn(mark())[24:40, 24:40] == 0).all()


def test_graphite_only_darkens_and_an_eraser_lifts() -> None:
    assert drawn(mark(colour=0.5), ground=0.4)[32, 32] == np.float32(0.2)
    assert drawn(mark(colour=1, lift=1), ground=0.4)[32, 32] == 1


def test_a_sheet_is_the_same_at_every_size() -> None:
    strokes = mark(lines=5, slant=0.6, duty=0.5, tooth=0.4, edge=4)
    double = drawn(strokes, 256).reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(double - drawn(strokes, 128)).mean() < 0.015
