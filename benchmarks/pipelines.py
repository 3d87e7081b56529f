"""How good the three tasks are with trained models.

    python -m benchmarks.pipelines MODELS PICTURES --corpus CORPUS [--number 16] [--validation 0.1] [--only reconstruct]

MODELS is a folder of runs; PICTURES what `underpaint-data generate` painted CORPUS from. Only pictures count that
training with `--validation` held out. Prints a table for each task, one for the inversion, and how far stock diffusers
is from us.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import itertools
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AnimateDiffSparseControlNetPipeline
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from datagen.decode import decode_picture
from datagen.picture import Canvas
from datagen.sources import read_sources
from models import load_base
from models.motion import motion_of
from models.noise import NoiseSchedule, add_noise, squared_error, target_of
from models.runs import result_of
from pipelines.evaluation.pictures import blankness, psnr
from pipelines.evaluation.progress import steps_towards
from pipelines.inversion import invert
from pipelines.order import Order
from pipelines.pipeline import ProcessPipeline
from pipelines.sampling import Dice, Predictor, sample
from pipelines.settings import Sampling, Start
from training.corpus import read_corpus
from training.frames import choose_sequence, decode_frames
from training.split import held_out

UInt8 = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Process:
    """One of the corpus: caption and frames uint8 (F, H, W, 3)."""

    caption: str
    frames: UInt8


def unseen_pictures(location: str, size: int, number: int, share: float) -> list[tuple[str, UInt8]]:
    """Captions and centre squares of the first pictures that were held out."""
    canvas = Canvas(size=size, square=True, background=(255,) * 3, min_side=16, max_pixels=50_000_000, max_aspect=4.0)
    unseen = (source for source in read_sources(location) if held_out(source.name, share))
    chosen = itertools.islice(unseen, number)
    return [(source.caption or "", decode_picture(source.path, canvas).pixels) for source in chosen]


def unseen_processes(folder: Path, pipeline: ProcessPipeline, number: int, share: float) -> list[Process]:
    """The first processes of a corpus whose pictures were held out, with as many frames as the models paint."""
    corpus = read_corpus(folder, lambda source, renderer: held_out(source, share))
    found, size = [], pipeline.parts.size
    for place in range(min(number, len(corpus))):
        webp, text = corpus.read(place)
        record = json.loads(text)
        stored = len(record["frames"])
        frames = np.empty((pipeline.parts.window, size, size, 3), np.uint8)
        decode_frames(webp, stored, choose_sequence(stored, len(frames)), frames, least=size)
        found.append(Process(caption=record["caption"] or "", frames=frames))
    return found


def paint(pipeline: ProcessPipeline, orders: Sequence[Order], sampling: Sampling) -> tuple[list[UInt8], list[float]]:
    """Frames of each process, and the variance of the inverted noise."""
    frames, variances = [], []
    for order in orders:
        painting = pipeline.paint([order], sampling)[0]
        frames.append(painting.frames)
        variances += painting.about["inverted_noise_variance"].values()
    return frames, variances


def mean(values: Sequence[float]) -> float:
    """Their mean; nan of none."""
    return statistics.fmean(values) if values else float("nan")


def reconstruct(pipeline: ProcessPipeline, pictures: list[tuple[str, UInt8]], steps: int) -> None:
    """Towards unseen pictures, with and without the network and the inversion."""
    print(f"\nreconstruct: {len(pictures)} unseen pictures, {steps} steps, guidance 1")
    print("| network | inversion | last frame | steps towards the last | first frame's deviation | noise variance |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    orders = [
        pipeline.order(caption, {-1: pixels}, seed=seed, size=pipeline.parts.size)
        for seed, (caption, pixels) in enumerate(pictures)
    ]
    starts: tuple[Start | None, ...] = (None, "noised", "clean")
    for network, start in itertools.product((True, False), starts):
        sampling = Sampling(
            steps=steps, scale=float(network), inversion=start is not None, inversion_start=start or "noised"
        )
        frames, variances = paint(pipeline, orders, sampling)
        last = mean([psnr(each[-1], order.shown[-1]) for each, order in zip(frames, orders, strict=True)])
        towards, blank = mean([steps_towards(each) for each in frames]), mean([blankness(each[0]) for each in frames])
        told = f"{mean(variances):.2f}" if start else "(1)"
        print(f"| {network} | {start or 'off'} | {last:.1f} dB | {towards:.0%} | {blank:.3f} | {told} |", flush=True)


def detail(frame: UInt8) -> float:
    """Mean absolute difference of neighbouring pixels, of a range from 0 to 1: what refining adds."""
    values = frame.astype(float) / 255
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def complete(pipeline: ProcessPipeline, processes: list[Process], steps: int) -> None:
    """On from the frame in the middle of unseen processes."""
    print(f"\ncomplete: from the middle frame of {len(processes)} unseen processes, {steps} steps")
    half = pipeline.parts.window // 2
    orders = [pipeline.order(each.caption, {0: each.frames[half]}, seed=seed) for seed, each in enumerate(processes)]
    frames, _ = paint(pipeline, orders, Sampling(steps=steps))
    pairs = list(zip(frames, processes, strict=True))
    first = mean([psnr(made[0], real.frames[half]) for made, real in pairs])
    print(f"first frame against what was given: {first:.1f} dB; steps towards the last: ", end="")
    print(f"{mean([steps_towards(made) for made, _ in pairs]):.0%}")
    ends = [mean([psnr(made[place], real.frames[-1]) for made, real in pairs]) for place in (0, -1)]
    print(f"against the real finished picture: first {ends[0]:.1f} dB, last {ends[1]:.1f} dB")
    seen = " ".join(f"{mean([detail(made[place]) for made, _ in pairs]):.3f}" for place in range(len(frames[0])))
    real = mean([detail(each.frames[-1]) for each in processes])
    print(f"detail of each frame: {seen}; of real finished pictures {real:.3f}")


@torch.no_grad()
def text(pipeline: ProcessPipeline, processes: list[Process], steps: int, guidance: float) -> None:
    """Whether captions matter, in two ways; 50 % is chance in both."""
    captions = [each.caption for each in processes]
    print(f"\ntext: {len(captions)} held-out captions")
    states, noise = pipeline.states(captions), pipeline.parts.noise
    alphas, won = noise.alphas_cumprod(), []
    for number, each in enumerate(processes):
        latents = pipeline.encoded(each.frames)[None].transpose(1, 2)
        own_wins = np.zeros(len(captions))
        # The noisiest levels, where a caption can say what can't be seen.
        for turn, share in enumerate((0.7, 0.8, 0.9, 0.99)):
            level = torch.tensor([int(share * noise.steps)])
            drawn = Dice([1000 * number + turn]).noise(*latents.shape[1:])
            noisy = add_noise(alphas, latents, drawn, level)
            target = target_of(noise.prediction, alphas, latents, drawn, level)
            errors = [
                float(squared_error(predictor(pipeline, states[row : row + 1])(noisy, level[0], 0), target))
                for row in range(len(captions))
            ]
            own_wins += np.array(errors) / 4
        others = np.delete(own_wins, number)
        won.append(float((others > own_wins[number]).mean()))
    print(f"own caption denoises better than another's: {mean(won):.1%} of pairs, {deviation(won):.1%} standard error")
    frames, _ = paint(
        pipeline,
        [pipeline.order(caption, {}, seed=7) for caption in captions],
        Sampling(steps=steps, guidance=guidance),
    )
    real = [thumbnail(each.frames[-1]) for each in processes]
    ranks = []
    for number, made in enumerate(frames):
        distances = [float(np.abs(thumbnail(made[-1]) - other).mean()) for other in real]
        ranks.append(float(np.mean(np.delete(distances, number) > distances[number])))
    print(
        f"painted picture is nearer to its own real one than to another's, by 4 x 4 colours, guidance {guidance:g}: ",
        end="",
    )
    print(f"{mean(ranks):.1%} of pairs, {deviation(ranks):.1%} standard error")


def deviation(values: Sequence[float]) -> float:
    """Standard error of the mean."""
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")


def thumbnail(frame: UInt8) -> NDArray[np.float64]:
    """Mean colours (4, 4, 3), 0 to 1."""
    return np.asarray(Image.fromarray(frame).resize((4, 4), Image.Resampling.BOX), float) / 255


def predictor(pipeline: ProcessPipeline, states: Tensor) -> Predictor:
    """The UNet without anything shown."""
    return Predictor(
        unet=pipeline.parts.unet,
        text=states,
        negative=None,
        guidance=1.0,
        network=None,
        latents=torch.zeros(0),
        shown=torch.zeros(1, pipeline.parts.window, dtype=torch.bool),
        scale=1.0,
        window=pipeline.parts.window,
    )


@torch.no_grad()
def round_trip(pipeline: ProcessPipeline, processes: list[Process], steps: int) -> None:
    """Invert processes, and sample them again."""
    print(f"\ninversion and back: {len(processes)} unseen processes, {steps} steps, without anything shown")
    print("| start | rounds | schedule of the inversion | back | noise variance |")
    print("| --- | ---: | --- | ---: | ---: |")
    own = pipeline.parts.noise
    other = dataclasses.replace(own, beta_schedule="linear" if own.beta_schedule != "linear" else "scaled_linear")
    ways = [("clean", 1, own), ("clean", 2, own), ("clean", 5, own), ("noised", 2, own)]
    for start, rounds, schedule in (*ways, ("clean", 2, other), ("noised", 2, other)):
        quality, variance = [], []
        for seed, each in enumerate(processes):
            made, wanted, spread = _back(pipeline, each, steps, start, rounds, schedule, seed)
            quality.append(psnr(made, wanted))
            variance.append(spread)
        same = "its own" if schedule == own else schedule.beta_schedule
        print(f"| {start} | {rounds} | {same} | {mean(quality):.1f} dB | {mean(variance):.2f} |", flush=True)


def _back(
    pipeline: ProcessPipeline, each: Process, steps: int, start: str, rounds: int, schedule: NoiseSchedule, seed: int
) -> tuple[UInt8, UInt8, float]:
    latents = pipeline.encoded(each.frames)[None].transpose(1, 2)
    predict = predictor(pipeline, pipeline.states([each.caption]))
    drawn = Dice([seed]).noise(*latents.shape[1:]) if start == "noised" else None
    noise = invert(predict, schedule.scheduler(), latents, steps, _quiet, rounds=rounds, drawn=drawn)
    made = sample(predict, pipeline.parts.noise.scheduler(), noise, steps, _quiet)
    decoded = [pipeline.decoded(value[0].transpose(0, 1)) for value in (made, latents)]
    return decoded[0], decoded[1], float(noise.var())


def _quiet(clean: Tensor | None) -> None:
    pass


def stock(pipeline: ProcessPipeline, pictures: list[tuple[str, UInt8]], steps: int) -> None:
    """The same pictures by diffusers' own pipeline; its draw from the autoencoder's posterior is made its mode."""
    parts, (caption, pixels) = pipeline.parts, pictures[0]
    vae = copy.deepcopy(parts.vae)
    with torch.no_grad():
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -30.0
    base = load_base(result_of(parts.described["base"]["name"], "base"))
    theirs = AnimateDiffSparseControlNetPipeline(
        vae=vae,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        unet=base.unet,
        motion_adapter=motion_of(parts.unet),
        controlnet=parts.network,
        scheduler=parts.noise.scheduler(),
    )
    theirs.set_progress_bar_config(disable=True)
    made = theirs(
        caption,
        guidance_scale=1.0,
        num_inference_steps=steps,
        num_frames=parts.window,
        height=parts.size,
        width=parts.size,
        generator=torch.Generator().manual_seed(1),
        conditioning_frames=[Image.fromarray(pixels)],
        controlnet_frame_indices=[parts.window - 1],
        output_type="np",
    ).frames[0]
    ours = pipeline.shown({-1: pixels}, caption, seed=1, steps=steps).frames
    # Ours are rounded to 8 bits, which is half a step of 1/255.
    beyond = max(0.0, float(np.abs(made - ours / 255.0).max()) - 0.5 / 255)
    print(
        f"\nstock AnimateDiffSparseControlNetPipeline: largest difference {beyond:.1e} of 1, rounding to 8 bits aside"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models")
    parser.add_argument("pictures")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--number", type=int, default=16)
    parser.add_argument("--validation", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--guidance", type=float, default=3.0, help="of text")
    parser.add_argument("--only", nargs="*", default=["reconstruct", "complete", "text", "round-trip", "stock"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    pipeline = ProcessPipeline.from_pretrained(given.models)
    pictures = unseen_pictures(given.pictures, pipeline.parts.size, given.number, given.validation)
    processes = unseen_processes(given.corpus, pipeline, given.number, given.validation)
    if "reconstruct" in given.only:
        reconstruct(pipeline, pictures, given.steps)
    if "complete" in given.only:
        complete(pipeline, processes, given.steps)
    if "text" in given.only:
        text(pipeline, processes, given.steps, given.guidance)
    if "round-trip" in given.only:
        round_trip(pipeline, processes, given.steps)
    if "stock" in given.only:
        stock(pipeline, pictures, given.steps)


if __name__ == "__main__":
    main()
