"""What paints the jobs of a command: a pipeline in this process, or one on each GPU of a Ray cluster."""

from __future__ import annotations

import dataclasses
import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from underpaint.datagen.format.sample import Failure
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.writing import failure, runtime_environment
from underpaint.extras import quick_imports
from underpaint.pipelines.callback import Callback
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.medium import check_medium
from underpaint.pipelines.paint_jobs import PaintJob
from underpaint.pipelines.pictures import parse_size
from underpaint.pipelines.places import places_of
from underpaint.pipelines.request import Painting, Request
from underpaint.pipelines.settings import Sampling

if TYPE_CHECKING:
    from underpaint.pipelines.pipeline import ProcessPipeline

_logger = logging.getLogger(__name__)

# Work that is given to a cluster at once, for each worker: enough that few of them wait for the last.
_PER_WORKER = 8
# Canvases so many times as large as those of training are told before hours are lost.
_LARGE = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class PaintingSpec:
    """What the networks will paint for a command.

    Attributes:
        frames: of each painting.
        size: short side of the canvas.
        models: names and fingerprints, JSON values.
        precision: what they are painted in.
        sampling: how, JSON values.
        media: those that prompts can begin with.
    """

    frames: int
    size: int
    models: dict[str, Any]
    precision: str
    sampling: dict[str, Any]
    media: tuple[str, ...]


class AnyPainter(Protocol):
    """A painter of jobs."""

    def spec(self) -> PaintingSpec:
        """Return what will be painted.

        Raises:
            ValueError: what is asked for can't be painted by these networks.
        """
        ...

    @property
    def portion(self) -> int:
        """Number of jobs that are best given at once."""
        ...

    def paint(self, jobs: Sequence[PaintJob]) -> list[Painting | Failure]:
        """Return a painting of each, or why there is none."""
        ...


class LocalPainter:
    """A painter in this process.

    Args:
        config: of the command.
        callback: called after each pass of the networks.

    Raises:
        ValueError: the networks are missing or don't fit.
    """

    def __init__(self, config: PaintConfig, callback: Callback | None = None) -> None:
        self.config, self.callback = config, callback or Callback()
        self.pipeline = load_pipeline(config)

    def spec(self) -> PaintingSpec:
        """Return what will be painted, once everything is checked that doesn't depend on a picture."""
        parts = self.pipeline.parts
        check_medium(self.config.medium, parts.media)
        size = parse_size(self.config.size or parts.size)
        return PaintingSpec(
            frames=self.pipeline.check(self.config.sampling, self.config.conditioned_numbers),
            size=min(size.shape),
            models=dict(parts.described),
            precision=self.pipeline.networks.precision,
            sampling=self._sampling().record(),
            media=parts.media,
        )

    def _sampling(self) -> Sampling:
        """How these networks are sampled."""
        conditioned = bool(self.config.conditioned_numbers)
        return self.config.sampling.settled(self.pipeline.parts.noise.prediction, conditioned=conditioned)

    def too_large(self) -> str:
        """Return a line on a canvas much larger than those of training, with an estimate of the time; empty if none."""
        trained, size = self.pipeline.parts.size, min(parse_size(self.config.size or self.pipeline.parts.size).shape)
        if size < _LARGE * trained:
            return ""
        began, sampling = time.monotonic(), self._sampling()
        self.pipeline.text("", size=trained, **{**dataclasses.asdict(sampling), "steps": 1})
        seconds = (time.monotonic() - began) * (size / trained) ** 2 * (sampling.steps or 1)
        return (
            f"size {size} is {size / trained:.0f} times the {trained} px that the networks were trained with: a "
            f"painting takes {_roughly(seconds)} here, or more, and shows things several times; --size {trained} "
            "is what they are good at"
        )

    @property
    def portion(self) -> int:
        """A batch."""
        return self.config.batch

    def paint(self, jobs: Sequence[PaintJob]) -> list[Painting | Failure]:
        """Read the pictures and paint, as many at once as have the same canvas."""
        made: dict[int, Painting | Failure] = {}
        requests: dict[int, Request] = {}
        for number, each in enumerate(jobs):
            try:
                requests[number] = self.pipeline.request(
                    each.prompt, each.frames, seed=each.seed, size=self.config.size
                )
            except BadPicture as bad:
                made[number] = failure(each.source, None, bad)
        for numbers in self._batches(requests):
            batch = [requests[number] for number in numbers]
            paintings = self.pipeline.paint(batch, self.config.sampling, self.callback)
            made.update(zip(numbers, paintings, strict=True))
        return [made[number] for number in range(len(jobs))]

    def _batches(self, requests: dict[int, Request]) -> Iterator[list[int]]:
        alike: dict[tuple[int, int], list[int]] = {}
        for number, request in requests.items():
            alike.setdefault(self.pipeline.networks.margins(request.shape).padded, []).append(number)
        for numbers in alike.values():
            for start in range(0, len(numbers), self.config.batch):
                yield numbers[start : start + self.config.batch]


def _roughly(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def load_pipeline(config: PaintConfig) -> ProcessPipeline:
    """Load the pipeline that a command asks for.

    Raises:
        ValueError: the networks are missing or don't fit.
    """
    with quick_imports():
        import diffusers
        import transformers

        from underpaint.pipelines.pipeline import ProcessPipeline
    from underpaint.pipelines.embeddings import parse_embedding
    from underpaint.pipelines.loras import parse_lora

    # Their bars would run through ours.
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    return ProcessPipeline.load(
        places_of(config),
        models=config.models,
        loras=[parse_lora(text) for text in config.lora],
        embeddings=[parse_embedding(text) for text in config.embedding],
        beta_schedule=config.beta_schedule,
        compute=config.compute,
    )


class RayPainter:
    """A painter on a Ray cluster, with one worker for each GPU, or for each machine if there is no GPU.

    A worker that dies is started again, and what it was painting with it.

    Args:
        config: of the command; its files must be where the workers can read them.

    Raises:
        ConnectionError: no cluster at the address, or a worker that can't be started again.
    """

    def __init__(self, config: PaintConfig) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray  # takes a second

        self.ray = ray
        if not ray.is_initialized():
            ray.init(
                address=config.address,
                runtime_env=runtime_environment(ship_code=config.ship_code, networks=True),
                logging_level=logging.ERROR,
                log_to_driver=False,
            )
        gpus = int(ray.cluster_resources().get("GPU", 0))
        worker = ray.remote(num_cpus=1, num_gpus=1 if gpus else 0, max_restarts=3, max_task_retries=3)(_Worker)
        elsewhere = _with_absolute_paths(config)
        self.workers = [worker.remote(elsewhere) for _ in range(gpus or len(ray.nodes()))]
        self.batch = config.batch

    def spec(self) -> PaintingSpec:
        """Return what will be painted."""
        spec: PaintingSpec = self._result(self.workers[0].spec.remote())
        return spec

    @property
    def portion(self) -> int:
        """Number of jobs that keep all workers busy."""
        return len(self.workers) * self.batch * _PER_WORKER

    def paint(self, jobs: Sequence[PaintJob]) -> list[Painting | Failure]:
        """Give each worker a batch, and another whenever it is done."""
        parts = [list(jobs[start : start + self.batch]) for start in range(0, len(jobs), self.batch)]
        made: list[list[Painting | Failure]] = [[] for _ in parts]
        waiting = list(enumerate(parts))[::-1]
        running: dict[Any, tuple[int, Any]] = {}
        idle = list(self.workers)
        while waiting or running:
            while waiting and idle:
                (number, part), worker = waiting.pop(), idle.pop()
                running[worker.paint.remote(part)] = number, worker
            for done in self.ray.wait(list(running))[0]:
                number, worker = running.pop(done)
                made[number] = self._result(done)
                for each in made[number]:
                    # What workers log stays with them.
                    if isinstance(each, Painting) and "prompt_cut" in each.about:
                        _logger.warning("prompt %s", each.about["prompt_cut"])
                idle.append(worker)
        return [each for part in made for each in part]

    def _result(self, reference: Any) -> Any:
        try:
            return self.ray.get(reference)
        except self.ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self.ray.exceptions.RayError as error:
            raise ConnectionError(f"a worker of the cluster is lost: {' '.join(str(error).split())}") from error


class _Worker:
    """The actor of a Ray worker."""

    def __init__(self, config: PaintConfig) -> None:
        self.painter = LocalPainter(config)

    def spec(self) -> PaintingSpec:
        return self.painter.spec()

    def paint(self, jobs: list[PaintJob]) -> list[Painting | Failure]:
        return self.painter.paint(jobs)


def _with_absolute_paths(config: PaintConfig) -> PaintConfig:
    """A worker has a working directory of its own."""
    from underpaint.pipelines.embeddings import parse_embedding

    def absolute(name: str | None) -> str | None:
        return str(Path(name).absolute()) if name and Path(name).exists() else name

    return dataclasses.replace(
        config,
        models=config.models and config.models.absolute(),
        embedding=[f"{each.word}={each.path.absolute()}" for each in map(parse_embedding, config.embedding)],
        base=absolute(config.base),
        vae=absolute(config.vae),
        base_config=absolute(config.base_config),
        motion=absolute(config.motion),
        replication=absolute(config.replication),
    )
