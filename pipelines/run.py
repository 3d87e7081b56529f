"""A command from beginning to end: networks, paintings, files, and what couldn't be painted."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from underpaint.datagen.format.atomic import write_json
from underpaint.datagen.format.sample import Failure, slug
from underpaint.datagen.jobs.writing import write_corpus
from underpaint.extras import needing
from underpaint.pipelines.commissions import Commission, commission, is_several, subjects
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.corpus import PaintedMaker
from underpaint.pipelines.order import Painting
from underpaint.pipelines.output import SUFFIX, write
from underpaint.pipelines.painters import LocalPainter, Painter, RayPainter
from underpaint.pipelines.progress import Display

# 50 steps of a perfect network come within a quarter of 1.
_UNLIKE_NOISE = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended.

    Attributes:
        written: what was painted, in order; a corpus is one folder.
        failures: what couldn't be used, and why.
        notes: what people should know of the paintings.
    """

    written: list[Path]
    failures: list[Failure]
    notes: list[str] = dataclasses.field(default_factory=list)


def run(config: PaintConfig, *, show: bool = True) -> Outcome:
    """Paint what a command asks for.

    Pictures that can't be used are skipped; of a folder they are listed in its `failures.json`.

    Args:
        config: of the command.
        show: whether to show progress, on stderr.

    Raises:
        ValueError, OSError: what is asked for can't be done; says what to do.
    """
    next(subjects(config))  # before networks are loaded
    several = is_several(config)
    wanted = config.wanted_format(several=several)
    if wanted == "mp4":
        with needing("an .mp4", "video"):
            import av  # noqa: F401, so that it is told before minutes of painting
    preview = config.out.with_name(f"{config.out.stem}.preview.png")
    with Display(show=show and wanted != "corpus", preview=config.preview, preview_file=preview) as display:
        painter = _painter(config, display)
        painter.facts()
        if wanted == "corpus":
            return _write_corpus(config, painter)
        written, failures, notes = [], [], []
        for each, result in _results(config, painter, display):
            if isinstance(result, Failure):
                failures.append(result)
                continue
            out = config.out / f"{each.source.index:05d}-{_name(each)}{SUFFIX[wanted]}" if several else config.out
            result.about["task"], result.about["source"] = config.task, each.source.name
            write(result, out, wanted, fps=config.fps)
            written.append(out)
            notes += _notes(result, out)
    if several:
        config.out.mkdir(parents=True, exist_ok=True)
        write_json(config.out / "failures.json", [dataclasses.asdict(each) for each in failures])
    return Outcome(written=written, failures=failures, notes=notes)


def _notes(painting: Painting, out: Path) -> list[str]:
    """What is unlike noise in the inverted noise: the networks have seen nothing of the kind."""
    return [
        f"{out}: the inverted noise of frame {frame} has a variance of {variance:g}, noise has 1: the networks are "
        "weak on this picture; trust the painting less, or leave --inversion out"
        for frame, variance in painting.about["inverted_noise_variance"].items()
        if not 1 / _UNLIKE_NOISE <= variance <= _UNLIKE_NOISE
    ]


def _painter(config: PaintConfig, display: Display) -> Painter:
    if config.address is None:
        return LocalPainter(config, display)
    # Before a cluster is joined: what is wrong with the folders would come back from it as something long.
    from underpaint.pipelines.parts import find_places

    find_places(config.models, base=config.base, motion=config.motion, replication=config.replication)
    return RayPainter(config)


def _results(
    config: PaintConfig, painter: Painter, display: Display
) -> Iterator[tuple[Commission, Painting | Failure]]:
    waiting = (commission(source, config) for source in subjects(config))
    done = 0
    while portion := list(islice(waiting, painter.portion)):
        display.name = f"painting {done + 1}" + (f" to {done + len(portion)}" if len(portion) > 1 else "")
        yield from zip(portion, painter.paint(portion), strict=True)
        done += len(portion)


def _name(each: Commission) -> str:
    return slug(Path(each.source.name).stem)


def _write_corpus(config: PaintConfig, painter: Painter) -> Outcome:
    result = write_corpus(PaintedMaker(config, painter), stream=sys.stderr)
    for shard, error in sorted(result.errors.items()):
        raise ValueError(f"shard {shard:06d} failed: {error}; the same command continues")
    if result.interrupted:
        raise KeyboardInterrupt
    from underpaint.datagen.storage.sidecars import read_sidecars

    failures = [failure for sidecar in read_sidecars(config.out) for failure in sidecar.failures]
    return Outcome(written=[config.out], failures=failures)
