"""V0."""
from __future__ import annotations
import numpy as np
import numpy.typing as npt
from skimage.color import rgb2lab

def saliency(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """How much each pixel belongs to the salient object.

    Args:
        image: uint8 (H, W, 3).

    Returns:
        float32 (H, W), 0..1 (all 0 for a picture of one colour).
    """
    lab = rgb2lab(image)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]]).mean(axis=0)
    distance = np.sqrt(((lab - border) ** 2).sum(axis=2))
    return np.asarray(distance / max(distance.max(), 1e-6) * (distance.max() > 1), np.float32)
