"""Fréchet Inception Distance: how alike two sets of pictures are as a whole (Heusel et al. 2017, arXiv 1706.08500)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torchvision.models.inception import InceptionA, InceptionC, InceptionE

from underpaint.pipelines.evaluation.weights import read_weights

CLASSES = 1008  # of the network that FID is defined with; torchvision's own has 1000, and gives other figures
SIDE = 299

Features = NDArray[np.float64]


class Inception:
    """The Inception-v3 of TensorFlow's 2015-12-05 release, as pytorch-fid carried it over.

    It differs from torchvision's in its weights and in the pooling of eight blocks.

    Raises:
        ValueError: other weights.
    """

    def __init__(self, weights: Path, device: str) -> None:
        network = torchvision.models.inception_v3(
            weights=None, num_classes=CLASSES, aux_logits=False, init_weights=False
        )
        _as_in_tensorflow(network)
        try:
            network.load_state_dict(read_weights(weights))
        except RuntimeError as error:
            raise ValueError(
                f"{weights} doesn't hold the Inception of FID, which has {CLASSES} classes: torchvision's won't do"
            ) from error
        network.fc = torch.nn.Identity()
        self._network = network.eval().requires_grad_(False).to(device)
        self._device = device

    @torch.no_grad()
    def features(self, picture: NDArray[np.uint8]) -> Features:
        """Return float64 (2048,) of a uint8 (H, W, 3), enlarged or shrunk to 299 px as pytorch-fid does it."""
        image = torch.from_numpy(np.array(picture)).to(self._device).permute(2, 0, 1)[None] / 255
        image = functional.interpolate(image, (SIDE, SIDE), mode="bilinear", align_corners=False)
        result: Features = self._network(2 * image - 1)[0].cpu().double().numpy()
        return result


def frechet_distance(a: Features, b: Features) -> float:
    """Return the distance of the Gaussians that fit two sets of features, float64 (n, d) each; 0 and more.

    |m - m'|² + tr(S + S' - 2 √(S S')), with the covariances S = AᵀA and S' = BᵀB: the root's trace is the sum of the
    singular values of A Bᵀ, exact also for fewer samples than dimensions.

    Raises:
        ValueError: fewer than two samples in a set.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"FID compares two sets of pictures; {min(len(a), len(b))} is no set")
    root_a, root_b = _root(a), _root(b)
    mixed = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    return max(0.0, float(means + np.square(root_a).sum() + np.square(root_b).sum() - 2 * mixed))


def _root(features: Features) -> Features:
    """A with AᵀA = covariance, and no more rows than columns."""
    centred = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    if len(centred) <= centred.shape[1]:
        return np.array(centred, np.float64)
    root: Any = np.linalg.qr(centred, mode="r")
    return np.array(root, np.float64)


def _as_in_tensorflow(network: Any) -> None:
    """Pool as TensorFlow does: averages count no padding, and the very last block takes maxima (a slip of 2015)."""
    for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        getattr(network, name).forward = _block_a(getattr(network, name))
    for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        getattr(network, name).forward = _block_c(getattr(network, name))
    network.Mixed_7b.forward = _block_e(network.Mixed_7b, _average)
    network.Mixed_7c.forward = _block_e(network.Mixed_7c, _maximum)


def _average(x: Tensor) -> Tensor:
    return functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def _maximum(x: Tensor) -> Tensor:
    return functional.max_pool2d(x, 3, stride=1, padding=1)


def _block_a(block: InceptionA) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        wide = block.branch5x5_2(block.branch5x5_1(x))
        double = block.branch3x3dbl_3(block.branch3x3dbl_2(block.branch3x3dbl_1(x)))
        return torch.cat([block.branch1x1(x), wide, double, block.branch_pool(_average(x))], 1)

    return forward


def _block_c(block: InceptionC) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        single = block.branch7x7_3(block.branch7x7_2(block.branch7x7_1(x)))
        double = block.branch7x7dbl_3(block.branch7x7dbl_2(block.branch7x7dbl_1(x)))
        double = block.branch7x7dbl_5(block.branch7x7dbl_4(double))
        return torch.cat([block.branch1x1(x), single, double, block.branch_pool(_average(x))], 1)

    return forward


def _block_e(block: InceptionE, pool: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def forward(x: Tensor) -> Tensor:
        single = block.branch3x3_1(x)
        single = torch.cat([block.branch3x3_2a(single), block.branch3x3_2b(single)], 1)
        double = block.branch3x3dbl_2(block.branch3x3dbl_1(x))
        double = torch.cat([block.branch3x3dbl_3a(double), block.branch3x3dbl_3b(double)], 1)
        return torch.cat([block.branch1x1(x), single, double, block.branch_pool(pool(x))], 1)

    return forward
