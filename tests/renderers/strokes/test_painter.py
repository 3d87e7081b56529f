import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import get_medium, paint
from underpaint.renderers.strokes.painter import StrokePainter

UInt8 = npt.NDArray[np.uint8]


class Counting(StrokePainter):
    """Adds up what it lays."""

    def __init__(self) -> None:
        super().__init__(np.arange(10, dtype=np.float32)[:, None], 16, 24)
        self.laid: list[float] = []

    def _lay(self, strokes: npt.NDArray[np.float32]) -> None:
        self.laid += strokes[:, 0].tolist()

    def pixels(self) -> UInt8:
        return np.full((16, 24, 3), len(self.laid), np.uint8)


def test_every_stroke_is_laid_once_and_in_order() -> None:
    painter = Counting()
    for count in (0, 3, 3, 9, 10):
        painter.paint_until(count)
        assert painter.laid == list(range(count))


@pytest.mark.parametrize("count", [2, 11])
def test_going_back_or_beyond_the_last_is_a_mistake(count: int) -> None:
    painter = Counting()
    painter.paint_until(3)
    with pytest.raises(AssertionError):
        painter.paint_until(count)


@pytest.mark.parametrize("medium", ["bezier", "oil", "ink", "pencil", "illustration"])
def test_rendering_what_has_changed_gives_the_same_as_rendering_all(medium: str) -> None:
    process = paint(load_picture("coffee", (93, 126)), renderer=medium, strokes=150, quality="draft")
    height, width = process.program.size
    painter = get_medium(medium).painter(process.program, height, width)
    for count in range(0, len(process.program), 3):
        painter.paint_until(count)
        seen = painter.pixels()
        np.testing.assert_array_equal(seen, process.program.replay(strokes=count))
        seen[:] = 0  # the caller's own
