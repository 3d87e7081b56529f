"""What is read from which corpora: the data settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from underpaint.commandline.checks import at_least, one_of, within, within_below
from underpaint.training.order import check_weights

OnBadSample = Literal["stop", "skip"]
Aspect = Literal["square", "keep"]


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How training frames are augmented. All zeros and `crop` 1 leave them as they are.

    Args:
        flip: Share of sequences that are mirrored horizontally.
        crop: Side of the smallest random square crop, as a share of the frame's side.
        saturation: Saturation is changed by a random factor of up to 1 ± this.
        gamma: Gamma correction with a random exponent of up to 1 ± this.

    Raises:
        ValueError: a value out of range.
    """

    flip: float = 0.5  # nothing in the pictures tells left from right, except writing; 0 for calligraphy
    crop: float = 0.9  # "slightly": the composition, and what the caption says, stays
    # Both leave white paper white and black ink black, which brightness and contrast would not: a model must see the
    # ground that it will be given.
    saturation: float = 0.1
    gamma: float = 0.1

    def __post_init__(self) -> None:
        within(0, 1, **{"augment.flip": self.flip})
        within(0.5, 1, **{"augment.crop": self.crop})
        within(0, 0.9, **{"augment.saturation": self.saturation, "augment.gamma": self.gamma})


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Corpora, what is taken from them and how it is varied.

    Args:
        corpus: Folders of corpora; with `streaming`, URLs of shards such as `s3://bucket/{000000..000099}.tar`, which
            webdataset opens (it runs `aws`, `gsutil` or `curl` to do so).
        weights: Sampling weight of each corpus, in any unit; if not given, all samples are one pool.
        renderer: Train on samples of these media only; if not given, on all.
        size: Side of the square frames in pixels. No corpus may have smaller canvases: nothing is upscaled.
        aspect: Proportions where canvases aren't square: `keep` trains in aspect buckets, shapes of about the area of
            `size` x `size`; `square` crops each frame to its centre square.
        frames: Frames per sequence, the last always the finished picture; 1 trains on single pictures.
        later_start: Share of sequences that start at a random later frame rather than at the blank ground.
        half_painted: With `frames` 1, the share of pictures that are unfinished frames; the caption then says so.
        trigger: Trigger word that starts every caption, for models of one artist.
        name_medium: Start captions with the name of the medium, as in `oil, a photo of a lynx`, so that prompts can ask
            for a medium. All stages of a model should agree on it.
        caption_dropout: Share of samples whose caption is dropped, for classifier-free guidance.
        augment: Augmentation, equal for all frames of a sequence.
        validation: Share of source pictures to hold out, in all corpora and media. 0 holds out none and validates on
            training samples, which suits the few sequences of one artist.
        validation_samples: Largest number of held-out samples in the validation loss.
        on_bad_sample: `stop` at a damaged sample, or `skip` it, train on the next one instead, and count it.
        workers: Data loader workers per training process; 0 loads in the training process itself.
        streaming: Read shards sequentially, as object stores want it; training/streaming.py names the limits.
        buffer: With `streaming`, size of each worker's shuffle buffer in samples.
        seed: Seed of weights, data order, augmentation and noise.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    corpus: str | list[str]
    weights: list[float] = field(default_factory=list)
    renderer: str | list[str] = field(default_factory=list)
    size: int = 512  # what Stable Diffusion 1.5 was made for
    aspect: Aspect = "keep"  # what was painted in the margins is learned, too; square corpora don't notice
    frames: int = 16  # the window of AnimateDiff's motion module
    later_start: float = 0.5  # completing a half-painted picture is learned as well as painting one
    half_painted: float = 0.0  # a pretrained base knows finished pictures, and is to stay with them
    trigger: str = ""
    name_medium: bool = False  # models of one medium needn't be asked for it
    caption_dropout: float = 0.1  # Ho & Salimans 2022 found 0.1 and 0.2 equally good
    augment: AugmentConfig = AugmentConfig()
    validation: float = 0.05  # of 1,000 pictures 50, near the 64 that are used
    validation_samples: int = 64  # their loss varies little enough to compare, and costs seconds
    on_bad_sample: OnBadSample = "stop"
    workers: int = 2  # decoding takes a fraction of a training step
    streaming: bool = False
    buffer: int = 256  # four shards' worth, about 150 MB at 512 px
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("corpus", "renderer"):
            value = getattr(self, name)
            object.__setattr__(self, name, [value] if isinstance(value, str) else list(value))
        if not self.corpus:
            raise ValueError("corpus is empty: name at least one folder")
        check_weights(self.weights, len(self.corpus))
        at_least(8, size=self.size)
        at_least(1, frames=self.frames, validation_samples=self.validation_samples, buffer=self.buffer)
        at_least(0, workers=self.workers)
        within(0, 1, later_start=self.later_start, half_painted=self.half_painted, caption_dropout=self.caption_dropout)
        within_below(0, 1, validation=self.validation)
        if self.half_painted and self.frames > 1:
            raise ValueError(
                f"half_painted is {self.half_painted} with {self.frames} frames: only single pictures (frames 1) can "
                "be half-painted, a sequence always ends with the finished one"
            )
        one_of(Aspect, aspect=self.aspect)
        one_of(OnBadSample, on_bad_sample=self.on_bad_sample)
