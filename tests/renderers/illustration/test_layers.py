import numpy as np
import numpy.typing as npt
import pytest

from underpaint.renderers.illustration.clip import make_clip
from underpaint.renderers.illustration.layers import (
    COLOUR,
    ERASE,
    LAYERED_COLUMNS,
    LINE,
    MULTIPLY,
    OVER,
    SCREEN,
    SKETCH,
    Layers,
)
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.tiles import make_grid

Float32 = npt.NDArray[np.float32]
SIDE = 32
GROUND = np.array([0.8, 0.5, 0.2], np.float32)
# The left half is region 0.
HALVES = np.repeat([[0, 1]], SIDE, axis=0).repeat(SIDE // 2, axis=1).astype(np.uint8)


def stroke(**values: float) -> Float32:
    """One stroke across the middle, on the colour layer and clipped to nothing."""
    plain = {"cx": 16, "cy": 16, "length": 60, "r0": 6, "r1": 6, "a0": 0.5, "a1": 0.5, "layer": COLOUR, "region": -1}
    plain |= {"red": 0.4, "green": 0.6, "blue": 1.0}
    return np.array([[(plain | values).get(name, 0) for name in LAYERED_COLUMNS]], np.float32)


def painted(*strokes: Float32, side: int = SIDE) -> Float32:
    grid = make_grid(side, side)
    layers = Layers.blank(grid, make_clip(HALVES, grid), GROUND)
    layers.lay(np.concatenate(strokes))
    return layers.image()


@pytest.mark.parametrize(
    ("blend", "result"),
    [
        (OVER, 0.5 * GROUND + 0.5 * np.array([0.4, 0.6, 1.0])),
        (MULTIPLY, GROUND * (0.5 + 0.5 * np.array([0.4, 0.6, 1.0]))),
        (SCREEN, 1 - (1 - GROUND) * (1 - 0.5 * np.array([0.4, 0.6, 1.0]))),
    ],
)
def test_a_blend_is_what_drawing_programs_call_so(blend: int, result: npt.NDArray[np.float64]) -> None:
    image = painted(stroke(blend=blend))
    assert np.allclose(image[16, 16], result, atol=1e-6)
    assert np.allclose(image[2, 2], GROUND)


def test_the_line_stays_above_the_sketch_and_both_above_the_colours() -> None:
    line, sketch = stroke(layer=LINE, red=0, a0=1, a1=1), stroke(layer=SKETCH, red=1, a0=1, a1=1)
    colour = stroke(blue=0.5)
    late = painted(line, sketch, colour)
    assert (late == painted(colour, sketch, line)).all()
    assert (late[16, 16] == line[0, 9:12]).all()
    assert (painted(sketch, colour)[16, 16] == sketch[0, 9:12]).all()


def test_strokes_of_a_line_join_without_a_dot() -> None:
    line = stroke(layer=LINE)
    assert np.allclose(painted(line, line), painted(line), atol=1e-6)


def test_an_eraser_clears_its_own_layer_only() -> None:
    sketch, line = stroke(layer=SKETCH, red=1), stroke(layer=LINE, red=0, cy=4, r0=2, r1=2)
    eraser = stroke(blend=ERASE, layer=SKETCH, a0=1, a1=1, r0=50, r1=50)
    assert (painted(sketch, line, eraser) == painted(line)).all()
    half = stroke(blend=ERASE, layer=SKETCH, r0=50, r1=50)
    assert np.allclose(painted(sketch, half), (painted(sketch) + GROUND) / 2, atol=1e-6)


@pytest.mark.parametrize("side", [SIDE, 4 * SIDE])
def test_a_stroke_stays_in_its_region_at_any_size(side: int) -> None:
    wide = stroke(region=1, r0=3 * side, r1=3 * side, a0=1, a1=1)
    image, half = painted(wide, side=side), side // 2
    assert np.allclose(image[:, : half - 1], GROUND)
    assert np.allclose(image[:, half + 1 :], wide[0, 9:12])


def test_a_stroke_may_run_on_under_later_regions_but_not_earlier_ones() -> None:
    wide = {"r0": 99, "r1": 99, "a0": 1, "a1": 1, "under": 1}
    assert np.allclose(painted(stroke(region=0, **wide)), stroke()[0, 9:12], atol=1e-6)
    assert np.allclose(painted(stroke(region=1, **wide))[:, :14], GROUND)
    # Two flats that meet leave no seam of ground.
    both = painted(stroke(region=0, **wide), stroke(region=1, **wide))
    assert np.allclose(both, stroke()[0, 9:12], atol=1e-6)


def test_columns_begin_with_those_of_every_medium() -> None:
    assert LAYERED_COLUMNS[: len(COLUMNS)] == COLUMNS
