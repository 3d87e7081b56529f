"""A corpus in a better order: the strokes of each painting place by place, as people go, without painting it again."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.commandline.checks import one_of
from underpaint.datagen.curation.merge import complete_plan
from underpaint.datagen.curation.moving import Move, refuse_within, write_moved
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.frames import decode_frames, encode_members, format_of
from underpaint.datagen.format.manifest import Sums
from underpaint.datagen.format.sample import Sample, rounded_psnr
from underpaint.datagen.import_config import RECORDED
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.plan import Part, Plan, fingerprint_of
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.storage.store import Store, as_store
from underpaint.renderers.order.reorder import PLACE, can_be_reordered, reordered
from underpaint.texts import parse_json

# Not by error: most corpora keep no target to measure PSNR against.
Cut = Literal["change", "time", "log", "strokes"]
# What an ink painting may differ from what it was, of 255: its marks are multiplied in another order.
ROUNDING = 1


@dataclass(frozen=True)
class Reordered:
    """What a reordered corpus holds, and how many of its samples are what they were."""

    sums: Sums
    unchanged: int


def reorder(
    location: Store | Path | str,
    out: Store | Path | str,
    *,
    place: float = PLACE,
    schedule: Cut | None = None,
    workers: int | None = 0,
    on_shard: Callable[[str], None] = lambda shard: None,
) -> Reordered:
    """Write a corpus anew with its strokes in the order in which people paint; the same call continues.

    See `renderers.order.reorder`: the finished pictures stay what they are. Keys, targets, captions, licences and
    failures do, too; frames are cut anew. Recordings, media without strokes to reorder, and paintings that have been
    made place by place already are copied as they are.

    Args:
        location: folder or URL of a complete corpus.
        out: folder or URL of the new one.
        place: the longest side of what is finished before the next place, in sides of the canvas.
        schedule: what grows evenly from frame to frame; None is each medium's own.
        workers: processes; 0 works in this one, None on all cores.
        on_shard: called with the name of every shard that is written.

    Raises:
        ValueError: a corpus that isn't complete, damaged, or without a medium whose strokes can be reordered.
    """
    if not 0 < place <= 1:
        raise ValueError(f"place is {place}: give a share of the canvas' side above 0 and up to 1, such as {PLACE}")
    if schedule is not None:
        one_of(Cut, schedule=schedule)
    store, target = as_store(location).absolute(), as_store(out).absolute()
    refuse_within(target, [store])
    plan = complete_plan(store)
    _refuse_without_strokes(store, plan)
    here = Plan(tuple(_reordered_part(part, store, place, schedule) for part in plan.parts))
    sums = write_moved(here, _moves(store, target, here), target, workers, on_shard)
    return Reordered(sums, sum(sidecar.unchanged for sidecar in read_sidecars(target)))


def _refuse_without_strokes(store: Store, plan: Plan) -> None:
    if not any(_has_another_order(part.config, name) for part in plan.parts for name in part.renderers):
        names = sorted({name for part in plan.parts for name in part.renderers})
        able = [name for name in renderers.names() if renderers.get_medium(name).reorder]
        raise ValueError(
            f"{store} holds {', '.join(names)}, but only {', '.join(able)} have strokes that can be reordered, and not "
            "those in the manner painter, which are in order"
        )


def _has_another_order(config: dict[str, Any], name: str) -> bool:
    """Return whether a job's paintings of this name may be put in another order."""
    can_be = name in renderers.names() and renderers.get_medium(name).reorder is not None
    return can_be and config.get(name, {}).get("manner") != "painter"


def _reordered_part(part: Part, store: Store, place: float, schedule: Cut | None) -> Part:
    how = {"from": part.fingerprint, "version": renderers.PAINTING_VERSION, "place": place, "schedule": schedule}
    if "reordered" in part.config:
        raise ValueError(f"{store} was reordered already: reorder the corpus that it comes from")
    job = part.job | {"config": part.config | {"reordered": how}, "reordered_from": store.location}
    return dataclasses.replace(part, job=job | {"fingerprint": fingerprint_of(job)})


def _moves(store: Store, target: Store, plan: Plan) -> Iterator[Move]:
    for index in range(plan.shards):
        part = plan.part_of(index)
        assert part is not None
        yield Move(
            source=store, index=index, target=target, shard=index, part=part, rework=Reorderer(part.config["reordered"])
        )


@dataclass(frozen=True)
class Reorderer:
    """What puts a sample in order: `how` is what job.json says of it."""

    how: dict[str, Any]

    def __call__(self, sample: Sample, watch: Stopwatch) -> Sample:
        """Return the sample in the better order; the same one if it has none.

        Raises:
            ValueError: damaged, or what it ends in isn't what it was.
        """
        record = parse_json(sample.files["json"])
        if record["renderer"] == RECORDED:
            return sample
        try:
            program = renderers.Program.load(io.BytesIO(sample.files["strokes.npz"]))
        except ValueError as error:
            raise ValueError(f"the strokes of {sample.key} are damaged ({error}): verify the corpus") from None
        if not can_be_reordered(program):
            return sample
        return self._in_order(sample, record, program, watch)

    def _in_order(self, sample: Sample, record: dict[str, Any], program: renderers.Program, watch: Stopwatch) -> Sample:
        from underpaint.renderers.order.scene import look  # scikit-image takes half a second

        finished = program.replay()
        with watch.step("look"):
            scene = look(finished)
        with watch.step("order"):
            said = {"from": self.how["from"], "version": self.how["version"]}
            data = dataclasses.replace(
                reordered(program, scene, self.how["place"]), about=dict(program.about) | {"reordered": said}
            )
        count, data_of_target = len(record["frames"]), sample.files.get("target.webp")
        target = None if data_of_target is None else decode_frames(data_of_target, 1)[0]
        with watch.step("frames"):
            process = renderers.Process(target=finished, program=renderers.Program.of(data))
            schedule = self.how["schedule"] or process.schedule
            frames, moments = process.frames(count, schedule), process.moments(count, schedule)
        if np.abs(frames[-1].astype(np.int16) - finished).max(initial=0) > ROUNDING:
            raise ValueError(f"{sample.key}: in another order its strokes paint another picture: verify the corpus")
        with watch.step("encode"):
            psnrs = _psnrs(frames, target, record["psnr"])
            changes = {
                "schedule": schedule,
                "frames": [{**moment, "psnr": psnr} for moment, psnr in zip(moments, psnrs, strict=True)],
                "psnr": psnrs[-1],
                "about": dict(data.about),
            }
            strokes = io.BytesIO()
            process.program.save(strokes)
            files = encode_members(frames, format_of(sample.files))
            files["json"] = canonical_json(record | changes, indent=1)
            files["strokes.npz"] = strokes.getvalue()
        return Sample(key=sample.key, files=sample.files | files, record=record | changes)


def _psnrs(frames: NDArray[np.uint8], target: NDArray[np.uint8] | None, last: float | None) -> list[float | None]:
    """Return the PSNR of each frame; where the target isn't stored, nothing is known but that of the last."""
    if target is None:
        return [None] * (len(frames) - 1) + [last]
    return [rounded_psnr(renderers.psnr(frame, target)) for frame in frames]
