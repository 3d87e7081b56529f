from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AnimateDiffSparseControlNetPipeline, MotionAdapter, SparseControlNetModel, StableDiffusionPipeline
from PIL import Image

import underpaint.pipelines.networks
from tests.pictures import load_picture
from tests.pipelines.conftest import FRAMES, SIZE, picture
from underpaint.models.captions import from_half_painted
from underpaint.pipelines.evaluation.pictures import blankness, psnr
from underpaint.pipelines.evaluation.progress import steps_towards
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig, Sampling

FEW = 3  # steps of sampling


def difference(one: Any, two: Any) -> int:
    return int(np.abs(one.frames.astype(int) - two.frames.astype(int)).max())


def test_the_same_seed_gives_the_same_bytes(pipeline: Any) -> None:
    state = torch.get_rng_state()
    one, two, other = (pipeline.text("a barn", seed=seed, steps=FEW) for seed in (5, 5, 6))
    assert one.frames.shape == (FRAMES, SIZE, SIZE, 3)
    assert one.frames.tobytes() == two.frames.tobytes()
    assert one.about == two.about
    assert difference(one, other) > 5
    assert torch.equal(state, torch.get_rng_state())


def test_prompts_negatives_and_guidance_have_an_effect(pipeline: Any) -> None:
    def paint(prompt: str = "a barn", **sampling: Any) -> Any:
        return pipeline.text(prompt, steps=FEW, **sampling)

    assert difference(paint(), paint("a cat")) > 0
    assert difference(paint(), paint(guidance=9.0)) > 0
    assert difference(paint(guidance=9.0), paint(guidance=9.0, negative_prompt="a dog")) > 0
    alone = paint(guidance=1.0)
    assert difference(paint(), alone) > 0  # words alone are guided, unless told otherwise
    assert difference(alone, paint(guidance=1.0, negative_prompt="a dog")) == 0


def test_a_medium_is_what_stands_before_the_prompt(pipeline: Any) -> None:
    taught = ProcessPipeline(dataclasses.replace(pipeline.parts, media=("ink", "oil")), ComputeConfig(device="cpu"))
    made = taught.text("a hill", medium="oil", steps=FEW)
    assert made.about["prompt"] == "oil, a hill"
    assert made.frames.tobytes() == pipeline.text("oil, a hill", steps=FEW).frames.tobytes()
    assert taught.reconstruct(picture(), medium="ink", steps=1).about["prompt"] == "ink"
    with pytest.raises(ValueError, match="medium is 'chalk': use ink, oil"):
        taught.complete(picture(), medium="chalk")


def test_shown_pictures_have_an_effect_at_their_place(pipeline: Any) -> None:
    last = pipeline.reconstruct(picture(), steps=FEW)
    assert difference(last, pipeline.conditioned({FRAMES - 1: picture()}, steps=FEW)) == 0
    assert difference(last, pipeline.complete(picture(), steps=FEW)) > 5
    assert difference(last, pipeline.reconstruct(picture(1), steps=FEW)) > 0
    assert difference(last, pipeline.reconstruct(picture(), steps=FEW, conditioning_scale=0.5)) > 0
    without = pipeline.reconstruct(picture(), steps=FEW, conditioning_scale=0.0)
    assert difference(without, pipeline.text("", steps=FEW, guidance=1.0)) == 0
    assert last.about["shown"] == [FRAMES - 1]


def test_stock_diffusers_paints_the_same(small: Path, pipeline: Any) -> None:
    """`AnimateDiffSparseControlNetPipeline` to 1e-3, and rounding to 8 bits, with guidance."""
    image = StableDiffusionPipeline.from_pretrained(small / "base", use_safetensors=True)
    stock = AnimateDiffSparseControlNetPipeline(
        vae=image.vae,
        text_encoder=image.text_encoder,
        tokenizer=image.tokenizer,
        unet=image.unet,
        motion_adapter=MotionAdapter.from_pretrained(small / "motion", use_safetensors=True),
        controlnet=SparseControlNetModel.from_pretrained(small / "replication", use_safetensors=True),
        scheduler=pipeline.parts.noise.scheduler(),
    )
    stock.set_progress_bar_config(disable=True)
    shown = {0: picture(3), 2: picture(4)}
    theirs = stock(
        # What we add to the prompt where the first frame is shown.
        from_half_painted("a barn"),
        negative_prompt="a cat",
        guidance_scale=3.0,
        num_inference_steps=5,
        num_frames=FRAMES,
        height=SIZE,
        width=SIZE,
        generator=torch.Generator().manual_seed(9),
        conditioning_frames=[Image.fromarray(each) for each in shown.values()],
        controlnet_frame_indices=list(shown),
        controlnet_conditioning_scale=0.7,
        output_type="np",
    ).frames[0]
    ours = pipeline.conditioned(
        shown, "a barn", negative_prompt="a cat", guidance=3.0, steps=5, seed=9, conditioning_scale=0.7
    ).frames
    assert np.abs(theirs * 255 - ours).max() <= 0.5 + 255 * 1e-3
    assert ours.std() > 5


def test_pictures_and_prompts_are_encoded_once(pipeline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = underpaint.pipelines.networks.encode
    monkeypatch.setattr(underpaint.pipelines.networks, "encode", lambda *given: calls.append(given) or real(*given))
    hook = pipeline.parts.text_encoder.register_forward_hook(lambda *given: calls.append(given))
    pipeline.reconstruct(picture(), steps=7, inversion=True, free_init=2)
    hook.remove()
    assert len(calls) == 2


def test_a_batch_gives_what_each_gives_alone(pipeline: Any) -> None:
    requests = [pipeline.request(f"barn {seed}", {-1: picture(seed)}, seed=seed) for seed in range(3)]
    sampling = Sampling(steps=FEW, guidance=2.0, inversion=True, inversion_rounds=1)
    together = pipeline.paint(requests, sampling)
    for request, painting in zip(requests, together, strict=True):
        alone = pipeline.paint([request], sampling)[0]
        assert difference(alone, painting) <= 1
        assert alone.about["seed"] == painting.about["seed"] == request.seed


@pytest.mark.parametrize(("given", "shape"), [((50, 33), (48, 32)), ((31, 64), (66, 32)), ((32, 32), (32, 32))])
def test_pictures_come_back_at_their_own_proportions(pipeline: Any, given: Any, shape: tuple[int, int]) -> None:
    """The longer side follows from the short one, which is the size; what the UNet can't take is padded and cropped."""
    made = pipeline.reconstruct(Image.fromarray(picture(0, given)), steps=1)
    height, width = round(SIZE * given[1] / min(given)), round(SIZE * given[0] / min(given))
    assert made.frames.shape == (FRAMES, height, width, 3)
    assert all(side % pipeline.parts.step == 0 for side in made.about["padded"])


def test_sizes(pipeline: Any) -> None:
    assert pipeline.text("", steps=1, size=40).frames.shape == (FRAMES, 40, 40, 3)
    assert pipeline.text("", steps=1, size="50x20").frames.shape == (FRAMES, 20, 50, 3)
    assert pipeline.reconstruct(picture(0, (80, 20)), steps=1, size="40x40").frames.shape == (FRAMES, 10, 40, 3)


def test_files_are_read_as_datagen_reads_them(pipeline: Any, tmp_path: Path) -> None:
    transparent = np.dstack([picture(), np.full((SIZE, SIZE), 128, np.uint8)])
    Image.fromarray(transparent).save(tmp_path / "alpha.png")
    over = (picture().astype(float) * 128 + 255.0 * 127) / 255
    request = pipeline.request("", {0: tmp_path / "alpha.png"})
    assert np.abs(request.conditioning_frames[0] - over).max() < 2
    Image.fromarray(picture()[:, :, 0]).save(tmp_path / "grey.png")
    assert np.ptp(pipeline.request("", {0: tmp_path / "grey.png"}).conditioning_frames[0], axis=2).max() == 0
    turned = Image.fromarray(picture(0, (SIZE, 2 * SIZE)))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert pipeline.request("", {0: tmp_path / "turned.jpg"}).shape == (SIZE, 2 * SIZE)


def test_the_variance_of_inverted_noise_is_recorded(pipeline: Any) -> None:
    made = pipeline.conditioned({0: picture(), -1: picture(1)}, steps=FEW, inversion=True)
    assert made.about["inverted_noise_variance"].keys() == {"0", str(FRAMES - 1)}
    assert all(value > 0 for value in made.about["inverted_noise_variance"].values())
    assert difference(made, pipeline.conditioned({0: picture(), -1: picture(1)}, steps=FEW)) > 0


@pytest.mark.parametrize("long", ["windows", "keyframes"])
@pytest.mark.parametrize("frames", [FRAMES + 1, 3 * FRAMES + 1])
def test_longer_processes(pipeline: Any, long: str, frames: int) -> None:
    made = pipeline.conditioned({0: picture(), 2: picture(1), -1: picture(2)}, steps=2, long=long, frames=frames)
    assert made.frames.shape == (frames, SIZE, SIZE, 3)
    assert made.about["sampling"]["frames"] == frames
    assert made.about["shown"] == [0, 2, frames - 1]


def test_fewer_frames(pipeline: Any) -> None:
    assert len(pipeline.reconstruct(picture(), steps=1, frames=2).frames) == 2
    for long in ("windows", "keyframes"):
        assert len(pipeline.reconstruct(picture(), steps=1, frames=3, long=long).frames) == 3


def test_free_init_has_an_effect(pipeline: Any) -> None:
    once, twice, again = (pipeline.text("", steps=FEW, free_init=times) for times in (1, 2, 2))
    assert difference(twice, again) == 0
    assert difference(once, twice) > 0


def test_the_callback_is_called_after_each_pass(pipeline: Any) -> None:
    from underpaint.pipelines.callback import Callback

    class Counter(Callback):
        def __init__(self) -> None:
            self.passes, self.done, self.seen = 0, 0, []

        def begin(self, passes: int) -> None:
            self.passes += passes

        def advance(self, look: Any) -> None:
            self.done += 1
            if look:
                self.seen.append(look())

    for sampling in (
        Sampling(steps=2, inversion=True, inversion_rounds=2, free_init=2),
        Sampling(steps=2, long="keyframes", frames=9, inversion=True, inversion_start="clean"),
        Sampling(steps=3, long="windows", frames=9),
    ):
        counter = Counter()
        request = pipeline.request("", {-1: picture(0, (40, 32))})
        made = pipeline.paint([request], sampling, counter)[0]
        assert counter.done == counter.passes > 0
        assert counter.seen[-1].shape[1:] == made.frames.shape[1:] == (32, 40, 3)
        if sampling.long == "windows":
            assert np.array_equal(counter.seen[-1], made.frames)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_sixteen_bits(small: Path, pipeline: Any, precision: str) -> None:
    half = ProcessPipeline.from_pretrained(small, compute=ComputeConfig(device="cpu", precision=precision, tiling=True))
    made = half.reconstruct(picture(), steps=FEW, seed=1)
    assert difference(made, pipeline.reconstruct(picture(), steps=FEW, seed=1)) < 40
    assert made.about["hardware"] == {"device": "cpu", "precision": precision}


def test_offloading_changes_nothing(small: Path, pipeline: Any) -> None:
    lean = ProcessPipeline.from_pretrained(small, compute=ComputeConfig(device="cpu", offload=True, slicing=False))
    assert difference(lean.reconstruct(picture(), steps=FEW), pipeline.reconstruct(picture(), steps=FEW)) <= 1


@pytest.mark.parametrize(
    ("sampling", "shown", "message"),
    [
        ({"frames": 9}, {}, "9 frames are too many: the motion module was trained with 4; give --long windows"),
        ({}, {4: picture()}, "frame 4 is out of range: a process of 4 frames has 0 to 3, or -4 to -1"),
        ({}, {-5: picture()}, "frame -5 is out of range"),
        ({"frames": 9, "long": "keyframes"}, {0: picture(), 1: picture(), 2: picture(), 3: picture()}, "give fewer"),
        ({"frames": 1}, {}, "frames is 1: a process has at least 2"),
        ({"guidance": 0.5}, {}, "guidance is 0.5: use 1 or more"),
        ({"steps": 0}, {}, "steps is 0"),
        ({"long": "loop"}, {}, "long is 'loop': use refuse, windows or keyframes"),
        ({"size": "big"}, {}, "size 'big' is neither a number of pixels nor WIDTHxHEIGHT"),
        ({"size": 4}, {}, "size 4 is too small"),
    ],
)
def test_what_cannot_be_painted_is_explained(pipeline: Any, sampling: Any, shown: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pipeline.conditioned(shown, **({"steps": 1} | sampling))


def test_without_a_replication_network_nothing_can_be_shown(pipeline: Any) -> None:
    blind = ProcessPipeline(dataclasses.replace(pipeline.parts, network=None), ComputeConfig(device="cpu"))
    assert difference(blind.text("x", steps=FEW), pipeline.text("x", steps=FEW)) == 0
    with pytest.raises(
        ValueError, match="conditioning frames need the replication network, and there is no finished one"
    ):
        blind.reconstruct(picture(), steps=FEW)
    with pytest.raises(ValueError, match="--long keyframes conditions on key frames by the replication network"):
        blind.text("x", steps=FEW, frames=9, long="keyframes")
    only_noise = blind.reconstruct(picture(), steps=FEW, conditioning_scale=0.0, inversion=True)
    assert (
        difference(only_noise, pipeline.reconstruct(picture(), steps=FEW, conditioning_scale=0.0, inversion=True)) == 0
    )


def test_pictures_of_one_process_have_one_shape(pipeline: Any) -> None:
    from underpaint.datagen.pictures.picture import BadPicture

    with pytest.raises(BadPicture, match="the picture of frame -1 is 64 x 32 px, the canvas 32 x 32 px"):
        pipeline.conditioned({0: picture(), -1: picture(1, (64, 32))}, steps=1)
    assert pipeline.conditioned({0: picture(), -1: picture(1, (401, 400))}, steps=1).frames.shape[1:3] == (SIZE, SIZE)


def test_the_built_in_nano_paints_towards_photos_that_it_never_saw() -> None:
    nano = ProcessPipeline.from_pretrained(compute=ComputeConfig(device="cpu"))
    for name in ("temple", "flower", "cat"):
        photo = Image.fromarray(load_picture(name, (64, 64)))
        frames = nano.reconstruct(photo, f"bezier, a photo of a {name}", steps=10).frames
        assert psnr(frames[-1], np.asarray(photo)) > 20, name
        assert blankness(frames[0]) < 0.05, name
        assert steps_towards(frames) >= 0.8, name


def test_seeds_and_steps_that_there_are_none_of(pipeline: Any) -> None:
    for seed in (-1, 2**70, 1.5):
        with pytest.raises(ValueError, match=r"seed is .*: use a whole number from 0 to"):
            pipeline.text("x", seed=seed, steps=1)
    with pytest.raises(ValueError, match="steps is 5000: the noise schedule of these networks has 1000"):
        pipeline.text("x", steps=5000)
