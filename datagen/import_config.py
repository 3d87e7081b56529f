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
    """Settings of `underpaint-data import`: recordings of painting processes in, corpus out.

    Args:
        source: Recordings to import: a folder of videos and of folders of frames, a .jsonl, .csv or .parquet list, or
            one video; a path or a URL.
        out: Folder of the corpus, or a URL such as `s3://bucket/corpus`. A corpus that is there already is continued.
        frames: Maximum number of frames to keep of each recording, its first and last frame included.
        blank: First frame of a process: `first` takes the recording's first frame, `ground` puts an empty canvas before
            that.
        ground: Colour of the empty canvas that `--blank ground` puts first, such as `white` or `#rrggbb`.
        crop: Whether black or white bars at the sides of a recording are cut off: `auto` cuts them off, `none` doesn't.
        trigger: Word to put before every caption and to store as `trigger`, such as `sks`.
        size: Side of the square canvas in pixels; with `--aspect keep`, its short side. 16 to 16383.
        aspect: Canvas proportions: `square` crops each frame to its centre square, `keep` keeps its proportions.
        shard_size: Number of recordings per shard. A crash loses at most the shards that are being written.
        min_side: Minimum length of a frame's short side in pixels; smaller recordings are skipped. With the value of
            `size`, no frame is enlarged.
        max_pixels: Maximum number of pixels of a frame; larger recordings are skipped.
        max_aspect: Maximum ratio of long to short side with `--aspect keep`; longer recordings are skipped.
        background: Colour behind transparent frames, such as `white` or `#rrggbb`.
        frame_format: How frames are stored, always without loss: `webp`, an animation; `png-sequence`, a picture each,
            for loaders that read no animations; `mp4`, H.264 in RGB, for those that read videos.
        store_target: Store the last frame by itself as well, as KEY.target.webp.
        workers: Number of local worker processes; by default one per core. 0 works in the main process.
        address: Address of a running Ray cluster to join, or `auto`. Can't be combined with `workers`.
        resources: Resources of a worker's machine that one shard needs, such as `CPU=2`; by default one core.
        ship_code: Send the code of Underpaint to the cluster at `address`; its machines need only the dependencies.
        max_retries: Maximum number of retries of a shard whose worker died or whose store failed, with growing pauses.
        unreachable: What becomes of a recording whose server or disk doesn't answer: `fail` leaves its shard unmade,
            for the next run; `skip` records the recording as `unreachable`.
        retry_failed: Make the shards again that lack a recording for a reason that may have passed: it was out of
            reach, missing, unreadable or cut off.

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
        """Return every setting that affects the output bytes, and `recorded` in the place of a renderer."""
        return super().determines_bytes() | {"renderer": RECORDED}
