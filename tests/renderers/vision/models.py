"""Small networks with random weights, in the files that real ones come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def save_onnx(
    path: Path,
    *,
    side: int | str = 32,
    outputs: int = 1,
    channels: int = 1,
    gain: float = 1.0,
    ends_early: bool = False,
) -> Path:
    """A network that takes for salient what is red: the sigmoid of the first channel, or what comes before that."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros((channels, 3, 1, 1), np.float32)
    weights[:, 0] = gain
    makers = [helper.make_node("Conv", ["input", "weights"], ["raw"])]
    makers += [helper.make_node("Identity" if ends_early else "Sigmoid", ["raw"], [f"d{k}"]) for k in range(outputs)]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])
    maps = [
        helper.make_tensor_value_info(f"d{k}", TensorProto.FLOAT, [1, channels, side, side]) for k in range(outputs)
    ]
    graph = helper.make_graph(makers, "salient", [picture], maps, [numpy_helper.from_array(weights, "weights")])
    # Releases of onnx and onnxruntime differ in the newest that they know.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def save_depth(folder: Path, kind: str = "relative") -> Path:
    """A tiny Depth Anything with its image processor; the same every time."""
    import torch
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config, DPTImageProcessor

    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
        out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False,
        apply_layernorm=True,
        layerscale_value=1.0,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=8,
        depth_estimation_type=kind,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network = DepthAnythingForDepthEstimation(config)
    with torch.no_grad():  # random ones as small as those of a new network make a map of zeros
        generator = torch.Generator().manual_seed(8)
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.3)
        network.head.conv3.bias.fill_(5.0)
    network.save_pretrained(folder)
    processor = DPTImageProcessor(
        size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14, do_pad=False
    )
    processor.save_pretrained(folder)
    return folder


def save_sam(folder: Path) -> Path:
    """A tiny Segment Anything of transformers with its image processor."""
    import torch
    from transformers import (
        SamConfig,
        SamImageProcessor,
        SamMaskDecoderConfig,
        SamModel,
        SamPromptEncoderConfig,
        SamVisionConfig,
    )

    vision = SamVisionConfig(
        hidden_size=16,
        output_channels=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=64,
        patch_size=16,
        window_size=2,
        global_attn_indexes=[1],
        mlp_dim=32,
        num_pos_feats=8,
    )
    prompts = SamPromptEncoderConfig(hidden_size=16, image_size=64, patch_size=16, mask_input_channels=4)
    decoder = SamMaskDecoderConfig(
        hidden_size=16, mlp_dim=32, num_attention_heads=2, iou_head_hidden_dim=16, attention_downsample_rate=2
    )
    with torch.random.fork_rng():
        torch.manual_seed(6)
        config: Any = SamConfig(vision_config=vision, prompt_encoder_config=prompts, mask_decoder_config=decoder)
        SamModel(config).save_pretrained(folder)
    size = {"longest_edge": 64}
    SamImageProcessor(size=size, pad_size={"height": 64, "width": 64}, mask_size={"longest_edge": 16}).save_pretrained(
        folder
    )
    return folder


def save_blip(folder: Path) -> Path:
    """A tiny BLIP with a tokenizer of a few words."""
    import torch
    from transformers import (
        BertTokenizerFast,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipImageProcessor,
        BlipProcessor,
    )

    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "a", "red", "barn"]
    (folder / "vocab.txt").write_text("\n".join(words))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = tower | {
        "vocab_size": len(words),
        "encoder_hidden_size": 16,
        "bos_token_id": 5,
        "pad_token_id": 0,
        "eos_token_id": 3,
        "sep_token_id": 3,
        "max_position_embeddings": 64,
    }
    config = BlipConfig(text_config=text, vision_config=tower | {"image_size": 32, "patch_size": 16})
    with torch.random.fork_rng():
        torch.manual_seed(7)
        network = BlipForConditionalGeneration(config)
    with torch.no_grad():
        for bias in network.text_decoder.cls.predictions.parameters():
            if bias.shape == (len(words),):
                bias[8] = 9.0  # whatever it sees is a barn
    network.save_pretrained(folder)
    processor = BlipImageProcessor(size={"height": 32, "width": 32})
    BlipProcessor(processor, tokenizer).save_pretrained(folder)
    return folder
