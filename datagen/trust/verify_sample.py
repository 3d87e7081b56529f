"""Is one sample what its JSON, its sidecar and its program say?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.datagen.corpus import CorpusSample
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.frames import decode_frames, format_of, frame_members
from underpaint.datagen.format.sample import rounded_psnr
from underpaint.datagen.format.sidecar import SampleEntry
from underpaint.datagen.import_config import RECORDED
from underpaint.texts import parse_json


def sample_faults(sample: CorpusSample, config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a sample, as (kind, detail); `config` is that of job.json, empty if there is none.

    Members, JSON against sidecar and job, every frame against the program, every PSNR against the target where
    that was stored. A recording has no program; its target is the last frame.
    """
    recorded = sample.entry.renderer == RECORDED
    wanted = {"json"} | (set() if recorded else {"strokes.npz"})
    wanted |= {"target.webp"} if config.get("store_target") else set()
    yield from _members(set(sample.entry.members), wanted, config)
    try:
        record = sample.record()
        yield from _same(record, sample.entry)
        yield from (_recording if recorded else _record)(record, config)
        shape, count = tuple(record["canvas"]), len(record["frames"])
    except Exception as error:  # damaged bytes can raise anything, here and below
        yield "json", _said(error)
        return
    frames = None
    try:
        frames = decode_frames(sample.stored_frames(), count, shape)
    except Exception as error:
        yield "frames", _said(error)
    if recorded:
        yield from _psnr(frames, frames[-1], record) if frames is not None else ()
    else:
        yield from _painting(sample, record, frames)
    if "target.webp" in sample.entry.members and frames is not None:
        try:
            target = decode_frames(sample.member("target.webp"), 1, shape)[0]
            yield from _psnr(frames, target, record)
        except Exception as error:
            yield "target", _said(error)


def _members(found: set[str], wanted: set[str], config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not config:
        return
    asked = config.get("frame_format", "webp")
    try:
        frames = frame_members(found)
    except ValueError:
        frames = []
    if not frames or format_of(frames) != asked or found - set(frames) != wanted:
        names = "0000.png and so on" if asked == "png-sequence" else asked
        yield "member", f"has {_listed(found)} instead of {_listed(wanted | {names})}"


def _painting(
    sample: CorpusSample, record: dict[str, Any], frames: NDArray[np.uint8] | None
) -> Iterator[tuple[str, str]]:
    try:
        program = sample.program()
        yield from _program(program, record, frames)
        if "about" in record:  # older corpora say nothing of all this
            yield from _words(program, record)
    except Exception as error:
        yield "program", _said(error)


def _same(record: dict[str, Any], entry: SampleEntry) -> Iterator[tuple[str, str]]:
    for name in ("key", "source", "renderer", "strokes", "psnr", "seed", "license"):
        said = record.get(name) if name == "license" else record[name]
        if said != getattr(entry, name):
            yield "json", f"{name} is {said!r}, the sidecar says {getattr(entry, name)!r}"
    if record["frames"][-1]["psnr"] != record["psnr"]:
        yield "json", f"psnr is {record['psnr']}, that of the last frame {record['frames'][-1]['psnr']}"


def _record(record: dict[str, Any], config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    # A schedule of null is each medium's own; a reordered sample has that of the reordering.
    schedule = (
        config.get("reordered", {}).get("schedule")
        if "reordered" in record.get("about", {})
        else config.get("schedule")
    )
    for name, asked in (("quality", config.get("quality")), ("schedule", schedule)):
        if asked is not None and record[name] != asked:
            yield "json", f"{name} is {record[name]!r}, the job says {asked!r}"
    counts = [frame["strokes"] for frame in record["frames"]]
    if config and len(counts) != config["frames"]:
        yield "json", f"{len(counts)} frames, the job says {config['frames']}"
    if counts != sorted(counts) or counts[0] != 0 or counts[-1] != record["strokes"]:
        yield "json", f"strokes of the frames must rise from 0 to {record['strokes']}: {counts}"


def _recording(record: dict[str, Any], config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the KEY.json of a recording, as (kind, detail); `config` is that of job.json, or empty.

    Raises:
        KeyError, TypeError, ValueError: damaged beyond that.
    """
    frames, about = record["frames"], record["about"]
    if len(frames) < 2 or (config and len(frames) > config["frames"]):
        yield "json", f"{len(frames)} frames, the job says 2 to {config.get('frames', 'any number')}"
    # The empty ground that may come first has no number.
    numbers = [-1 if index == 0 and step["frame"] is None else step["frame"] for index, step in enumerate(frames)]
    if numbers != sorted(set(numbers)) or numbers[-1] != about["recorded"] - 1:
        yield "json", f"numbers of the frames must rise to the last, {about['recorded'] - 1}: {numbers}"
    if config and (config["blank"] == "ground") != (frames[0]["frame"] is None):
        yield "json", f"the first frame is {frames[0]['frame']}, the job says blank is {config['blank']!r}"
    trigger, caption = record["trigger"], record["caption"]
    if trigger is not None and not (caption or "").startswith(trigger):
        yield "json", f"caption {caption!r} doesn't begin with the trigger {trigger!r}"


def _program(
    program: renderers.Program, record: dict[str, Any], frames: NDArray[np.uint8] | None
) -> Iterator[tuple[str, str]]:
    for name, value in (
        ("strokes", len(program)),
        ("renderer", program.medium),
        ("canvas", list(program.size)),
    ):
        if record[name] != value:
            yield "program", f"its {name}: {value!r}; the JSON says {record[name]!r}"
    if frames is None:
        return
    painter = renderers.get_medium(program.medium).painter(program, *program.size)
    for index, (frame, step) in enumerate(zip(frames, record["frames"], strict=True)):
        painter.paint_until(step["strokes"])
        if not np.array_equal(painter.pixels(), frame):
            kind = "replay" if index else "ground"
            yield kind, f"frame {index} is not what the program paints with {step['strokes']} strokes"


def _words(program: renderers.Program, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Compare what the JSON says of the sample and of each frame with what the program and its medium say."""
    if record["about"] != dict(program.about):
        yield "json", f"about is {record['about']!r}, the program says {dict(program.about)!r}"
    medium = renderers.get_medium(program.medium)
    for index, step in enumerate(record["frames"]):
        stated = {name: value for name, value in step.items() if name not in ("strokes", "psnr")}
        moment = parse_json(canonical_json(medium.moment(program, step["strokes"])))
        if stated != moment:
            yield "moment", f"of frame {index} is {stated}, the program says {moment}"


def _psnr(frames: NDArray[np.uint8], target: NDArray[np.uint8], record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for index, (frame, step) in enumerate(zip(frames, record["frames"], strict=True)):
        measured = rounded_psnr(renderers.psnr(frame, target))
        if measured != step["psnr"]:
            yield "psnr", f"of frame {index} is {measured}, the JSON says {step['psnr']}"


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
