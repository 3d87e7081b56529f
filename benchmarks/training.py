"""What training costs beside the network itself: `python -m benchmarks.training CORPUS [SIZE] [FRAMES]`.

Prints the seconds of a step of our loop beside those of the bare networks: encoding frames, forward and backward of
the same denoiser, the same optimiser. And the share of its time that the loop waits for data.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import torch

from models import load_base
from models.latents import encode
from training.config import MotionConfig
from training.data_config import DataConfig
from training.loader import Data
from training.loop import Loop, new_accelerator
from training.metrics import read_metrics
from training.optimiser import new_optimiser, trained
from training.stages.motion import MotionPhase
from training.stopping import Stopping

_STEPS, _ROUNDS = 10, 3


def bare_seconds(phase: MotionPhase) -> float:
    """Best wall-clock seconds of a step of the networks alone."""
    parameters = trained(phase.model)
    optimiser = new_optimiser(parameters, phase.config)
    inputs = phase.example(phase.batch)
    frames = torch.zeros(phase.batch, phase.data.frames, 3, phase.data.size, phase.data.size)
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for _ in range(_STEPS):
            encode(phase.base.vae, frames)
            phase.model(*inputs).square().mean().backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        best = min(best, (time.perf_counter() - start) / _STEPS)
    return best


def loop_seconds(phase: MotionPhase, data: Data) -> tuple[float, float]:
    """Best wall-clock seconds of a step of the loop, and the share of them that it waited for data."""
    with Stopping() as stopping:
        phase.config.out.mkdir()
        Loop("motion", ["motion"], phase, data, new_accelerator(phase.config), stopping).run()
    lines = [line for line in read_metrics(phase.config.out / "metrics.jsonl") if line["kind"] == "train"]
    # The first line has the start of the loader workers in it.
    best = max(lines[1:], key=lambda line: float(line["sequences_per_second"]))
    return phase.batch / best["sequences_per_second"], best["waiting_for_data"]


def main(corpus: str, size: int = 64, frames: int = 8) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    data = Data(DataConfig(corpus=corpus, size=size, frames=frames, validation_samples=1))
    with tempfile.TemporaryDirectory() as folder:
        config = MotionConfig(
            data=data.config,
            out=Path(folder) / "run",
            steps=_STEPS * (_ROUNDS + 1),
            batch=1,
            log_every=_STEPS,
            tensorboard=False,
        )
        base = load_base("nano")
        phase = MotionPhase(config, base, base.noise)
        bare = bare_seconds(phase)
        ours, waited = loop_seconds(phase, data)
    print(f"nano, {frames} frames of {size} px, one thread: bare step {bare:.3f} s, ours {ours:.3f} s")
    print(f"beside the step {ours / bare - 1:.1%}, of the loop's time waiting for data {waited:.1%}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(value) for value in sys.argv[2:]))
