"""One picture to its samples, one per medium: the files that go into a shard under one key each."""

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
from datagen.config import CorpusConfig, GenerateConfig
from datagen.decode import decode_picture
from datagen.guides import read_guide
from datagen.picture import BadPicture, Canvas, Picture
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


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A sample that couldn't be made: `reason` is one of the words of `datagen.picture.Reason`.

    `renderer` is None if the picture itself can't be used, and then it has no samples at all.
    """

    source: str
    index: int
    renderer: str | None
    reason: str
    detail: str


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


def make_samples(source: Source, config: GenerateConfig, watch: Stopwatch | None = None) -> Iterator[Sample | Failure]:
    """Decode one picture, then paint and encode it in one medium after the other; the next begins when it is asked for.

    The bytes of a sample depend on the picture, its name, the guides beside it, and the settings of the config; which
    other media are asked for doesn't matter. The options in `config` are spelled out, see `medium.with_options`.

    Yields:
        For each renderer of the picture its sample, or why there is none. A picture that can't be decoded is a single
        failure, of no renderer.
    """
    watch = watch or Stopwatch()
    canvas = canvas_of(config)
    try:
        with watch.step("decode"):
            picture = decode_picture(source.path, canvas)
    except BadPicture as bad:
        yield failure(source, None, bad)
        return
    for renderer in config.media_of(source.name):
        try:
            yield _make_sample(source, picture, renderer, config, watch)
        except BadPicture as bad:
            yield failure(source, renderer, bad)


def failure(source: Source, renderer: str | None, bad: BadPicture) -> Failure:
    """Put on record why a source, or one renderer on it, gives no sample."""
    return Failure(source=source.name, index=source.index, renderer=renderer, reason=bad.reason, detail=bad.detail)


def _make_sample(source: Source, picture: Picture, renderer: str, config: GenerateConfig, watch: Stopwatch) -> Sample:
    options, seed = config.options[renderer], sample_seed(config.seed, source.name, renderer)
    with watch.step("decode"):
        names = renderers.get_medium(renderer).guides(options)
        guides = {name: read_guide(source.path, name, picture, canvas_of(config)) for name in names}
    with _blaming_the_renderer():
        with watch.step("paint"):
            process = renderers.paint(
                picture.pixels,
                renderer=renderer,
                strokes=config.strokes,
                quality=config.quality,
                seed=seed,
                options=options,
                guides=guides,
            )
        with watch.step("frames"):
            frames = process.frames(config.frames, config.schedule)
            moments = process.moments(config.frames, config.schedule)
    with watch.step("encode"):
        record = _record(source, config, seed, process, frames, moments)
        files = {
            "webp": encode_frames(frames),
            "json": canonical_json(record, indent=1),
            "strokes.npz": _saved(process.program),
        }
        if config.store_target:
            files["target.webp"] = encode_picture(picture.pixels)
    return Sample(key=record["key"], files=files, record=record)


@contextmanager
def _blaming_the_renderer() -> Iterator[None]:
    """Turn whatever a renderer raises into a verdict on the picture that it was painting."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        # One picture among millions must not hold up its shard for ever; it is named with what went wrong.
        raise BadPicture("not-painted", f"{type(error).__name__}: {error}") from error


def canvas_of(config: CorpusConfig) -> Canvas:
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


def _record(
    source: Source,
    config: GenerateConfig,
    seed: int,
    process: renderers.Process,
    frames: NDArray[np.uint8],
    moments: list[dict[str, Any]],
) -> dict[str, Any]:
    """The content of KEY.json; no time, host or absolute path, so that equal jobs give equal bytes."""
    program, target = process.program, process.target
    steps = [
        {**moment, "psnr": rounded_psnr(renderers.psnr(frame, target))}
        for moment, frame in zip(moments, frames, strict=True)
    ]
    return {
        "key": sample_key(source, program.medium),
        "source": source.name,
        "caption": source.caption,
        "renderer": program.medium,
        "quality": config.quality,
        "schedule": config.schedule,
        "seed": seed,
        "canvas": list(program.size),
        "strokes": steps[-1]["strokes"],
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "about": dict(program.about),
        "version": renderers.__version__,
        **dict(source.credits),
    }


def rounded_psnr(psnr: float) -> float | None:
    """dB with four digits; None for infinity (equal pictures), which JSON can't say."""
    return None if math.isinf(psnr) else round(psnr, 4)


def _saved(program: renderers.Program) -> bytes:
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()
