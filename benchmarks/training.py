"""What training costs beside the network itself: `python -m benchmarks.training CORPUS [SIZE] [FRAMES]`.

Ten steps of our loop and ten of the bare networks take turns: encoding frames, forward and backward of the same
denoiser, the same optimiser. Then the loader and bare decoding of the same WebP files take turns. Seconds are CPU
seconds of the process that trains unless they are said to be the clock's; the ratios are medians over the rounds.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.measuring import cpu_seconds, machine
from underpaint.models import load_base
from underpaint.models.latents import encode
from underpaint.training.config import MotionConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.dataset import Paintings
from underpaint.training.loader import Data
from underpaint.training.loop import Loop, new_accelerator
from underpaint.training.metrics import read_metrics
from underpaint.training.optimiser import new_optimiser
from underpaint.training.progress import Progress
from underpaint.training.stages.motion import MotionPhase
from underpaint.training.stopping import Stopping

_STEPS, _ROUNDS = 10, 9
_SAMPLES = 48  # of a round of loading


class _Alternating(Loop):
    """Our loop; after every ten steps it lets the bare networks run as many."""

    def measure(self) -> tuple[list[float], list[float]]:
        """CPU seconds of a step of ours and of the bare networks, round by round."""
        self.ours: list[float] = []
        self.bare: list[float] = []
        self._bare_optimiser = new_optimiser(self.parameters, self.config)
        for group in self._bare_optimiser.param_groups:
            group["lr"] = 0.0  # the weights are ours
        self._began = time.process_time()
        self.run()
        return self.ours[1:], self.bare[1:]

    def _report(self, norm: Tensor | float, progress: Progress) -> None:
        super()._report(norm, progress)
        if self.step % _STEPS == 0:
            self.ours.append((time.process_time() - self._began) / _STEPS)
            with self.window.paused():
                self.bare.append(cpu_seconds(self._run_bare)[0] / _STEPS)
            self._began = time.process_time()

    def _run_bare(self) -> None:
        phase = self.phase
        assert isinstance(phase, MotionPhase)
        frames = torch.zeros(phase.batch, phase.data.frames, 3, phase.data.size, phase.data.size)
        inputs = phase.example(phase.batch)
        for _ in range(_STEPS):
            encode(phase.base.vae, frames)
            phase.model(*inputs).square().mean().backward()
            self._bare_optimiser.step()
            self._bare_optimiser.zero_grad(set_to_none=True)

    def _validate(self) -> None:
        """Is not part of a step."""

    def _sheet(self) -> None:
        """Nor is this."""


def overhead(corpus: str, size: int, frames: int) -> None:
    """Print what the loop adds to the networks, and the share of its time that it waits for data."""
    data = Data(DataConfig(corpus=corpus, size=size, frames=frames, validation_samples=1))
    with tempfile.TemporaryDirectory() as folder, Stopping() as stopping:
        config = MotionConfig(
            data=data.config,
            out=Path(folder),
            steps=_STEPS * (_ROUNDS + 1),
            batch=1,
            log_every=_STEPS,
            tensorboard=False,
        )
        base = load_base("nano")
        phase = MotionPhase(config, base, base.noise)
        loop = _Alternating("motion", ["motion"], phase, data, new_accelerator(config), stopping)
        ours, bare = loop.measure()
        lines = list(read_metrics(config.out / "metrics.jsonl"))
    ratios = [one / other - 1 for one, other in zip(ours, bare, strict=True)]
    # The first line has the start of the loader workers in it.
    waited = statistics.median(float(line["waiting_for_data"]) for line in lines[1:])
    print(f"step, CPU seconds: bare networks {statistics.median(bare):.3f}, ours {statistics.median(ours):.3f}")
    print(f"beside the networks: {statistics.median(ratios):+.1%} ({min(ratios):+.1%} to {max(ratios):+.1%})")
    print(f"waiting for data, 2 workers, of the loop's time by the clock: {waited:.1%}")


def loading(corpus: str, size: int, frames: int) -> None:
    """Print how fast samples come from a loader worker, beside bare decoding of all frames of the same samples."""
    config = DataConfig(corpus=corpus, size=size, frames=frames, validation=0)
    alone = Data(replace(config, workers=0)).train
    assert alone is not None
    batches = iter(Data(replace(config, workers=1)).train_batches(batch=1))
    rounds: list[tuple[float, float, float]] = []
    for number in count():
        places = range(number * _SAMPLES, (number + 1) * _SAMPLES)
        decoded = cpu_seconds(partial(_decode, alone, places))[0]
        loaded = cpu_seconds(partial(_load, alone, places))[0]
        # What the worker has prepared meanwhile doesn't count.
        list(islice(batches, 4))
        start = time.perf_counter()
        list(islice(batches, _SAMPLES))
        rounds.append((decoded, loaded, time.perf_counter() - start))
        if number == _ROUNDS:
            break
    columns = [np.array(column[1:]) / _SAMPLES * 1e3 for column in zip(*rounds, strict=True)]
    decoded_ms, loaded_ms, worker_ms = columns
    print(f"a sample of {frames} frames of {size} px, ms: bare decoding {np.median(decoded_ms):.2f}, ", end="")
    print(f"loading {np.median(loaded_ms):.2f}, from one worker by the clock {np.median(worker_ms):.2f}")
    print(f"bare decoding / loading {np.median(decoded_ms / loaded_ms):.0%}, ", end="")
    print(f"/ from a worker {np.median(decoded_ms / worker_ms):.0%}")


def _decode(paintings: Paintings, places: range) -> None:
    """All stored frames of the samples at some places, as arrays."""
    for place in places:
        corpus, number = paintings.corpora[0], paintings.order.sample(place)
        webp = corpus.read(number)[0]
        assert isinstance(webp, bytes), "bare decoding is of animations"
        with Image.open(io.BytesIO(webp)) as image:
            for index in range(image.n_frames):
                image.seek(index)
                np.asarray(image.convert("RGB"))


def _load(paintings: Paintings, places: range) -> None:
    for place in places:
        paintings[[place]]


def main(corpus: str, size: int = 64, frames: int = 8) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    print(f"{machine()}, one thread; nano, {frames} frames of {size} px, batch 1")
    loading(corpus, size, frames)
    overhead(corpus, size, frames)


if __name__ == "__main__":
    main(sys.argv[1], *(int(value) for value in sys.argv[2:]))
