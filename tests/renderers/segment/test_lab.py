import numpy as np
from skimage.color import rgb2lab

from underpaint.renderers.segment.lab import to_lab


def test_lab_is_that_of_scikit_image() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    picture[:, :5] = np.arange(40)[:, None, None]
    np.testing.assert_allclose(to_lab(picture).transpose(1, 2, 0), rgb2lab(picture), atol=1e-4)
