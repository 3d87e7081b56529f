import pytest

from underpaint.renderers.medium import Medium, Painter


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
