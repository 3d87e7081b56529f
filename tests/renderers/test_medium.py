import numpy as np
import pytest

from underpaint.renderers.medium import LOOKS, Medium, Painter


def test_a_medium_must_do_everything() -> None:
    class Half(Medium):
        name = "half"
        options = object

    class Lazy(Painter):
        pass

    with pytest.raises(TypeError, match=r"check.*fit.*painter.*progress"):
        Half()  # type: ignore[abstract]
    with pytest.raises(TypeError, match=r"paint_until.*pixels"):
        Lazy()  # type: ignore[abstract]


class Brightening(Painter):
    """A canvas that each mark brightens by 1 of 255."""

    def __init__(self) -> None:
        self.laid, self.looks = 0, 0

    def paint_until(self, count: int) -> None:
        self.laid = count

    def pixels(self) -> np.ndarray:
        self.looks += 1
        return np.full((4, 5, 3), self.laid // 4, np.uint8)


def test_changes_are_seen_by_looking_at_the_canvas_now_and_then() -> None:
    painter = Brightening()
    steps = painter.changes(1000)
    assert steps.shape == (1000,)
    assert steps.sum() == pytest.approx(250 / 255)
    assert np.cumsum(steps)[[99, 499]] == pytest.approx([25 / 255, 125 / 255], abs=3 / 255)
    assert painter.looks == LOOKS + 1


def test_the_change_of_each_of_few_marks_is_exact() -> None:
    np.testing.assert_allclose(Brightening().changes(8), [0, 0, 0, 1 / 255, 0, 0, 0, 1 / 255])
    assert Brightening().changes(0).shape == (0,)
