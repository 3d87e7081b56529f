"""Training and painting at the size of Stable Diffusion 1.5 on a GPU: `make gpu`, or `python -m benchmarks.gpu`.

The weights are random, so nothing needs to be downloaded. Each row is measured as it is told, and the table is written
after each: a run that is broken off has what it measured. Without a GPU the estimates are all there is at full size
(`--estimate`); `--small` measures nano on whatever there is, to see that all of it works.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from benchmarks.measuring import machine
from benchmarks.stable_diffusion import SIDE, autoencoder
from underpaint.extras import MissingExtra
from underpaint.models import Base, NoiseSchedule, build_nano, new_motion_adapter, new_replication_network, with_motion
from underpaint.models.single_file import SD15
from underpaint.pipelines.parts import Parts
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig
from underpaint.training.augment import augment_draws
from underpaint.training.batch import Batch
from underpaint.training.config import ArtistConfig, BaseConfig, MixedPrecision, MotionConfig, ReplicationConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.denoising import DenoisingPhase
from underpaint.training.hardware import Hardware
from underpaint.training.loader import Data
from underpaint.training.loop import Loop, new_accelerator
from underpaint.training.preflight import Cost, cost_of
from underpaint.training.stages.artist import JointPhase, SpatialPhase
from underpaint.training.stages.base import AdapterPhase
from underpaint.training.stages.motion import MotionPhase
from underpaint.training.stages.replication import ReplicationPhase
from underpaint.training.stopping import Stopping

STAGES = ("base", "artist, spatial", "motion", "motion, 8-bit", "replication", "replication, tune motion", "artist")
WAYS: dict[str, dict[str, Any]] = {
    "paint": {},
    "paint, offload": {"offload": True},
    "paint, compile": {"compile": True},
}
_OF_PICTURES = ("base", "artist, spatial")
_NO_ROOM, _NO_LIBRARY = "out of memory", "no bitsandbytes"
_HEADER = ("what", "precision", "frames", "batch", "steps/s", "MFU", "peak GiB", "estimate GiB")
_GIB = 2**30

Row: TypeAlias = tuple[str, ...]


def random_base(small: bool) -> Base:
    """Networks of Stable Diffusion 1.5's sizes, or nano's, in main memory."""
    if small:
        return build_nano(seed=0)
    # A GPU draws a billion random numbers in no time.
    with _device():
        networks = _random_networks()
    for network in networks:
        network.eval().to("cpu")
    vae, text, unet = networks
    return Base(
        name="random",
        vae=vae,
        tokenizer=CLIPTokenizer.from_pretrained(SD15, subfolder="tokenizer"),
        text_encoder=text,
        unet=unet,
        noise=NoiseSchedule(beta_schedule="linear"),
    )


def _random_networks() -> tuple[AutoencoderKL, CLIPTextModel, UNet2DConditionModel]:
    unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(SD15, subfolder="unet"))
    text = CLIPTextModel(CLIPTextConfig.from_pretrained(SD15, subfolder="text_encoder"))
    return autoencoder(), text, unet


def some_batch(batch: int, frames: int, side: int) -> Batch:
    """Processes of noise, as a loader gives them."""
    pixels = torch.randint(0, 256, (batch, frames, 3, side, side), dtype=torch.uint8)
    return Batch(
        frames=pixels,
        indices=torch.arange(frames).repeat(batch, 1),
        stored=torch.full((batch,), frames),
        draws=torch.tensor([augment_draws(0, position) for position in range(batch)]),
        positions=torch.arange(batch),
        captions=("a photo of a boot",) * batch,
        keys=("boot",) * batch,
        skipped=(),
        shape=(side, side),
    )


def phase_of(stage: str, precision: MixedPrecision, frames: int, out: Path, *, small: bool) -> DenoisingPhase:
    """A phase that hasn't begun, its frozen weights cast."""
    base = random_base(small)
    noise = base.noise
    data = DataConfig(corpus="none", size=64 if small else SIDE, frames=frames)
    options: dict[str, Any] = {"data": data, "out": out, "steps": 1_000_000, "mixed_precision": precision}
    options |= {"gradient_checkpointing": True, "tensorboard": False, "warmup": 1000}
    phase: DenoisingPhase
    if stage == "base":
        phase = AdapterPhase(BaseConfig(**options, base="random"), data, base, noise)
    elif stage.startswith("motion"):
        save: dict[str, Any] = {"optimizer": "adamw-8bit", "ema_decay": 0.0} if "8-bit" in stage else {}
        phase = MotionPhase(MotionConfig(**options, **save), base, noise)
    else:
        adapter = new_motion_adapter(base.unet)
        if stage.startswith("replication"):
            config = ReplicationConfig(**options, motion="none", tune_motion="tune" in stage)
            phase = ReplicationPhase(config, base, adapter, noise)
        elif stage == "artist":
            phase = JointPhase(ArtistConfig(**options, motion="none", joint=True), base, adapter, noise)
        else:
            phase = SpatialPhase(ArtistConfig(**options, motion="none"), data, base, adapter, noise)
    phase.cast_frozen()
    return phase


def steps_per_second(phase: DenoisingPhase, batch: Batch, steps: int) -> float:
    """Steps of the loop itself, after a tenth as many that aren't counted."""
    accelerator = new_accelerator(phase.config)
    with Stopping() as stopping:
        # It asks for no data: batches are handed to it.
        loop = Loop("gpu", ["gpu"], phase, cast(Data, None), accelerator, stopping)
        source = itertools.repeat(batch)
        began = 0.0
        for step in range(-max(1, steps // 10), steps):
            if step == 0:
                began = _now()
            loop._step(source)
            loop.step += 1
        seconds = _now() - began
    accelerator.free_memory()
    return steps / seconds


def _now() -> float:
    """The time when all is done that was asked of the GPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def training_rows(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """A row for each stage, precision, number of frames and batch; where one had no room, larger batches have none."""
    stages = [stage for stage in STAGES if stage in options.only]
    for stage, precision in itertools.product(stages, options.precisions):
        for frames in (1,) if stage in _OF_PICTURES else options.frames:
            _tidy()
            phase = phase_of(stage, precision, frames, folder, small=options.small)
            costs = [_cost(phase, batch) for batch in options.batches]  # while nothing of it is on a GPU
            for batch, cost in zip(options.batches, costs, strict=True):
                row = _training_row(stage, phase, frames, batch, cost, options)
                yield row
                if row[4] in (_NO_ROOM, _NO_LIBRARY):
                    break


def _cost(phase: DenoisingPhase, batch: int) -> Cost:
    phase.batch = batch
    return cost_of(phase)


def _training_row(
    stage: str, phase: DenoisingPhase, frames: int, batch: int, cost: Cost, options: argparse.Namespace
) -> Row:
    _tidy()
    phase.batch = batch
    precision = phase.config.mixed_precision
    head, estimate = (stage, precision, str(frames), str(batch)), _gib(cost.memory)
    if options.estimate:
        return (*head, "", "", "", estimate)
    try:
        speed = steps_per_second(phase, some_batch(batch, frames, phase.data.size), options.steps)
    except torch.cuda.OutOfMemoryError:
        return (*head, _NO_ROOM, "", "", estimate)
    except MissingExtra:
        return (*head, _NO_LIBRARY, "", "", estimate)
    found = Hardware(_device(), precision, cost.operations).values(speed * batch, 1)
    share = f"{found['mfu']:.0%}" if "mfu" in found else ""
    return (*head, f"{speed:.2f}", share, f"{found['memory_gib']:.1f}", estimate)


def painting_rows(options: argparse.Namespace) -> Iterator[Row]:
    """A row for each way to paint: as it is, with networks in main memory, compiled."""
    # Training tries all algorithms; for the autoencoder's decoder some of them take tens of GiB.
    torch.backends.cudnn.benchmark = False
    for way, what in WAYS.items():
        # A compiler of C++ for CPUs is nobody's business here.
        if way not in options.only or (what.get("compile") and not torch.cuda.is_available()):
            continue
        _tidy()
        compute = ComputeConfig(precision="bf16" if options.small else "fp16", **what)
        frames = options.frames[0]
        pipeline = ProcessPipeline(_parts(frames, options.small), compute)
        head = (way, str(compute.precision), str(frames), "1")
        try:
            pipeline.text("a boot", steps=2)  # the first takes longer
            began = _now()
            pipeline.text("a boot", steps=options.steps)
            seconds = _now() - began
        except torch.cuda.OutOfMemoryError:
            yield (*head, _NO_ROOM, "", "", "")
            continue
        memory = Hardware(_device(), "no", None).values(1.0, 1)["memory_gib"]
        yield (*head, f"{options.steps / seconds:.2f}", "", f"{memory:.1f}", "")


def _parts(frames: int, small: bool) -> Parts:
    base = random_base(small)
    adapter, network = new_motion_adapter(base.unet), new_replication_network(base.unet)
    return Parts(
        vae=base.vae,
        tokenizer=base.tokenizer,
        text_encoder=base.text_encoder,
        unet=with_motion(base.unet, adapter, share=True),
        network=network,
        noise=base.noise,
        window=frames,
        size=64 if small else SIDE,
        media=(),
        words={},
        described={},
    )


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _tidy() -> None:
    """Two sets of networks would not fit."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _gib(number: int) -> str:
    return f"{number / _GIB:.1f}"


def table(rows: list[Row], options: argparse.Namespace) -> str:
    """The rows as markdown, with the device's name."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else f"no GPU, {machine()}"
    size = "nano, 64 px" if options.small else f"Stable Diffusion 1.5's size, {SIDE} px"
    about = (
        f"{size}, random weights, gradient checkpointing, {options.steps} steps each; torch {torch.__version__}. The "
        "estimate is that of a run before its first step, without the CUDA context and the work space of operations; a "
        "process on a CPU tells its own highest memory so far."
    )
    grid = "\n".join(f"| {' | '.join(row)} |" for row in (_HEADER, ("---",) * len(_HEADER), *rows))
    lines = [f"# {name}", about, grid]
    return "\n\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("gpu.md"), help="where the table is written")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--frames", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp16"])
    every = [*STAGES, *WAYS]
    parser.add_argument("--only", nargs="+", default=every, choices=every, metavar="ROW", help=", or ".join(every))
    parser.add_argument("--estimate", action="store_true", help="compute memory only")
    parser.add_argument("--small", action="store_true", help="nano, on whatever there is")
    options = parser.parse_args(arguments)
    if not (torch.cuda.is_available() or options.small or options.estimate):
        parser.error("no GPU is found: --estimate computes the memory, --small tries it on nano")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        painting = () if options.estimate else painting_rows(options)
        for row in itertools.chain(training_rows(options, Path(folder)), painting):
            rows.append(row)
            print(" | ".join(row), flush=True)
            options.out.write_text(table(rows, options), encoding="utf-8")


if __name__ == "__main__":
    main()
