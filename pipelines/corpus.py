"""Paintings as a corpus, written as `underpaint-data` writes its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from underpaint import renderers
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.sample import Failure, Sample, rounded_psnr, sample_key
from underpaint.datagen.format.webp import encode_frames
from underpaint.datagen.import_config import RECORDED, ImportConfig
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.sources.source import Source
from underpaint.pipelines.commissions import Commission, commission, subjects
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.order import Painting
from underpaint.pipelines.painters import Painter

# What has a say in a painting, beside the networks and the sampling.
_SAYS = ("task", "prompt", "seed", "size", "frame", "lora", "precision", "tiling")


@dataclass(frozen=True, kw_only=True)
class PaintedConfig(ImportConfig):
    """A corpus of paintings: to its readers they are processes without a program, as recorded ones are.

    Args:
        painting: everything that has a say in the paintings, JSON values.
    """

    painting: dict[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "painting"


class PaintedMaker:
    """Makes samples of commissions; it paints ahead, as many at once as the painter likes.

    Args:
        config: of the command.
        painter: paints.
    """

    def __init__(self, config: PaintConfig, painter: Painter) -> None:
        facts, self._painter = painter.facts(), painter
        self._commissions = [commission(source, config) for source in subjects(config)]
        self._made: dict[int, Painting | Failure] = {}
        says: dict[str, Any] = {name: getattr(config, name) for name in _SAYS}
        says |= {"sampling": asdict(config.sampling), "models": facts.models}
        self.config = PaintedConfig(
            source=" ".join(config.subjects),
            out=config.out,
            size=facts.size,
            aspect="keep",
            frames=facts.frames,
            shard_size=config.shard_size,
            workers=0,
            painting=says,
        )

    def sources(self, first: int = 0) -> Iterator[Source]:
        """The prompts or pictures, from number `first` on."""
        return (each.source for each in self._commissions[first:])

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """The sample of one commission."""
        if source.index not in self._made:
            portion = self._commissions[source.index : source.index + self._painter.portion]
            with watch.step("paint"):
                made = self._painter.paint(portion)
            self._made = {each.source.index: result for each, result in zip(portion, made, strict=True)}
        result = self._made.pop(source.index)
        if isinstance(result, Failure):
            yield result
            return
        with watch.step("encode"):
            yield _sample(self._commissions[source.index], result)

    def with_absolute_paths(self) -> PaintedMaker:
        """Itself: it never leaves this process."""
        return self


def _sample(order: Commission, painting: Painting) -> Sample:
    frames = painting.frames
    steps = [
        {"frame": number, "seconds": None, "psnr": rounded_psnr(renderers.psnr(frame, frames[-1]))}
        for number, frame in enumerate(frames)
    ]
    record = {
        "key": sample_key(order.source.index, order.source.name, RECORDED),
        "source": order.source.name,
        "caption": order.prompt or None,
        "trigger": None,
        "renderer": RECORDED,
        "seed": order.seed,
        "canvas": list(frames.shape[1:3]),
        "strokes": 0,
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "about": {
            "kind": "painted",
            "recorded": len(frames),
            "size": list(frames.shape[1:3]),
            "crop": None,
            "painting": painting.about,
        },
        "version": renderers.PAINTING_VERSION,
    }
    files = {"webp": encode_frames(np.ascontiguousarray(frames)), "json": canonical_json(record, indent=1)}
    return Sample(key=str(record["key"]), files=files, record=record)
