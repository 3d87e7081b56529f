import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.order.scene import look
from underpaint.renderers.region.order import region_means
from underpaint.renderers.salient.faces import faces


def test_a_face_is_found_where_it_is_at_every_size():
    for height, width in ((128, 128), (256, 256), (300, 200)):
        face = faces(load_picture("astronaut", (height, width)))
        assert 0.01 < face.mean() < 0.08
        y, x = (axis.mean() for axis in np.nonzero(face))
        # Of the whole picture the face's middle is at 22 % from above and at 44 % from the left.
        assert y / height == pytest.approx(0.22, abs=0.05)
        assert x / width == pytest.approx(0.44, abs=0.05)


@pytest.mark.parametrize("name", ["cat", "coffee", "temple"])
def test_cats_cups_and_temples_have_no_face(name):
    assert not faces(load_picture(name, (128, 160))).any()


@pytest.mark.parametrize("size", [(16, 16), (12, 200), (24, 400)])
def test_small_and_narrow_pictures_have_none(size):
    assert not faces(load_picture("astronaut", size)).any()


def test_the_face_comes_last_whole_and_is_where_one_looks():
    image = load_picture("astronaut", (128, 128))
    scene, face = look(image), faces(image)
    share = region_means(scene.labels, face.astype(np.float32))
    own = share > 0.5
    assert face[own[scene.labels]].sum() >= 0.5 * face.sum()
    assert own[scene.order[-own.sum() :]].all()
    assert scene.saliency[face].min() == 1
    # Regions are numbered without gaps.
    assert sorted(scene.order) == np.unique(scene.labels).tolist()


def test_a_map_of_the_user_s_is_believed():
    image = load_picture("astronaut", (128, 128))
    saliency = np.zeros((128, 128), np.float32)
    saliency[90:] = 1
    assert look(image, saliency=saliency).saliency.tobytes() == saliency.tobytes()


def test_who_draws_outlines_sees_the_face_and_cuts_no_ellipse_out_of_it():
    image = load_picture("astronaut", (128, 128))
    scene, plain = look(image, cut_faces=False), look(image, saliency=look(image).saliency)
    np.testing.assert_array_equal(scene.labels, plain.labels)
    assert scene.saliency[faces(image)].min() == 1
    assert len(look(image).order) == len(scene.order) + 1
