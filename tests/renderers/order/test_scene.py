import numpy as np

from tests.pictures import load_picture
from underpaint.renderers.order.scene import look


def strips() -> np.ndarray:
    """Sky, far hills, a meadow, and a red ball on it."""
    image = np.zeros((96, 96, 3), np.uint8)
    image[:30], image[30:50], image[50:] = (150, 190, 230), (90, 110, 140), (100, 160, 70)
    y, x = np.mgrid[:96, :96]
    image[(y - 66) ** 2 + (x - 48) ** 2 < 14**2] = (200, 40, 30)
    return image


def test_the_sky_comes_first_and_the_subject_last():
    image = strips()
    scene = look(image)
    ball, sky, hills, meadow = (scene.labels[y, x] for y, x in ((66, 48), (10, 48), (40, 10), (90, 10)))
    assert scene.subject.tolist() == [number == ball for number in range(len(scene.order))]
    assert scene.order.tolist() == [sky, hills, meadow, ball]
    assert (scene.ranks[scene.order] == np.arange(len(scene.order))).all()


def test_a_depth_map_decides_what_is_far():
    depth = np.repeat(np.linspace(1, 0, 96, dtype=np.float32)[:, None], 96, axis=1)  # near above
    scene = look(strips(), depth=depth)
    sky, meadow = scene.labels[10, 48], scene.labels[90, 10]
    assert scene.order[0] == meadow
    assert scene.order[-1] == sky


def test_a_saliency_map_decides_what_is_the_subject():
    saliency = np.zeros((96, 96), np.float32)
    saliency[:30] = 1
    scene = look(strips(), saliency=saliency)
    assert scene.subject.nonzero()[0].tolist() == [scene.labels[10, 48]] == [scene.order[-1]]
    np.testing.assert_array_equal(scene.saliency, saliency)


def test_every_region_is_painted_once_and_finer_means_more():
    image = load_picture("coffee", (96, 144))
    coarse, fine = look(image, detail=0.7), look(image, detail=2.0)
    for scene in (coarse, fine):
        assert sorted(scene.order) == list(range(scene.labels.max() + 1))
    assert len(fine.order) > len(coarse.order)


def test_a_large_picture_is_looked_at_in_a_small_copy():
    image, saliency = strips(), np.zeros((96, 96), np.float32)
    saliency[:30] = 1
    for maps in ({}, {"saliency": saliency}, {"depth": saliency}):
        small = look(image, **maps)
        large = look(np.repeat(np.repeat(image, 3, 0), 3, 1), side=96, **{
            name: np.repeat(np.repeat(plane, 3, 0), 3, 1) for name, plane in maps.items()
        })  # fmt: skip
        for name in ("labels", "saliency"):
            np.testing.assert_array_equal(getattr(large, name)[1::3, 1::3], getattr(small, name))
            assert getattr(large, name).shape == (288, 288)
        assert large.order.tolist() == small.order.tolist()


def test_narrow_pictures_may_be_looked_at_small():
    scene = look(np.random.default_rng(0).integers(0, 256, (16, 1200, 3), np.uint8), side=256)
    assert sorted(scene.order) == np.unique(scene.labels).tolist()
