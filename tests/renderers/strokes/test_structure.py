import numpy as np
import numpy.typing as npt
import pytest
from numba import njit
from skimage.filters import sobel

from tests.pictures import load_picture
from underpaint.renderers.strokes.structure import orientation, structure_tensor

Float32 = npt.NDArray[np.float32]


@njit
def _orientation(tensor, y, x):  # type: ignore[no-untyped-def]
    return orientation(tensor, y, x)


def at(tensor: Float32, y: float, x: float) -> tuple[float, float]:
    angle, clarity = _orientation(tensor, np.float32(y), np.float32(x))
    return float(angle), float(clarity)


def stripes(angle: float, height: int = 60, width: int = 80) -> Float32:
    """Stripes that run in direction `angle`."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 0.5 + 0.5 * np.sin((y * np.cos(angle) - x * np.sin(angle)) * 0.6)
    return np.repeat(wave[:, :, None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 9)[:-1])
def test_orientation_runs_along_stripes(angle: float) -> None:
    found, clarity = at(structure_tensor(stripes(angle)), 0.5, 0.5)
    # Directions are equal up to half a turn.
    assert abs(np.sin(found - angle)) < 0.03
    assert clarity > 0.95


def test_flat_picture_and_noise_have_no_clear_direction() -> None:
    assert at(structure_tensor(np.full((30, 40, 3), 0.4, np.float32)), 0.5, 0.5)[1] < 1e-3
    noise = np.random.default_rng(0).random((64, 64, 3), np.float32)
    tensor = structure_tensor(noise)
    places = np.random.default_rng(1).random((200, 2))
    assert np.mean([at(tensor, y, x)[1] for y, x in places]) < 0.5


def test_tensor_is_large_where_a_real_picture_has_edges() -> None:
    picture = load_picture("temple", (120, 160)).astype(np.float32) / np.float32(255)
    tensor = structure_tensor(picture)
    assert tensor.shape == (3, 120, 160)
    assert (
        np.corrcoef(np.sqrt(np.maximum(tensor[0] + tensor[1], 0)).ravel(), sobel(picture.mean(axis=2)).ravel())[0, 1]
        > 0.6
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 4), (16, 1000)])
def test_any_shape_gives_finite_directions_and_a_clarity_of_0_to_1(shape: tuple[int, int]) -> None:
    """Half black-and-white noise, half flat: the running sums of the blur must not drift out of range."""
    picture = np.zeros((*shape, 3), np.float32)
    half = (shape[1] + 1) // 2
    picture[:, :half] = np.random.default_rng(0).integers(0, 2, (shape[0], half, 1))
    tensor = structure_tensor(picture)
    assert np.isfinite(tensor).all()
    for y, x in np.random.default_rng(1).random((100, 2)):
        angle, clarity = at(tensor, y, x)
        assert np.isfinite(angle)
        assert -1e-3 <= clarity <= 1.001


def test_places_on_and_beyond_the_border_are_taken_from_the_last_pixel() -> None:
    tensor = structure_tensor(stripes(0.3))
    for beyond in (1.0, 1.01):
        assert at(tensor, beyond, beyond) == at(tensor, 0.9999, 0.9999)
