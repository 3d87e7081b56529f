"""What is learned from, how large the network is, and how the seconds are divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from underpaint.commandline.checks import above, at_least, one_of, within
from underpaint.experiments.commands import canvas_of
from underpaint.experiments.learn.budget import MEDIA
from underpaint.models.nano_names import NANOS

STAGES = ("autoencoder", "base", "motion", "replication")
# Pictures alone teach the words, and are cheap; the replication network, with the motion module beside it, decides how
# good paintings are.
ENDS = (0.20, 0.48, 0.62, 0.94)
STORED = 16  # frames of each process that are kept; as many as nano's corpora have
CROPS = 4  # of each painting: a few hundred megabytes of latents, and fewer things learned by heart


@dataclass(frozen=True, kw_only=True)
class GpuConfig:
    """A training that ends when its time is over.

    Attributes:
        out: folder of networks, sheets and measurements.
        sources: pictures, whatever `underpaint-data generate --source` takes.
        base: `nano` or `nano-large`.
        size: side of the frames in pixels; paintings have `canvas`.
        frames: of each sequence.
        media: that are painted; each picture in one of them.
        strokes: of each painting.
        quality: how long the renderers look for strokes.
        seconds: of everything.
        vae: folder of an autoencoder to go on with; a new one if not given.
        init: folder of networks to go on with, as a run leaves them in `models`, autoencoder and tokenizer as they are;
            new ones if not given.
        ends: when each stage ends, as shares of the seconds.
        workers: processes that paint.
        pictures: batch of the base, in pictures.
        sequences: batch of motion and replication, in processes.
        graphs: whether steps are recorded and replayed as CUDA graphs.
        seed: of all that is drawn.

    Raises:
        ValueError: a value out of range; says which and what to do.
    """

    out: Path
    sources: list[str] = field(default_factory=lambda: ["scenes:3000"])
    base: str = "nano-large"
    size: int = 96
    frames: int = 8
    media: tuple[str, ...] = MEDIA
    strokes: int = 200
    quality: str = "standard"
    seconds: float = 330.0
    vae: Path | None = None
    init: Path | None = None
    ends: tuple[float, float, float, float] = ENDS
    workers: int = 15
    pictures: int = 64
    sequences: int = 12
    graphs: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        one_of(NANOS, base=self.base)
        within(2, STORED, frames=self.frames)
        at_least(1, strokes=self.strokes, workers=self.workers, sequences=self.sequences)
        at_least(2, pictures=self.pictures)  # half of them are a batch of the autoencoder
        at_least(0, seed=self.seed)
        above(0, seconds=self.seconds)
        if self.size < 16 or self.size % 16:
            raise ValueError(f"size is {self.size}: use a multiple of 16")
        if len(self.ends) != len(STAGES) or sorted((0.0, *self.ends, 1.0)) != [0.0, *self.ends, 1.0]:
            raise ValueError(f"ends is {self.ends}: use {len(STAGES)} shares of the seconds, rising, none above 1")

    @property
    def canvas(self) -> int:
        """Side of the paintings in pixels."""
        return canvas_of(self.size)


# Nano's recipes, with batches that a GPU has something to do with.
LEARNING_RATES = {"autoencoder": 1e-3, "base": 1.5e-3, "motion": 2.5e-3, "replication": 2e-3}
GAMMA = {"base": 2.0, "motion": 0.0, "replication": 5.0}
SHIFT = {"base": 1.0, "motion": 3.0, "replication": 3.0}
HALF_PAINTED = 0.4  # of the base's pictures
LATER_START = {"motion": 0.0, "replication": 0.25}
DROPOUT = 0.1  # of captions
