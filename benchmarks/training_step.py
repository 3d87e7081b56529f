"""Where a training step's time goes, and what each way to speed it up gives.

    OMP_NUM_THREADS=1 python -m benchmarks.training_step CORPUS BASE_RUN MOTION_RUN [--compile]

The step is nano's largest, of `underpaint-train replication` with its recipe, on the CPU in 16 bits. All ways take
turns; seconds are CPU seconds, and what a way gives is the median ratio over the rounds to the step as it is.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
import yaml  # type: ignore[import-untyped, unused-ignore]
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import nn
from torch.profiler import ProfilerActivity, profile

from benchmarks.measuring import cpu_seconds, machine
from underpaint.models import load_base, load_motion_adapter
from underpaint.runs import result_of
from underpaint.training.config import MixedPrecision, ReplicationConfig
from underpaint.training.data_config import DataConfig
from underpaint.training.ema import EmaWeights
from underpaint.training.loader import Data
from underpaint.training.optimiser import new_optimiser, trained
from underpaint.training.rng import training_rng
from underpaint.training.stages.replication import ReplicationPhase

_RECIPE = Path(__file__).resolve().parents[1] / "configs" / "nano-replication.yaml"
_WARM_UP, _STEPS, _ROUNDS = 3, 4, 7
_TYPES = {"no": torch.float32, "bf16": torch.bfloat16}
_OPERATORS = 8  # of the profile's longest


class Stepper:
    """A run's steps without its bookkeeping; the seconds of their parts are added up.

    Args:
        phase: what trains.
        data: what on, loaded in this process.
        change: what is done to the phase's networks first.
        fused: whether AdamW is one kernel, as it is.
    """

    def __init__(
        self,
        phase: ReplicationPhase,
        data: Data,
        *,
        change: Callable[[nn.Module], object] = lambda model: None,
        fused: bool = True,
    ) -> None:
        self.phase, self.seconds = phase, defaultdict[str, float](float)
        change(phase.model)
        self.model = phase.model
        parameters = trained(phase.model)
        self.parameters = list(parameters.values())
        self.optimiser = new_optimiser(parameters, phase.config)
        for group in self.optimiser.param_groups:
            group["fused"] = fused
            group["lr"] = 1e-9  # all ways keep the same weights, nearly
        self.ema = EmaWeights(parameters, phase.config.ema_decay)
        self.batches = iter(data.train_batches(batch=phase.batch))

    def step(self) -> None:
        """One step, as `underpaint.training.loop` does it."""
        config, precision = self.phase.config, _TYPES[self.phase.config.mixed_precision]
        began = self._lap("", time.process_time())
        batch = next(self.batches)
        began = self._lap("loading frames", began)
        rng = training_rng(0, "replication", batch.positions, shift=config.timestep_shift)
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            loss = self.phase.errors(self.model, batch, rng, 0.5).loss
        began = self._lap("forward, with the frozen autoencoder", began)
        torch.autograd.backward(loss)
        began = self._lap("backward", began)
        torch.nn.utils.clip_grad_norm_(self.parameters, config.max_grad_norm)
        began = self._lap("norm of the gradient", began)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        began = self._lap("AdamW", began)
        self.ema.update(1000)
        self._lap("average of the weights", began)

    def run(self) -> None:
        """A few steps."""
        for _ in range(_STEPS):
            self.step()

    def _lap(self, part: str, began: float) -> float:
        now = time.process_time()
        self.seconds[part] += now - began
        return now


def fused_attention(model: nn.Module) -> None:
    """Have torch's own attention, as diffusers has by default."""
    for part in model.modules():
        if isinstance(part, Attention):
            part.set_processor(AttnProcessor2_0())


def channels_last(model: nn.Module) -> None:
    """Have all weights of convolutions with the channels last."""
    model.to(memory_format=torch.channels_last)


def steppers(options: argparse.Namespace) -> dict[str, Stepper]:
    """The ways, the first as it is."""
    recipe = yaml.safe_load(_RECIPE.read_bytes())
    data_names = ("size", "frames", "name_medium", "later_start", "validation")
    data = DataConfig(corpus=str(options.corpus), workers=0, **{name: recipe.pop(name) for name in data_names})
    config = ReplicationConfig(
        data=data,
        out=Path("none"),
        base=str(options.base),
        motion=str(options.motion),
        mixed_precision="bf16",
        **recipe,
    )

    def phase(precision: MixedPrecision = "bf16") -> ReplicationPhase:
        base = load_base(result_of(config.base, "base"))
        adapter, _ = load_motion_adapter(result_of(config.motion, "motion"))
        return ReplicationPhase(replace(config, mixed_precision=precision), base, adapter, base.noise)

    loaded = Data(data)
    ways = {
        "as it is": Stepper(phase(), loaded),
        "32 bits": Stepper(phase("no"), loaded),
        "torch's fused attention": Stepper(phase(), loaded, change=fused_attention),
        "channels last": Stepper(phase(), loaded, change=channels_last),
        "AdamW tensor by tensor": Stepper(phase(), loaded, fused=False),
    }
    if options.compile:
        ways["torch.compile"] = Stepper(phase(), loaded)
        ways["torch.compile"].model = torch.compile(ways["torch.compile"].model)  # type: ignore[assignment]
    return ways


def compared(ways: Mapping[str, Stepper]) -> str:
    """A table of the CPU seconds a step takes in each way, and their ratio to the first, round by round."""
    rounds = [{name: cpu_seconds(way.run)[0] / _STEPS for name, way in ways.items()} for _ in range(_ROUNDS)]
    first, *_ = ways
    lines = [f"| way | seconds a step | to {first} |", "| --- | ---: | ---: |"]
    for name in ways:
        ratios = [seconds[name] / seconds[first] for seconds in rounds]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        lines.append(f"| {name} | {statistics.median(seconds[name] for seconds in rounds):.3f} | {spread} |")
    return "\n".join(lines)


def parts(way: Stepper) -> str:
    """A table of the shares of a step's named parts, in all the steps that way took."""
    seconds = {part: seconds for part, seconds in way.seconds.items() if part}
    rows = (f"| {part} | {spent / sum(seconds.values()):.1%} |" for part, spent in seconds.items())
    return "\n".join(["| part of a step | share |", "| --- | ---: |", *rows])


def operators(way: Stepper) -> str:
    """A table of the operators that a few more steps of that way spend most in, by torch's profiler."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        way.run()
    averages = sorted(profiled.key_averages(), key=lambda row: -row.self_cpu_time_total)
    total = sum(row.self_cpu_time_total for row in averages)
    rows = (
        f"| `{row.key}` | {row.self_cpu_time_total / total:.1%} | {row.count // _STEPS} |"
        for row in averages[:_OPERATORS]
    )
    return "\n".join(["| operator, by itself | share | calls a step |", "| --- | ---: | ---: |", *rows])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpus", "base", "motion"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--compile", action="store_true", help="torch.compile too, which takes minutes")
    options = parser.parse_args()
    print(f"{machine()}, {torch.get_num_threads()} thread(s), torch {torch.__version__}")
    ways = steppers(options)
    for way in ways.values():
        for _ in range(_WARM_UP):
            way.step()
        way.seconds.clear()
    print(f"\n{compared(ways)}")
    first = next(iter(ways.values()))
    print(f"\n{parts(first)}\n\n{operators(first)}")


if __name__ == "__main__":
    main()
