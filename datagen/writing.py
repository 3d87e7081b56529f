"""The door through which a corpus gets written from any other generator of processes.

A generator is a `Maker`: it has a `CorpusConfig`, streams its sources, and makes samples of each. `write_corpus` does
the rest: shards, sidecars and manifest, workers, retries, and going on where a job was interrupted.

    @dataclass(frozen=True)
    class Fades:  # pictures that come out of the white
        config: ImportConfig

        def sources(self, first=0):
            return read_sources(self.config.source, first)

        def make(self, source, watch):
            try:
                with watch.step("read"):
                    picture = decode_picture(source.path, self.config.canvas)  # of datagen.pictures.decode
            except BadPicture as bad:
                yield failure(source, None, bad)
                return
            frames = np.linspace(np.full_like(picture.pixels, 255), picture.pixels, self.config.frames, dtype=np.uint8)
            seed = sample_seed(0, source.name, "fade")
            yield painted_sample(source, frames, caption=source.caption, seed=seed, painting={"by": "fade"})

        def with_absolute_paths(self):
            return replace(self, config=self.config.with_absolute_paths())

    result = write_corpus(Fades(ImportConfig(source="photos", out="corpus")))
    result.complete, result.errors

`ImportConfig` is the config of a corpus whose samples have no strokes, as those of recordings. A seed by `sample_seed`
doesn't depend on workers, retries or order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.export import export
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.frames import FrameFormat, encode_members
from underpaint.datagen.format.sample import Sample, rounded_psnr, sample_key
from underpaint.datagen.import_config import RECORDED, ImportConfig
from underpaint.datagen.jobs.cluster import runtime_environment
from underpaint.datagen.jobs.maker import Maker, Stopwatch, failure
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.seeds import sample_seed
from underpaint.datagen.sources.reading import is_part, read_sources
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.sidecars import read_sidecars

__all__ = [
    "CorpusConfig",
    "ImportConfig",
    "Maker",
    "Result",
    "Source",
    "Stopwatch",
    "export",
    "failure",
    "is_part",
    "painted_sample",
    "read_sidecars",
    "read_sources",
    "runtime_environment",
    "sample_seed",
    "write_corpus",
]


def painted_sample(
    source: Source,
    frames: NDArray[np.uint8],
    *,
    caption: str | None,
    seed: int,
    painting: dict[str, Any],
    frame_format: FrameFormat = "webp",
) -> Sample:
    """Return the sample of a process that has no strokes; to readers it is like a recorded one.

    Args:
        source: the picture or prompt that it is made of; its number and name make the key.
        frames: uint8 (F, H, W, 3), the finished picture last.
        caption: of the finished picture.
        seed: of the process.
        painting: how it was made, JSON values, enough to make it again.
        frame_format: that of the job's config.

    Raises:
        BadPicture: `not-painted`: a number in `painting` isn't finite, or the frames can't be stored.
    """
    canvas = list(frames.shape[1:3])
    steps = [
        {"frame": number, "seconds": None, "psnr": rounded_psnr(renderers.psnr(frame, frames[-1]))}
        for number, frame in enumerate(frames)
    ]
    record = {
        "key": sample_key(source.index, source.name, RECORDED),
        "source": source.stored_name,
        "caption": caption,
        "trigger": None,
        "renderer": RECORDED,
        "seed": seed,
        "canvas": canvas,
        "strokes": 0,
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "about": {"kind": "painted", "recorded": len(frames), "size": canvas, "crop": None, "painting": painting},
        "version": renderers.PAINTING_VERSION,
    }
    try:
        files = encode_members(np.ascontiguousarray(frames), frame_format)
        files["json"] = canonical_json(record, indent=1)
    except ValueError as error:
        raise BadPicture("not-painted", str(error)) from error
    return Sample(key=str(record["key"]), files=files, record=record)
