"""The door through which processes get read, by whoever judges or shows them.

`Corpus` opens a folder of shards; `shots` streams the frames of a video or of a folder of pictures, each brought to a
canvas only if it is asked for. Neither loads Ray or torch.
"""

from __future__ import annotations

from underpaint.datagen.corpus import Corpus, CorpusSample
from underpaint.datagen.recordings.footage import Shot, natural_order, shots
from underpaint.datagen.recordings.reading import VIDEO_SUFFIXES, is_frame_name, is_video_name

__all__ = [
    "VIDEO_SUFFIXES",
    "Corpus",
    "CorpusSample",
    "Shot",
    "is_frame_name",
    "is_video_name",
    "natural_order",
    "shots",
]
