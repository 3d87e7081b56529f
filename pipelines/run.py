"""A command from beginning to end: networks, paintings, files, and what couldn't be painted."""

from __future__ import annotations

import dataclasses
import logging
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from underpaint.datagen.format.atomic import write_json
from underpaint.datagen.format.sample import Failure, slug
from underpaint.datagen.writing import read_sidecars, write_corpus
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.corpus import PaintedMaker
from underpaint.pipelines.medium import medium_note
from underpaint.pipelines.output import SUFFIX, write
from underpaint.pipelines.paint_jobs import PaintJob, is_several, paint_job, subjects, usual_of
from underpaint.pipelines.painters import AnyPainter, LocalPainter, RayPainter
from underpaint.pipelines.progress import PaintingProgress
from underpaint.pipelines.request import Painting
from underpaint.renderers.film.video import import_av

# 50 steps of a perfect network come within a quarter of 1.
_UNLIKE_NOISE = 2.0

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PaintResult:
    """What a command has painted.

    Attributes:
        written: what was painted, in order; a corpus is one folder.
        failures: pictures that couldn't be used, and why.
        notes: what people should know of the paintings.
    """

    written: list[Path]
    failures: list[Failure]
    notes: list[str] = dataclasses.field(default_factory=list)


def run(config: PaintConfig, *, show: bool = True) -> PaintResult:
    """Run a command: paint, and write what is painted.

    Pictures that can't be used are skipped; of a folder they are listed in its `failures.json`.

    Args:
        config: of the command.
        show: whether to show progress: as a bar on a terminal, by logging elsewhere.

    Raises:
        ValueError, OSError: what is asked for can't be done; says what to do.
    """
    next(subjects(config))  # before networks are loaded
    several = is_several(config)
    wanted = config.wanted_format(several=several)
    if wanted in ("mp4", "webm"):
        import_av(SUFFIX[wanted])  # so that it is told before minutes of painting
    preview = config.out.with_name(f"{config.out.stem}.preview.png")
    with PaintingProgress(show=show and wanted != "corpus", preview=config.preview, preview_file=preview) as display:
        painter = _painter(config, display)
        media = painter.spec().media
        _note_medium(config, media)
        if isinstance(painter, LocalPainter) and (line := painter.too_large()):
            _logger.warning(line)
        if wanted == "corpus":
            return _write_corpus(config, painter)
        written, failures, notes = [], [], []
        for each, result in _results(config, painter, media, display):
            if isinstance(result, Failure):
                failures.append(result)
                continue
            out = config.out / f"{each.source.index:05d}-{_name(each)}{SUFFIX[wanted]}" if several else config.out
            result.about["task"], result.about["source"] = config.task, each.source.stored_name
            write(result, out, wanted, fps=config.fps)
            written.append(out)
            notes += _notes(result, out)
    if several:
        config.out.mkdir(parents=True, exist_ok=True)
        write_json(config.out / "failures.json", [dataclasses.asdict(each) for each in failures])
    return PaintResult(written=written, failures=failures, notes=notes)


def _note_medium(config: PaintConfig, media: Sequence[str]) -> None:
    """Say which medium is painted in, where the networks know media by name."""
    prompts = config.subjects if config.task == "text" else [config.prompt or ""]
    if note := medium_note(config.medium, prompts, media, usual=usual_of(config, media)):
        _logger.info(note)


def _notes(painting: Painting, out: Path) -> list[str]:
    """What is unlike noise in the inverted noise: the networks have seen nothing of the kind."""
    return [
        f"{out}: the inverted noise of frame {frame} has a variance of {variance:g}, noise has 1: the networks are "
        "weak on this picture; trust the painting less, or leave --inversion out"
        for frame, variance in painting.about["inverted_noise_variance"].items()
        if not 1 / _UNLIKE_NOISE <= variance <= _UNLIKE_NOISE
    ]


def _painter(config: PaintConfig, display: PaintingProgress) -> AnyPainter:
    if config.address is None:
        return LocalPainter(config, display)
    # Before a cluster is joined: what is wrong with the folders would come back from it as something long.
    from underpaint.pipelines.places import places_of

    places_of(config)
    return RayPainter(config)


def _results(
    config: PaintConfig, painter: AnyPainter, media: Sequence[str], display: PaintingProgress
) -> Iterator[tuple[PaintJob, Painting | Failure]]:
    waiting = (paint_job(source, config, media) for source in subjects(config))
    done = 0
    while portion := list(islice(waiting, painter.portion)):
        display.name = f"painting {done + 1}" + (f" to {done + len(portion)}" if len(portion) > 1 else "")
        yield from zip(portion, painter.paint(portion), strict=True)
        done += len(portion)


def _name(each: PaintJob) -> str:
    return slug(Path(each.source.name).stem)


def _write_corpus(config: PaintConfig, painter: AnyPainter) -> PaintResult:
    result = write_corpus(PaintedMaker(config, painter), stream=sys.stderr)
    for shard, error in sorted(result.errors.items()):
        raise ValueError(f"shard {shard:06d} failed: {error}; the same command continues")
    if result.interrupted:
        raise KeyboardInterrupt
    failures = [failure for sidecar in read_sidecars(config.out) for failure in sidecar.failures]
    return PaintResult(written=[config.out], failures=failures)
