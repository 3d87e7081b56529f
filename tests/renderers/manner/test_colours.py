"""The colour that the picture has where a stroke lies."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.renderers.manner.conftest import UInt8, covered
from underpaint.renderers.manner.colours import colours_below
from underpaint.renderers.strokes.columns import A0, A1, CX, CY, EDGE, R0, R1

MakeStroke = Callable[..., np.ndarray]


def halves() -> UInt8:
    """Red above, blue below row 30."""
    picture = np.zeros((60, 80, 3), np.uint8)
    picture[:30], picture[30:] = (200, 0, 0), (0, 0, 100)
    return picture


@pytest.mark.parametrize(("radius", "off"), [(1.0, 1e-6), (3.0, 1e-6), (12.0, 0.06)])
def test_an_even_part_has_its_colour_however_wide_the_brush(make_stroke: MakeStroke, radius: float, off: float) -> None:
    strokes = np.stack([make_stroke(cx=40, cy=y, theta=0, length=20, r0=radius, r1=radius) for y in (13, 46)])
    found = colours_below(halves(), strokes)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[200 / 255, 0, 0], [0, 0, 100 / 255]], atol=off)


def test_a_stroke_is_looked_at_from_end_to_end_along_its_bend(make_stroke: MakeStroke) -> None:
    upright = make_stroke(cx=40, cy=30, theta=np.pi / 2, length=40, r0=1, r1=1)
    red, _, blue = colours_below(halves(), upright[None])[0] / (200 / 255, 1, 100 / 255)
    assert 0.3 < red < 0.7
    assert red + blue == pytest.approx(1)
    # The chord lies above the border, the middle of the bend below it.
    level = {"cx": 40, "cy": 27, "theta": 0, "length": 40, "r0": 1, "r1": 1}
    straight, bent = (colours_below(halves(), make_stroke(**level, bow=bow)[None])[0] for bow in (0, 8))
    assert straight[2] == 0
    assert 0.3 < bent[2] / (100 / 255) < 1


def test_a_wide_brush_sees_the_mean_and_not_a_pixel(make_stroke: MakeStroke) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    wide, fine = (
        colours_below(noise, np.stack([make_stroke(cx=x, cy=64, r0=r, r1=r, length=4 * r) for x in range(40, 88)]))
        for r in (8.0, 0.8)
    )
    assert np.abs(wide - 0.5).max() < 0.1
    assert np.abs(fine - 0.5).max() > 0.25


def test_it_is_about_the_mean_of_what_the_stroke_covers(
    photo: UInt8, random_strokes: Callable[..., np.ndarray]
) -> None:
    strokes = random_strokes(40, *photo.shape[:2], 3)
    strokes[:, R1] = strokes[:, R0]
    strokes[:, CX], strokes[:, CY] = np.clip(strokes[:, CX], 8, 120), np.clip(strokes[:, CY], 8, 88)
    strokes[:, EDGE] = 0
    found, off = colours_below(photo, strokes), []
    for stroke, colour in zip(strokes, found, strict=True):
        opaque = stroke.copy()
        opaque[[A0, A1]] = 1
        off.append(np.abs(photo[covered(opaque[None], *photo.shape[:2])].mean(axis=0) / 255 - colour).max())
    assert np.mean(off) < 0.05
    assert np.max(off) < 0.3


def test_strokes_beside_the_picture_see_its_border(make_stroke: MakeStroke) -> None:
    strokes = np.stack([make_stroke(cx=-30, cy=-40), make_stroke(cx=300, cy=200), make_stroke(r0=400, r1=400)])
    found = colours_below(halves(), strokes)
    np.testing.assert_allclose(found[:2], [[200 / 255, 0, 0], [0, 0, 100 / 255]], atol=1e-6)
    assert ((found >= 0) & (found <= 1)).all()


def test_no_strokes_have_no_colours() -> None:
    assert colours_below(halves(), np.zeros((0, 13), np.float32)).shape == (0, 3)
