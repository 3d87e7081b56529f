"""One picture to one sample: the files that go into a shard under one key."""

from __future__ import annotations

import io
import math
import re
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

import renderers
from datagen.atomic import canonical_json
from datagen.config import GenerateConfig
from datagen.decode import BadPicture, Canvas, decode_picture
from datagen.seeds import sample_seed
from datagen.sources import Source
from datagen.webp import encode_frames, encode_picture

SLUG_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One painting process as files.

    `files` maps extensions (without the first dot) to contents, in the order in which they go into the tar;
    `record` is what KEY.json holds.
    """

    key: str
    files: dict[str, bytes]
    record: dict[str, Any]


@dataclass
class Stopwatch:
    """Seconds spent in each named step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the block's wall time towards `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def make_sample(source: Source, config: GenerateConfig, watch: Stopwatch | None = None) -> Sample:
    """Decode, paint and encode one picture. The bytes depend on the picture, its name and the config alone.

    Raises:
        BadPicture: the picture can't be used.
    """
    watch = watch or Stopwatch()
    with watch.step("decode"):
        target = decode_picture(source.path, canvas_of(config))
    seed = sample_seed(config.seed, source.name, config.renderer)
    with watch.step("paint"):
        process = _paint(target, config, seed)
    with watch.step("frames"):
        frames = process.frames(config.frames, config.schedule)
        strokes = process.stroke_counts(config.frames, config.schedule)
    with watch.step("encode"):
        record = _record(source, config, seed, target, frames, strokes)
        files = {
            "webp": encode_frames(frames),
            "json": canonical_json(record, indent=1),
            "strokes.npz": _saved(process.program),
        }
        if config.store_target:
            files["target.webp"] = encode_picture(target)
    return Sample(key=record["key"], files=files, record=record)


def canvas_of(config: GenerateConfig) -> Canvas:
    """The canvas that a config asks for."""
    return Canvas(
        size=config.size,
        square=config.aspect == "square",
        background=renderers.parse_colour(config.background),
        min_side=config.min_side,
        max_pixels=config.max_pixels,
        max_aspect=config.max_aspect,
    )


def sample_key(source: Source, renderer: str) -> str:
    """Key of a sample, such as `00000012-a-red-barn-bezier`: unique by its number, and without dots.

    A dot would end the key for every WebDataset reader.
    """
    return f"{source.index:08d}-{slug(PurePosixPath(source.name).stem)}-{renderer}"


def slug(text: str) -> str:
    """`text` in a-z, 0-9 and single hyphens, at most 40 of them; `picture` when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:SLUG_LENGTH].rstrip("-") or "picture"


def _paint(target: NDArray[np.uint8], config: GenerateConfig, seed: int) -> renderers.Process:
    try:
        return renderers.paint(
            target,
            renderer=config.renderer,
            strokes=config.strokes,
            quality=config.quality,
            seed=seed,
            options=config.options,
        )
    except MemoryError:
        raise
    except Exception as error:
        # One picture among millions must not hold up its shard for ever; it is named with what went wrong.
        raise BadPicture("not-painted", f"{type(error).__name__}: {error}") from error


def _record(
    source: Source,
    config: GenerateConfig,
    seed: int,
    target: NDArray[np.uint8],
    frames: NDArray[np.uint8],
    strokes: NDArray[np.int64],
) -> dict[str, Any]:
    """The content of KEY.json; no time, host or absolute path, so that equal jobs give equal bytes."""
    steps = [
        {"strokes": int(count), "psnr": rounded_psnr(renderers.psnr(frame, target))}
        for count, frame in zip(strokes, frames, strict=True)
    ]
    return {
        "key": sample_key(source, config.renderer),
        "source": source.name,
        "caption": source.caption,
        "renderer": config.renderer,
        "quality": config.quality,
        "schedule": config.schedule,
        "seed": seed,
        "canvas": list(target.shape[:2]),
        "strokes": steps[-1]["strokes"],
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "version": renderers.__version__,
    }


def rounded_psnr(psnr: float) -> float | None:
    """dB with four digits; None for infinity (equal pictures), which JSON can't say."""
    return None if math.isinf(psnr) else round(psnr, 4)


def _saved(program: renderers.Program) -> bytes:
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()
