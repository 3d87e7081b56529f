"""One recording to its sample: a few of its frames, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.frames import encode_members
from underpaint.datagen.format.sample import Failure, Sample, rounded_psnr, sample_key
from underpaint.datagen.format.webp import encode_picture
from underpaint.datagen.import_config import RECORDED, ImportConfig
from underpaint.datagen.jobs.maker import Stopwatch, failure
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.pictures.places import Place, verdict
from underpaint.datagen.recordings.footage import shots
from underpaint.datagen.recordings.pacing import choose, progress
from underpaint.datagen.recordings.survey import Survey, survey
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.patience import is_passing


def make_recorded(source: Source, config: ImportConfig, watch: Stopwatch) -> Sample | Failure:
    """Read a recording twice: to see what happens when, and to fetch the frames that were chosen.

    Memory holds the thumbnails of a survey, the chosen frames on their canvas, and one whole frame.
    """
    try:
        return _make(source, config, watch)
    except (BadPicture, MemoryError) as bad:
        return failure(source, None, bad)
    except OSError as error:  # its server or its mount went away in the middle of it
        if not is_passing(error):
            raise
        return failure(source, None, verdict(error))


def _make(source: Source, config: ImportConfig, watch: Stopwatch) -> Sample:
    whole = config.canvas
    with watch.step("survey"):
        seen = survey(shots(source.path), whole, crop=config.crop == "auto")
        canvas = _windowed(whole, seen)
        chosen = _chosen(seen, config)
    with watch.step("decode"):
        frames, steps = _fetched(source.path, chosen, canvas, config)
    with watch.step("encode"):
        for frame, step in zip(frames, steps, strict=True):
            step["psnr"] = rounded_psnr(renderers.psnr(frame, frames[-1]))
        record = _record(source, config, seen, frames, steps)
        files = encode_members(frames, config.frame_format) | {"json": canonical_json(record, indent=1)}
        if config.store_target:
            files["target.webp"] = encode_picture(frames[-1])
    return Sample(key=record["key"], files=files, record=record)


def _windowed(canvas: Canvas, seen: Survey) -> Canvas:
    """Return the canvas for what lies within the bars, if that is large enough and not too long."""
    left, top, right, bottom = _pixels(seen)
    shape = f"{right - left} x {bottom - top} px within its bars"
    short, long = sorted((right - left, bottom - top))
    if short < canvas.min_side:
        raise BadPicture("too-small", f"{shape}, a side of {canvas.min_side} is needed")
    if not canvas.square and long > canvas.max_aspect * short:
        raise BadPicture("too-long", f"{shape}, at most {canvas.max_aspect:g} : 1 is allowed")
    return replace(canvas, window=seen.window, max_aspect=float("inf"))


def _pixels(seen: Survey) -> list[int]:
    """Return (left, top, right, bottom) of the window in pixels of the recording."""
    return [round(share * side) for share, side in zip(seen.window, seen.size * 2, strict=True)]


def _chosen(seen: Survey, config: ImportConfig) -> list[int | None]:
    """Return the numbers of the frames to keep; None is the empty ground."""
    thumbnails, numbers = list(seen.thumbnails), list[int | None](seen.numbers)
    done, covered = progress(thumbnails)
    if config.blank == "ground":
        blank = np.full_like(thumbnails[0], renderers.parse_colour(config.ground))
        first = progress([blank, thumbnails[0]])[0][1]
        done, covered = np.concatenate([[0.0], done + first]), np.concatenate([[0.0], covered])
        numbers.insert(0, None)
    indices = choose(done, covered, config.frames)
    if len(indices) < 2:
        raise BadPicture("too-few-frames", f"nothing changes in the {seen.count} of it")
    return [numbers[index] for index in indices]


def _fetched(
    path: Place, chosen: Sequence[int | None], canvas: Canvas, config: ImportConfig
) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """Return the chosen frames, uint8 (n, H, W, 3), and the record of each."""
    frames: list[NDArray[np.uint8]] = []
    steps: list[dict[str, Any]] = []
    for shot in shots(path):
        if shot.number in chosen:
            frames.append(shot.picture(canvas).pixels)
            seconds = None if shot.seconds is None else round(shot.seconds, 3)
            steps.append({"frame": shot.number, "seconds": seconds})
        if shot.number == chosen[-1]:
            break
    if chosen[0] is None:
        frames.insert(0, np.full_like(frames[0], renderers.parse_colour(config.ground)))
        steps.insert(0, {"frame": None, "seconds": None})
    return np.stack(frames), steps


def _record(
    source: Source, config: ImportConfig, seen: Survey, frames: NDArray[np.uint8], steps: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the content of KEY.json; no time, host or absolute path, so that equal jobs give equal bytes."""
    trigger = source.trigger or config.trigger
    width, height = seen.size
    crop = _pixels(seen)
    return {
        "key": sample_key(source.index, source.name, RECORDED),
        "source": source.stored_name,
        "caption": ", ".join(part for part in (trigger, source.caption) if part) or None,
        "trigger": trigger,
        "renderer": RECORDED,
        "seed": 0,
        "canvas": list(frames.shape[1:3]),
        "strokes": 0,
        "frames": steps,
        "psnr": steps[-1]["psnr"],
        "about": {
            "kind": "pictures" if source.path.is_dir() else "video",
            "recorded": seen.count,
            "size": [height, width],
            "crop": None if crop == [0, 0, width, height] else crop,
        },
        "version": renderers.PAINTING_VERSION,
        **dict(source.credits),
    }
