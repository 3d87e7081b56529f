"""Random networks in the files that real ones come in."""

from __future__ import annotations

from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, Dinov2Config, Dinov2Model

from underpaint.pipelines.evaluation.frechet import CLASSES
from underpaint.pipelines.evaluation.lpips import CHANNELS

SIDE = 32  # px of what CLIP and DINO look at


def features(name: str) -> nn.Module:
    """Torchvision's AlexNet or VGG-16 without its classifier, which LPIPS doesn't need; the same every time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network: nn.Module = getattr(torchvision.models, name)(weights=None)
    return network.features


def linear(name: str) -> dict[str, Tensor]:
    """Weights of the linear layers, which are never negative."""
    generator = torch.Generator().manual_seed(1)
    shapes = {f"lin{layer}.model.1.weight": (1, count, 1, 1) for layer, count in enumerate(CHANNELS[name])}
    return {key: torch.rand(shape, generator=generator) for key, shape in shapes.items()}


def save_lpips(folder: Path, name: str) -> tuple[Path, Path]:
    """Linear layers as safetensors, backbone as torch saves it."""
    save_file(linear(name), folder / f"{name}-linear.safetensors")
    backbone = {f"features.{key}": value for key, value in features(name).state_dict().items()}
    torch.save(backbone | {"classifier.1.weight": torch.zeros(1)}, folder / f"{name}.pth")
    return folder / f"{name}-linear.safetensors", folder / f"{name}.pth"


def save_clip(folder: Path) -> str:
    """A tiny CLIP with its image processor."""
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = tower | {"image_size": SIDE, "patch_size": 8}
    config = CLIPConfig(text_config=tower | {"vocab_size": 64}, vision_config=vision, projection_dim=8)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        CLIPModel(config).save_pretrained(folder)
    _processor().save_pretrained(folder)
    return str(folder)


def save_dino(folder: Path) -> str:
    """A tiny DINOv2 with its image processor."""
    config = Dinov2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=SIDE, patch_size=8, layerscale_value=1.0
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        Dinov2Model(config).save_pretrained(folder)
    _processor().save_pretrained(folder)
    return str(folder)


def _processor() -> CLIPImageProcessor:
    return CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})


def save_inception(path: Path) -> Path:
    """The network of FID with random weights, under which features stay small."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        network = torchvision.models.inception_v3(
            weights=None, num_classes=CLASSES, aux_logits=False, init_weights=False
        )
    save_file(network.state_dict(), path)
    return path
