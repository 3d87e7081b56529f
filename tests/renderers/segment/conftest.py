"""A small Segment Anything model made of the package's own classes, and its checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw


@pytest.fixture(scope="session")
def torch() -> Any:
    """torch on one thread; skips without torch and segment-anything."""
    pytest.importorskip("segment_anything")
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def make_small_sam(torch: Any) -> Any:
    """Image encoder of 2 blocks (one with windows), everything else as in the published models but narrower."""
    from segment_anything import modeling

    torch.manual_seed(3)
    model = modeling.Sam(
        image_encoder=modeling.ImageEncoderViT(
            img_size=128,
            embed_dim=32,
            depth=2,
            num_heads=2,
            out_chans=32,
            norm_layer=lambda dim: torch.nn.LayerNorm(dim, eps=1e-6),
            use_rel_pos=True,
            rel_pos_zero_init=False,
            window_size=3,
            global_attn_indexes=(1,),
        ),
        prompt_encoder=modeling.PromptEncoder(
            embed_dim=32, image_embedding_size=(8, 8), input_image_size=(128, 128), mask_in_chans=8
        ),
        mask_decoder=modeling.MaskDecoder(
            transformer_dim=32,
            transformer=modeling.TwoWayTransformer(depth=2, embedding_dim=32, mlp_dim=64, num_heads=8),
            iou_head_hidden_dim=32,
        ),
    )
    return model.eval()


@pytest.fixture(scope="session")
def small_sam(torch: Any) -> Any:
    return make_small_sam(torch)


@pytest.fixture(scope="session")
def small_checkpoint(torch: Any, small_sam: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("sam") / "small.pth"
    torch.save(small_sam.state_dict(), path)
    return path


@pytest.fixture(scope="session")
def shapes() -> npt.NDArray[np.uint8]:
    """A red disc and a blue square on grey, 96 x 128: three regions that nobody could mistake."""
    picture = Image.new("RGB", (128, 96), (150, 150, 150))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((15, 20, 60, 65), fill=(190, 40, 40))
    draw.rectangle((75, 40, 115, 80), fill=(40, 60, 180))
    return np.asarray(picture)


@pytest.fixture(scope="session")
def connected() -> Callable[[npt.NDArray[np.int32]], bool]:
    """Whether labels are 0..R-1, each one 4-connected region."""
    from scipy.ndimage import label

    def check(labels: npt.NDArray[np.int32]) -> bool:
        return all(label(labels == region)[1] == 1 for region in range(int(labels.max()) + 1))

    return check
