import numpy as np

from tests.datagen.tars import CANVAS
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.drawn import SIDE, Drawn
from underpaint.datagen.pictures.guides import read_guide, read_welcome_guide
from underpaint.datagen.scenes.drawing import draw


def test_a_drawn_picture_is_decoded_as_a_file_is():
    place = Drawn(3)
    picture = decode_picture(place, CANVAS)
    assert picture.size == (SIDE, SIDE)
    assert picture.pixels.shape == (CANVAS.size, CANVAS.size, 3)


def test_its_maps_lie_beside_it():
    place = Drawn(3, 1)
    picture, drawn = decode_picture(place, CANVAS), draw(place.scene, SIDE)
    for name, values in (("depth", drawn.depth), ("saliency", drawn.saliency)):
        guide = read_guide(place, name, picture, CANVAS)
        assert guide.origin == "drawn with the picture"
        assert abs(guide.values.mean() - values.mean()) < 0.01
        assert np.array_equal(guide.values, read_welcome_guide(place, name, picture, CANVAS).values)
    assert place.guide("normals") is None


def test_larger_canvases_get_larger_pictures():
    assert Drawn(0).large_enough(512).side == 512
    assert Drawn(0).large_enough(64).side == SIDE
