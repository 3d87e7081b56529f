"""One picture to its samples, one per medium: painted, cut into frames, and encoded."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.frames import encode_members
from underpaint.datagen.format.sample import Failure, Sample, rounded_psnr, sample_key
from underpaint.datagen.format.webp import encode_picture
from underpaint.datagen.jobs.maker import Stopwatch, failure
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.pictures.guides import Guide, read_guide, read_welcome_guide
from underpaint.datagen.pictures.picture import BadPicture, Picture
from underpaint.datagen.seeds import sample_seed
from underpaint.datagen.sources.source import Source
from underpaint.renderers.medium import Medium


def make_samples(source: Source, config: GenerateConfig, watch: Stopwatch | None = None) -> Iterator[Sample | Failure]:
    """Decode one picture, then paint and encode it in one medium after the other; the next begins when it is asked for.

    The bytes of a sample depend on the picture, its name, the guides beside it, and the settings of the config; which
    other media are asked for doesn't matter. The options in `config` are spelled out, see `painter.with_options`.

    Yields:
        For each renderer of the picture its sample, or why there is none. A picture that can't be decoded is a single
        failure, of no renderer.
    """
    watch = watch or Stopwatch()
    canvas = config.canvas
    try:
        with watch.step("decode"):
            picture = decode_picture(source.path, canvas)
    except (BadPicture, MemoryError) as bad:
        yield failure(source, None, bad)
        return
    for renderer in config.media_of(source.stored_name):
        try:
            yield _make_sample(source, picture, renderer, config, watch)
        except (BadPicture, MemoryError) as bad:
            yield failure(source, renderer, bad)


def _make_sample(source: Source, picture: Picture, renderer: str, config: GenerateConfig, watch: Stopwatch) -> Sample:
    options, seed = config.options[renderer], sample_seed(config.seed, source.name, renderer)
    with watch.step("decode"):
        guides = _guides(source, picture, renderers.get_medium(renderer), options, config)
    with _blaming_the_renderer():
        with watch.step("paint"):
            process = renderers.paint(
                picture.pixels,
                renderer=renderer,
                strokes=config.strokes,
                quality=config.quality,
                seed=seed,
                options=options,
                guides={name: guide.values for name, guide in guides.items()},
            )
        with watch.step("frames"):
            frames = process.frames(config.frames, config.schedule)
            moments = process.moments(config.frames, config.schedule)
    with watch.step("encode"), _blaming_the_renderer():
        record = _record(source, config, seed, process, frames, moments, guides)
        files = encode_members(frames, config.frame_format) | {
            "json": canonical_json(record, indent=1),
            "strokes.npz": _saved(process.program),
        }
        if config.store_target:
            files["target.webp"] = encode_picture(picture.pixels)
    return Sample(key=record["key"], files=files, record=record)


def _guides(source: Source, picture: Picture, medium: Medium, options: Any, config: GenerateConfig) -> dict[str, Guide]:
    """Return the maps beside the picture that the medium needs or welcomes."""
    guides = {name: read_guide(source.path, name, picture, config.canvas) for name in medium.guides(options)}
    for name in medium.welcome(options):
        if (guide := read_welcome_guide(source.path, name, picture, config.canvas)) is not None:
            guides[name] = guide
    return guides


@contextmanager
def _blaming_the_renderer() -> Iterator[None]:
    """Turn whatever a renderer raises into a verdict on the picture that it was painting."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        if "OutOfMemory" in type(error).__name__:  # that of a GPU
            raise MemoryError(str(error)) from error
        # One picture among millions must not hold up its shard for ever; it is named with what went wrong.
        raise BadPicture("not-painted", f"{type(error).__name__}: {error}") from error


def _record(
    source: Source,
    config: GenerateConfig,
    seed: int,
    process: renderers.Process,
    frames: NDArray[np.uint8],
    moments: list[dict[str, Any]],
    guides: Mapping[str, Guide],
) -> dict[str, Any]:
    """Return the content of KEY.json; no time, host or absolute path, so that equal jobs give equal bytes."""
    program, target = process.program, process.target
    steps = [
        {**moment, "psnr": rounded_psnr(renderers.psnr(frame, target))}
        for moment, frame in zip(moments, frames, strict=True)
    ]
    return {
        "key": sample_key(source.index, source.name, program.medium),
        "source": source.stored_name,
        "caption": source.caption,
        "renderer": program.medium,
        "quality": config.quality,
        "schedule": config.schedule or process.schedule,
        "seed": seed,
        "canvas": list(program.size),
        "strokes": steps[-1]["strokes"],
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "about": dict(program.about),
        "version": renderers.PAINTING_VERSION,
        **({"guides": {name: guide.origin for name, guide in guides.items()}} if guides else {}),
        **({"scene": source.path.scene.record()} if isinstance(source.path, Drawn) else {}),
        **dict(source.credits),
    }


def _saved(program: renderers.Program) -> bytes:
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()
