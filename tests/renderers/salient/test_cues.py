import numpy as np

from tests.pictures import load_picture
from underpaint.renderers.saliency import superpixel_cues
from underpaint.renderers.salient.weights import WEIGHTS
from underpaint.renderers.segment import picture_hierarchy


def test_every_cue_has_a_weight_and_a_number_for_each_superpixel() -> None:
    picture = load_picture("motorcycle", (96, 128))
    parents, found, areas, parts = superpixel_cues(picture, picture_hierarchy(picture))
    assert list(found) == list(WEIGHTS)
    assert parents.max() + 1 == len(areas) <= 200
    for name, values in found.items():
        assert values.shape == areas.shape == parts[0].shape, name
        assert np.isfinite(values).all(), name
        # Stretched, a share, or a few times a unit: none outweighs all others by its scale alone.
        assert np.abs(values).max() < 12, name


def test_an_object_on_a_plain_ground_has_the_cues_of_one() -> None:
    picture = np.full((90, 120, 3), (60, 110, 160), np.uint8)
    picture[30:60, 45:75] = (200, 120, 40)
    hierarchy = picture_hierarchy(picture)
    parents, found, _, _ = superpixel_cues(picture, hierarchy)
    labels = parents[hierarchy.labels]
    ground, thing = labels[2, 2], labels[45, 60]
    for name in ("cost", "path", "unlike border", "least unlike border", "red"):
        assert found[name][thing] > found[name][ground] + 0.3, name
    for name in ("background", "border of coarse region", "border of fine region"):
        assert found[name][thing] < found[name][ground] - 0.3, name


def test_a_band_reaches_across_and_an_object_does_not() -> None:
    picture = np.full((90, 120, 3), (150, 190, 230), np.uint8)
    picture[20:45], picture[60:80, 50:70] = (90, 110, 140), (200, 40, 30)
    hierarchy = picture_hierarchy(picture)
    parents, found, _, _ = superpixel_cues(picture, hierarchy)
    labels = parents[hierarchy.labels]
    for cut in ("coarse", "fine"):
        across = found[f"across of {cut} region"]
        assert (across[labels[32, 5]], across[labels[70, 60]]) == (1, 0)
