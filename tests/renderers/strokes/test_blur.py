import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from underpaint.renderers.strokes.blur import blurred


@pytest.mark.parametrize("mode", ["nearest", "reflect"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_scipys_but_for_its_last_bit(mode: str, dtype: type) -> None:
    plane = np.random.default_rng(0).random((9, 30)).astype(dtype)
    smooth = blurred(plane, 2.3, mode)  # type: ignore[arg-type]
    assert smooth.dtype == dtype
    np.testing.assert_allclose(smooth, gaussian_filter(plane, 2.3, mode=mode), rtol=1e-6)
