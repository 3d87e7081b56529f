"""The configuration of `underpaint-data import`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from underpaint.commandline.checks import one_of
from underpaint.datagen.config import CorpusConfig, a_colour

Blank = Literal["first", "ground"]
Crop = Literal["auto", "none"]

RECORDED = "recorded"  # what stands in the place of a renderer


@dataclass(frozen=True, kw_only=True)
class ImportConfig(CorpusConfig):
    """One job: recordings of how pictures came to be in, corpus out.

    Args:
        source: Recordings: a folder of videos and of folders of frames, a .jsonl, .csv or .parquet, or one video.
        out: Folder of the corpus, or a URL such as `s3://bucket/corpus`; the same command continues.
        frames: Moments to keep of each process, first and last included; fewer where a recording has fewer.
        blank: The first moment: the `first` frame of the recording, or an empty `ground` put before it.
        ground: Colour of that empty ground, as `white` or `#rrggbb`.
        crop: Whether black or white bars at the sides are cut off: `auto`, or `none`.
        trigger: Word to put before every caption, and to store as `trigger`, such as `sks`.
        size: Side of the square canvas, or its short side with `--aspect keep`, in pixels.
        aspect: `square` cuts out the centre square; `keep` keeps the proportions.
        shard_size: Recordings per shard; one shard is also the unit of work that a crash can lose.
        min_side: Recordings with a shorter side are skipped; raise it to `size` to avoid enlarging.
        max_pixels: Recordings whose frames have more pixels are skipped.
        max_aspect: With `--aspect keep`, recordings longer than this times their short side are skipped.
        background: Colour under transparent frames, as `white` or `#rrggbb`.
        store_target: Also store the last frame by itself, as KEY.target.webp.
        workers: Local processes; all cores when not given, 0 does all the work in this process.
        address: Address of a running Ray cluster to join, or `auto`; not together with `workers`.
        resources: What a shard takes of a worker's machine, as `CPU=2`; one core if nothing is said.
        ship_code: Send Underpaint to the machines of the cluster at `address`, which then need only what it depends on.
        max_retries: How often a shard is started again, later and later, after its worker died or its store failed.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    blank: Blank = "first"  # most recordings begin with the empty sheet, and ours would have another colour
    ground: str = "white"
    crop: Crop = "auto"
    trigger: str | None = None
    shard_size: int = 16  # a video takes minutes to read, a picture half a second to paint

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(Blank, blank=self.blank)
        one_of(Crop, crop=self.crop)
        a_colour("ground", self.ground)
        if self.trigger is not None and not self.trigger.strip():
            raise ValueError(f"trigger is {self.trigger!r}: give a word, or leave it out")

    @property
    def unit(self) -> str:
        """What the source consists of, in one word."""
        return "recording"

    def determines_bytes(self) -> dict[str, Any]:
        """As of every job, and what stands in the place of a renderer."""
        return super().determines_bytes() | {"renderer": RECORDED}
