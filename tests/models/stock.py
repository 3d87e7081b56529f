"""Run by itself: loads a folder of saved artefacts with diffusers alone, paints with each, and saves the latents."""

import sys
from pathlib import Path

import torch
from diffusers import (
    AnimateDiffPipeline,
    AnimateDiffSparseControlNetPipeline,
    MotionAdapter,
    SparseControlNetModel,
    StableDiffusionPipeline,
)
from PIL import Image
from safetensors.torch import save_file

FRAMES, STEPS, PROMPT = 5, 2, "A red barn"
COLOUR, SHOWN = (200, 40, 90), 3


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    latents = torch.randn(1, 4, FRAMES, 16, 16, generator=torch.Generator().manual_seed(11))
    options = {"num_inference_steps": STEPS, "guidance_scale": 1.0, "output_type": "latent"}
    painted = {}

    image = StableDiffusionPipeline.from_pretrained(folder / "base", use_safetensors=True)
    image.set_progress_bar_config(disable=True)
    painted["base"] = image(PROMPT, latents=latents[:, :, 0], **options).images

    def animate() -> AnimateDiffPipeline:
        adapter = MotionAdapter.from_pretrained(folder / "motion", use_safetensors=True)
        pipeline = AnimateDiffPipeline.from_pretrained(folder / "base", motion_adapter=adapter, use_safetensors=True)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    pipeline = animate()
    options |= {"height": 64, "width": 64, "num_frames": FRAMES, "latents": latents}
    painted["motion"] = pipeline(PROMPT, **options).frames
    for name in ("spatial.diffusers", "spatial.kohya", "temporal.diffusers"):
        pipeline.load_lora_weights(folder, weight_name=f"{name}.safetensors")
        painted[name] = pipeline(PROMPT, **options).frames
        pipeline.unload_lora_weights()

    control = AnimateDiffSparseControlNetPipeline(
        vae=image.vae,
        text_encoder=image.text_encoder,
        tokenizer=image.tokenizer,
        unet=image.unet,
        motion_adapter=MotionAdapter.from_pretrained(folder / "motion", use_safetensors=True),
        controlnet=SparseControlNetModel.from_pretrained(folder / "replication", use_safetensors=True),
        scheduler=image.scheduler,
    )
    control.set_progress_bar_config(disable=True)
    shown = [Image.new("RGB", (64, 64), COLOUR)]
    # The pipeline draws the condition from the autoencoder's posterior, with the global generator.
    torch.manual_seed(17)
    painted["replication"] = control(
        PROMPT, conditioning_frames=shown, controlnet_frame_indices=[SHOWN], **options
    ).frames

    if (folder / "temporal.kohya.safetensors").is_file():
        try:
            pipeline.load_lora_weights(folder, weight_name="temporal.kohya.safetensors")
            painted["stock reads temporal kohya"] = torch.ones(1)
        except ValueError:
            painted["stock reads temporal kohya"] = torch.zeros(1)
    assert "underpaint" not in sys.modules
    save_file({name: value.contiguous() for name, value in painted.items()}, folder / "stock.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
