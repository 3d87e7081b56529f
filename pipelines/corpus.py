"""Paintings as a corpus, written as `underpaint-data` writes its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.writing import ImportConfig, Source, Stopwatch, painted_sample
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.paint_jobs import paint_job, subjects, usual_of
from underpaint.pipelines.painters import AnyPainter
from underpaint.pipelines.request import Painting

# Settings that affect a painting, beside the networks and the sampling.
_AFFECTING = ("task", "prompt", "seed", "size", "frame", "lora", "tiling")


@dataclass(frozen=True, kw_only=True)
class PaintedConfig(ImportConfig):
    """A corpus of paintings: to its readers they are processes without a program, as recorded ones are.

    Args:
        painting: everything that affects the paintings, JSON values.
    """

    painting: dict[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "painting"


class PaintedMaker:
    """A maker of samples; it paints ahead, as many at once as the painter likes.

    Args:
        config: of the command.
        painter: paints.
    """

    def __init__(self, config: PaintConfig, painter: AnyPainter) -> None:
        spec, self._painter = painter.spec(), painter
        self._jobs = [paint_job(source, config, spec.media) for source in subjects(config)]
        self._made: dict[int, Painting | Failure] = {}
        painting: dict[str, Any] = {name: getattr(config, name) for name in _AFFECTING}
        painting |= {"precision": spec.precision, "sampling": spec.sampling, "models": spec.models}
        if config.embedding:
            painting["embedding"] = config.embedding
        if config.medium:
            painting["medium"] = config.medium
        elif any(job.prompt != job.source.caption for job in self._jobs) and (usual := usual_of(config, spec.media)):
            painting["usual_medium"] = usual
        self.config = PaintedConfig(
            source=" ".join(config.subjects),
            out=config.out,
            size=spec.size,
            aspect="keep",
            frames=spec.frames,
            shard_size=config.shard_size,
            workers=0,
            painting=painting,
        )

    def sources(self, first: int = 0) -> Iterator[Source]:
        """Stream the prompts or pictures, from number `first` on."""
        return (each.source for each in self._jobs[first:])

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """Make the sample of one job."""
        if source.index not in self._made:
            portion = self._jobs[source.index : source.index + self._painter.portion]
            with watch.step("paint"):
                made = self._painter.paint(portion)
            self._made = {each.source.index: result for each, result in zip(portion, made, strict=True)}
        result = self._made.pop(source.index)
        if isinstance(result, Failure):
            yield result
            return
        with watch.step("encode"):
            job, frames = self._jobs[source.index], result.frames
            yield painted_sample(source, frames, caption=job.prompt or None, seed=job.seed, painting=result.about)

    def with_absolute_paths(self) -> PaintedMaker:
        """Return itself: it never leaves this process."""
        return self
