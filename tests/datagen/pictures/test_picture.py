import pytest

from underpaint.datagen.pictures.picture import BadPicture, crop_box


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((40, 40), (0, 0, 40, 40)),
        ((60, 40), (10, 0, 50, 40)),
        ((40, 60), (0, 10, 40, 50)),
        ((41, 40), (0.5, 0, 40.5, 40)),
    ],
)
def test_the_square_is_in_the_centre_to_half_a_pixel(size, box):
    assert crop_box(*size, square=True) == box
    assert crop_box(*size, square=False) == (0, 0, *size)


def test_the_square_is_in_the_centre_of_the_window():
    window = (0.25, 0.0, 0.75, 0.5)
    assert crop_box(80, 40, square=False, window=window) == (20, 0, 60, 20)
    assert crop_box(80, 40, square=True, window=window) == (30, 0, 50, 20)


def test_a_verdict_says_what_and_why():
    bad = BadPicture("too-small", "3 x 3 px")
    assert (bad.reason, bad.detail, str(bad)) == ("too-small", "3 x 3 px", "too-small: 3 x 3 px")
