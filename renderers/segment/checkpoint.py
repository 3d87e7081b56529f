"""Segment Anything checkpoints: what to download, and a file -> the model that it holds.

The package's own `sam_model_registry` unpickles the file and has to be told the model's size. Here only weights are
read, and the size is told from their shapes.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from segment_anything.modeling import Sam
    from torch import Tensor


class Published(NamedTuple):
    """A checkpoint that the authors publish."""

    url: str
    sha256: str
    embed_dim: int
    depth: int


_FOLDER = "https://dl.fbaipublicfiles.com/segment_anything"
PUBLISHED = {
    "vit_h": Published(
        f"{_FOLDER}/sam_vit_h_4b8939.pth",
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        1280,
        32,
    ),
    "vit_l": Published(
        f"{_FOLDER}/sam_vit_l_0b3195.pth",
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        1024,
        24,
    ),
    "vit_b": Published(
        f"{_FOLDER}/sam_vit_b_01ec64.pth",
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        768,
        12,
    ),
}

# Of the package's build_sam.py: not to be seen in the weights.
_DECODER_HEADS = 8
_PIXEL_MEAN, _PIXEL_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def download_advice() -> str:
    """Return what to download, with the expected sha256 of each file."""
    files = "\n".join(f"  {name}: {file.url}\n    sha256 {file.sha256}" for name, file in PUBLISHED.items())
    return f"download one of these Segment Anything checkpoints and give its path:\n{files}"


def import_sam() -> tuple[Any, Any]:
    """Return the modules torch and segment_anything.

    Raises:
        ImportError: saying how to install them.
    """
    try:
        import segment_anything
        import torch
        import torchvision  # noqa: F401  the package imports it only while it makes masks
    except ImportError as error:
        raise ImportError(
            f"the segmenter sam needs torch, torchvision and segment-anything ({error}): "
            "pip install 'underpaint[sam]', or use the segmenter classic"
        ) from error
    return torch, segment_anything


def _count(weights: Mapping[str, Tensor], prefix: str) -> int:
    """Return how many numbered layers there are under `prefix`."""
    return len({name[len(prefix) :].split(".")[0] for name in weights if name.startswith(prefix)})


def model_type(weights: Mapping[str, Tensor]) -> str:
    """Return `vit_h`, `vit_l` or `vit_b`, or `custom` for any other size."""
    size = weights["image_encoder.patch_embed.proj.weight"].shape[0], _count(weights, "image_encoder.blocks.")
    return next((name for name, file in PUBLISHED.items() if (file.embed_dim, file.depth) == size), "custom")


def _encoder_settings(weights: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the arguments of ImageEncoderViT."""
    torch, _ = import_sam()
    embed_dim, _, patch, _ = weights["image_encoder.patch_embed.proj.weight"].shape
    grid = weights["image_encoder.pos_embed"].shape[1]
    depth = _count(weights, "image_encoder.blocks.")
    # A table of relative positions has a row for each of 2 size - 1 offsets, and a column for each number of a head.
    tables = [weights[f"image_encoder.blocks.{k}.attn.rel_pos_h"].shape for k in range(depth)]
    sizes = [(rows + 1) // 2 for rows, _ in tables]
    return {
        "img_size": grid * patch,
        "patch_size": patch,
        "embed_dim": embed_dim,
        "depth": depth,
        "num_heads": embed_dim // tables[0][1],
        "mlp_ratio": weights["image_encoder.blocks.0.mlp.lin1.weight"].shape[0] / embed_dim,
        "out_chans": weights["image_encoder.neck.0.weight"].shape[0],
        "norm_layer": functools.partial(torch.nn.LayerNorm, eps=1e-6),
        "use_rel_pos": True,
        "global_attn_indexes": tuple(k for k, size in enumerate(sizes) if size == grid),
        # If every block sees the whole picture there are no windows.
        "window_size": min(sizes) if min(sizes) < grid else 0,
    }


def build_model(weights: Mapping[str, Tensor]) -> Sam:
    """Return the empty model whose weights have these names and shapes, on torch's current default device.

    Raises:
        KeyError, ValueError: if they are not those of a Segment Anything model.
    """
    torch, package = import_sam()
    modeling = package.modeling
    encoder = _encoder_settings(weights)
    dim, grid = encoder["out_chans"], encoder["img_size"] // encoder["patch_size"]
    model = modeling.Sam(
        image_encoder=modeling.ImageEncoderViT(**encoder),
        prompt_encoder=modeling.PromptEncoder(
            embed_dim=dim,
            image_embedding_size=(grid, grid),
            input_image_size=(encoder["img_size"], encoder["img_size"]),
            mask_in_chans=weights["prompt_encoder.mask_downscaling.3.weight"].shape[0],
        ),
        mask_decoder=modeling.MaskDecoder(
            num_multimask_outputs=weights["mask_decoder.mask_tokens.weight"].shape[0] - 1,
            transformer=modeling.TwoWayTransformer(
                depth=_count(weights, "mask_decoder.transformer.layers."),
                embedding_dim=dim,
                mlp_dim=weights["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0],
                num_heads=_DECODER_HEADS,
            ),
            transformer_dim=dim,
            iou_head_depth=_count(weights, "mask_decoder.iou_prediction_head.layers."),
            iou_head_hidden_dim=weights["mask_decoder.iou_prediction_head.layers.0.weight"].shape[0],
        ),
    )
    # No part of a checkpoint, so they are set here.
    model.pixel_mean = torch.tensor(_PIXEL_MEAN, device="cpu").view(-1, 1, 1)
    model.pixel_std = torch.tensor(_PIXEL_STD, device="cpu").view(-1, 1, 1)
    return model


def load_checkpoint(path: Path) -> tuple[Sam, str]:
    """Read a checkpoint (weights only, nothing is unpickled) into a model on the CPU, ready to segment.

    Returns:
        the model, and its type (see `model_type`).

    Raises:
        ValueError: if there is no such file, or it is damaged, or holds anything else than Segment Anything weights;
            the message says what to download.
        ImportError: see `import_sam`.
    """
    torch, _ = import_sam()
    if not path.is_file():
        raise ValueError(f"there is no Segment Anything checkpoint {str(path)!r}; {download_advice()}")
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        # Without memory: the weights take the place of the empty ones.
        with torch.device("meta"):
            model = build_model(weights)
        model.load_state_dict(weights, strict=True, assign=True)
    except (MemoryError, ImportError):
        raise
    except Exception as error:  # a file of any content may fail in any way
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"{str(path)!r} is no Segment Anything checkpoint, or a damaged one "
            f"({path.stat().st_size} bytes, sha256 {_sha256(path)}; {type(error).__name__}: {reason[0]}); "
            f"{download_advice()}"
        ) from error
    return model.float().eval(), model_type(weights)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
