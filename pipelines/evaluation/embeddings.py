"""Likeness of two pictures by what a network says they show: CLIP and DINO, loaded by transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional
from transformers import AutoConfig, AutoImageProcessor, AutoModel, CLIPModel

from underpaint.models.finite import check_finite
from underpaint.models.weights import one_line


class Embedder:
    """A network that embeds pictures: CLIP's image embedding, or the class token of another vision transformer.

    Args:
        model: a folder of transformers with safetensors and its image processor, or a hub id.
        kinds: the kinds of model that are meant, as transformers calls them, such as `dinov2`.
        device: of torch.

    Raises:
        ValueError: no such model, or one of another kind.
    """

    def __init__(self, model: str, kinds: tuple[str, ...], device: str) -> None:
        try:
            kind = AutoConfig.from_pretrained(model).model_type
            if kind not in kinds:
                raise ValueError(f"it is a {kind} model, not one of {', '.join(kinds)}")
            loader: Any = CLIPModel if kind == "clip" else AutoModel
            self._network: Any = loader.from_pretrained(model, use_safetensors=True)
            self._processor: Any = AutoImageProcessor.from_pretrained(model)
        except Exception as error:  # of damaged files transformers raises anything
            raise ValueError(f"model {model} can't be used: {one_line(error)}") from error
        check_finite(self._network.state_dict(), model)
        self._network.eval().requires_grad_(False).to(device)
        self._kind, self._device = kind, device

    def similarity(self, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
        """Return the cosine of the angle between the vectors of two uint8 (H, W, 3); -1 to 1, 1 for equal pictures."""
        return float(functional.cosine_similarity(self._embed(a), self._embed(b)).item())

    @torch.no_grad()
    def _embed(self, picture: NDArray[np.uint8]) -> Tensor:
        inputs = self._processor(images=Image.fromarray(picture), return_tensors="pt").to(self._device)
        if self._kind == "clip":
            vision = self._network.vision_model(**inputs)
            return torch.as_tensor(self._network.visual_projection(vision.pooler_output))
        return torch.as_tensor(self._network(**inputs).last_hidden_state[:, 0])


# What `--clip` and `--dino` take; DINO's first models are plain vision transformers.
CLIP = ("clip",)
DINO = ("vit", "dinov2", "dinov2_with_registers", "dinov3_vit")
