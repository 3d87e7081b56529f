"""Strokes and what they are for stay together."""

import numpy as np

from underpaint.renderers.manner.marks import BLOCK_IN, DRAWING, MODELLING, PHASES, Brushwork


def strokes(count: int, first: int) -> np.ndarray:
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, None], 13, axis=1)


def test_strokes_keep_what_they_are_for_in_any_order() -> None:
    lines = Brushwork.of(strokes(2, 0), DRAWING, 0, -1)
    flats = Brushwork.of(strokes(3, 2), BLOCK_IN, 1, np.array([4, 5, 6], np.int32))
    marks = lines.then(flats).then(Brushwork.none()).then(Brushwork.of(strokes(1, 5), MODELLING, 9, 7))
    assert len(marks) == 6
    assert [PHASES[phase] for phase in marks.phase] == ["drawing"] * 2 + ["block-in"] * 3 + ["modelling"]
    order = np.array([5, 3, 0])
    taken = marks.take(order)
    assert taken.strokes[:, 0].tolist() == [5, 3, 0]
    assert taken.phase.tolist() == [MODELLING, BLOCK_IN, DRAWING]
    assert taken.level.tolist() == [9, 1, 0]
    assert taken.rank.tolist() == [7, 5, -1]
    assert len(marks.take(marks.phase == BLOCK_IN)) == 3


def test_fields_keep_their_types() -> None:
    none = Brushwork.none()
    assert none.strokes.shape == (0, 13)
    for marks in (none, none.then(Brushwork.of(strokes(2, 0), BLOCK_IN, 0, 3))):
        assert marks.strokes.dtype == np.float32
        assert all(field.dtype == np.int32 for field in (marks.phase, marks.level, marks.rank))
