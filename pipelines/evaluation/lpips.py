"""LPIPS: learned perceptual distance of two pictures (Zhang et al. 2018, arXiv 1801.03924, version 0.1)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from underpaint.pipelines.evaluation.weights import read_weights

# Where the features are taken: ends of slices of torchvision's `features`, each after a ReLU; and their channels.
SLICES = {"alexnet": (2, 5, 8, 10, 12), "vgg16": (4, 9, 16, 23, 30)}
CHANNELS = {"alexnet": (64, 192, 384, 256, 256), "vgg16": (64, 128, 256, 512, 512)}
# Its authors normalise with these, for values in -1..1; they are close to ImageNet's.
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
SMALLEST = 32  # px; below, AlexNet's pooling leaves nothing


class Lpips:
    """LPIPS on AlexNet or VGG-16, whichever the linear layers were trained for.

    Args:
        linear: weights of the five linear layers, `lin0.model.1.weight` and so on, as its authors ship them.
        backbone: torchvision's weights of the network, `features.0.weight` and so on.
        device: of torch.

    Raises:
        ValueError: not such weights.
    """

    def __init__(self, linear: Path, backbone: Path, device: str) -> None:
        lines = _linear_layers(linear)
        channels = tuple(line.shape[1] for line in lines)
        found = [name for name in CHANNELS if CHANNELS[name] == channels]
        if not found:
            raise ValueError(f"{linear} has linear layers for {channels} channels: neither AlexNet's nor VGG-16's")
        self.name = found[0]
        network = getattr(torchvision.models, self.name)(weights=None).features
        weights = read_weights(backbone)
        features = {n.removeprefix("features."): w for n, w in weights.items() if n.startswith("features.")}
        try:
            network.load_state_dict(features)
        except RuntimeError as error:
            raise ValueError(f"{backbone} doesn't hold torchvision's {self.name}, which {linear} needs") from error
        self._slices = [
            network[start:end].eval().requires_grad_(False).to(device)
            for start, end in zip((0, *SLICES[self.name][:-1]), SLICES[self.name], strict=True)
        ]
        self._lines = [line.to(device) for line in lines]
        self._shift = torch.tensor(SHIFT, device=device).reshape(1, 3, 1, 1)
        self._scale = torch.tensor(SCALE, device=device).reshape(1, 3, 1, 1)

    def distance(self, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
        """Return the distance of two uint8 (H, W, 3); 0 for equal ones, seldom above 1.

        Raises:
            ValueError: pictures of less than 32 px.
        """
        return float(sum(layer.mean() for layer in self._layers(a, b)))

    def difference(self, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the distance at each pixel, the layers enlarged and added up: float32 (H, W).

        Raises:
            ValueError: pictures of less than 32 px.
        """
        size = a.shape[:2]
        maps = [functional.interpolate(layer, size, mode="bilinear") for layer in self._layers(a, b)]
        result: NDArray[np.float32] = torch.stack(maps).sum(0)[0, 0].cpu().numpy()
        return result

    @torch.no_grad()
    def _layers(self, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> list[Tensor]:
        assert a.shape == b.shape, f"pictures of one shape are compared, not {a.shape} and {b.shape}"
        if min(a.shape[:2]) < SMALLEST:
            raise ValueError(f"LPIPS needs pictures of {SMALLEST} px, this has {a.shape[1]} x {a.shape[0]}")
        pair = torch.from_numpy(np.stack([a, b])).to(self._shift.device).permute(0, 3, 1, 2)
        features = (pair / 127.5 - 1 - self._shift) / self._scale
        layers = []
        for part, line in zip(self._slices, self._lines, strict=True):
            features = part(features)
            unit = features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)
            layers.append(functional.conv2d((unit[:1] - unit[1:]).square(), line))
        return layers


def _linear_layers(path: Path) -> list[Tensor]:
    """Five weights, each (1, channels, 1, 1)."""
    weights = read_weights(path)
    lines = [weights.get(f"lin{layer}.model.1.weight") for layer in range(5)]
    if any(line is None or line.ndim != 4 for line in lines):
        raise ValueError(f"{path} doesn't hold LPIPS's linear layers: lin0.model.1.weight to lin4.model.1.weight")
    return [line.float() for line in lines if line is not None]
