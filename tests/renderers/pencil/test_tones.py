import numpy as np

from tests.pictures import load_picture
from underpaint.renderers.pencil.tones import pencil_target, pencil_tones


def flat(value: int) -> np.ndarray:
    return np.full((16, 16, 3), value, np.uint8)


def test_white_is_bare_paper_and_black_the_densest_graphite() -> None:
    assert (pencil_tones(flat(255), 0.2) == 1).all()
    np.testing.assert_allclose(pencil_tones(flat(0), 0.2), 0.2)
    assert (pencil_target(flat(255), np.array([0.8, 1, 0.6], np.float32), 0.2) == (204, 255, 153)).all()


def test_tones_rise_with_brightness_and_the_middle_is_lifted() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    tones = pencil_tones(ramp, 0.1)[0]
    assert (np.diff(tones) >= 0).all()
    assert tones[128] > 0.1 + 0.9 * 0.55


def test_a_picture_without_contrast_gets_none() -> None:
    image = np.asarray(load_picture("coffee", (32, 32)) // 8 + 112, np.uint8)
    assert np.ptp(pencil_tones(image, 0.15)) < 0.3
