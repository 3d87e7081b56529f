"""The workflow for ComfyUI: all nodes are wired, and named as the programs name them."""

from __future__ import annotations

import json
from pathlib import Path

WORKFLOW = Path(__file__).parents[1] / "examples" / "comfyui" / "reconstruct.json"
# Outputs of each kind of node, and the inputs that it needs.
NODES = {
    "CheckpointLoaderSimple": (("MODEL", "CLIP", "VAE"), {"ckpt_name": str}),
    "LoraLoader": (
        ("MODEL", "CLIP"),
        {"model": "MODEL", "clip": "CLIP", "lora_name": str, "strength_model": float, "strength_clip": float},
    ),
    "ADE_AnimateDiffLoRALoader": (("MOTION_LORA",), {"name": str, "strength": float}),
    "ADE_AnimateDiffLoaderGen1": (
        ("MODEL",),
        {"model": "MODEL", "motion_lora": "MOTION_LORA", "model_name": str, "beta_schedule": str},
    ),
    "CLIPTextEncode": (("CONDITIONING",), {"clip": "CLIP", "text": str}),
    "EmptyLatentImage": (("LATENT",), {"width": int, "height": int, "batch_size": int}),
    "LoadImage": (("IMAGE", "MASK"), {"image": str}),
    "ACN_SparseCtrlRGBPreprocessor": (("IMAGE",), {"image": "IMAGE", "vae": "VAE", "latent_size": "LATENT"}),
    "ACN_SparseCtrlIndexMethodNode": (("SPARSE_METHOD",), {"indexes": str}),
    "ACN_SparseCtrlLoaderAdvanced": (
        ("CONTROL_NET",),
        {
            "sparsectrl_name": str,
            "use_motion": bool,
            "motion_strength": float,
            "motion_scale": float,
            "sparse_method": "SPARSE_METHOD",
        },
    ),
    "ControlNetApplyAdvanced": (
        ("CONDITIONING", "CONDITIONING"),
        {
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "control_net": "CONTROL_NET",
            "image": "IMAGE",
            "strength": float,
            "start_percent": float,
            "end_percent": float,
        },
    ),
    "KSampler": (
        ("LATENT",),
        {
            "model": "MODEL",
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "latent_image": "LATENT",
            "seed": int,
            "steps": int,
            "cfg": float,
            "sampler_name": str,
            "scheduler": str,
            "denoise": float,
        },
    ),
    "VAEDecode": (("IMAGE",), {"samples": "LATENT", "vae": "VAE"}),
    "SaveAnimatedWEBP": (
        (),
        {"images": "IMAGE", "filename_prefix": str, "fps": float, "lossless": bool, "quality": int, "method": str},
    ),
}


def test_every_input_is_there_and_of_its_kind() -> None:
    workflow = json.loads(WORKFLOW.read_text())
    for name, node in workflow.items():
        _, inputs = NODES[node["class_type"]]
        assert node["inputs"].keys() == inputs.keys(), name
        for key, kind in inputs.items():
            value = node["inputs"][key]
            if isinstance(kind, str):
                source, number = value
                assert NODES[workflow[source]["class_type"]][0][number] == kind, (name, key)
            else:
                assert type(value) is kind, (name, key)


def test_it_samples_with_animatediffs_betas() -> None:
    assert json.loads(WORKFLOW.read_text())["motion"]["inputs"]["beta_schedule"] == "sqrt_linear (AnimateDiff)"
