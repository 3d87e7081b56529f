"""The parts of a chain in their order: what each does, how long it should take, and whether it is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from underpaint.datagen.format.draws import draw
from underpaint.datagen.format.sample import slug
from underpaint.datagen.sources.reading import read_sources
from underpaint.experiments.commands import HELD_OUT, TRIGGER, data_command
from underpaint.experiments.findings import read_finding
from underpaint.experiments.learn.budget import MEDIA
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.pictures import caption_of, painted_from, png_of, read_stored, store_pictures
from underpaint.experiments.learn.running import Runner
from underpaint.experiments.learn.stages import Stages
from underpaint.experiments.trials.config import USUAL
from underpaint.texts import parse_json
from underpaint.training.split import held_out

# Strokes and frames of nano's corpora: 16, of which 8 are seen at a time. Sides are `Stages.corpus_size`.
CORPUS = {"frames": 16, "strokes": 200}
SHARD = 64  # pictures: ten seconds of work to lose, and both cores have something to do to the end
# Threads that wait sleep: where other work shares the cores, painting with two of them takes half of the time so.
SHARING = {"OMP_WAIT_POLICY": "PASSIVE"}
# Told no medium, nano paints on white paper: an artist's own must have another ground, or nothing shows.
ARTIST_MEDIUM, ARTIST_PROCESSES = "oil", 4


@dataclass(frozen=True, kw_only=True)
class ChainPart:
    """One part of a chain.

    Attributes:
        name: of its log, and in tables.
        what: it does, in a few words.
        seconds: nominal ones.
        finished: whether its result is there.
        run: does it, or what is left of it.
    """

    name: str
    what: str
    seconds: float
    finished: Callable[[], bool]
    run: Callable[[], None]


def parts_of(config: LearnConfig, stages: Stages, runner: Runner) -> list[ChainPart]:
    """All parts but the page, which is written anew each time."""
    budget, folder = stages.budget, config.out
    corpus = Corpora(folder, config.seed, stages.machine.cores, runner, stages.corpus_size)

    def part(name: str, what: str, finished: Callable[[], bool], run: Callable[[], None]) -> ChainPart:
        return ChainPart(name=name, what=what, seconds=budget.seconds.get(name, 0.0), finished=finished, run=run)

    def trained(stage: str, what: str) -> ChainPart:
        def run() -> None:
            runner.run(stage, stages.command(stage), stages.environment())

        return part(stage, what, lambda: stages.finished(stage), run)

    autoencoder = "" if stages.init else f"the autoencoder, {budget.autoencoder:,} steps, and "

    def choose() -> None:
        store_pictures(config.source, folder, budget.pictures)

    def artist() -> None:
        corpus.paint_artist()
        runner.run("artist", stages.command("artist"), stages.environment())

    return [
        part(
            "pictures",
            "chooses the pictures, and those that stay unseen",
            lambda: read_stored(folder) is not None,
            choose,
        ),
        part("corpus", f"paints each in one of {len(MEDIA)} media", corpus.finished, corpus.paint),
        trained("base", f"trains {autoencoder}the image model, {budget.base:,} steps"),
        trained("motion", f"trains the motion module, {budget.motion:,} steps"),
        trained("replication", f"trains the replication network, {budget.replication:,} steps"),
        part(
            "artist",
            f"trains an artist's LoRAs, {budget.spatial:,} and {budget.artist:,} steps",
            lambda: stages.finished("artist"),
            artist,
        ),
        part(
            "trials",
            f"paints {budget.effort.pictures} unseen pictures and more, and measures",
            lambda: all(read_finding(folder / "trials" / name) for name in USUAL),
            lambda: runner.run("trials", trials_command(config, stages), SHARING),
        ),
    ]


def trials_command(config: LearnConfig, stages: Stages) -> list[str]:
    """What tries out the trained networks."""
    folder, effort = config.out, stages.budget.effort
    options = {
        "out": folder / "trials", "pictures": effort.pictures, "plain": effort.plain,
        "completed": effort.completed, "prompts": effort.prompts, "words": effort.words, "noisy": effort.noisy,
        "seed": config.seed, "validation": HELD_OUT, "device": stages.machine.device, "threads": stages.machine.cores,
        "artist": stages.models / "artist", "trigger": TRIGGER, "artist_medium": ARTIST_MEDIUM,
    }  # fmt: skip
    given = [f"--{name}={value}" for name, value in options.items()]
    subjects = [str(stages.models), str(folder / "corpus"), painted_from(folder)]
    return [sys.executable, "-m", "underpaint.experiments.trials", *subjects, *given]


@dataclass(frozen=True)
class Corpora:
    """The corpus, and the artist's few processes.

    Args:
        folder: of the chain.
        seed: of the painting.
        workers: processes that paint.
        runner: runs the commands.
        size: side of the canvases in pixels.
    """

    folder: Path
    seed: int
    workers: int
    runner: Runner
    size: int

    def finished(self) -> bool:
        """Whether every picture is there, or stands among the failures."""
        path, stored = self.folder / "corpus" / "manifest.json", read_stored(self.folder)
        if stored is None or not path.is_file():
            return False
        manifest = parse_json(path.read_bytes())
        counted: int = manifest["samples"] + sum(manifest["failures"].values())
        return counted == stored.pictures

    def paint(self) -> None:
        """Paint each picture in one of the media: as many paintings of other pictures teach more."""
        self._generate("corpus", painted_from(self.folder), self.folder / "corpus", ",".join(MEDIA), self.workers)

    def paint_artist(self) -> None:
        """Paint a few of the pictures, none of the unseen ones, in one medium, as an artist's that has no name yet."""
        folder = self.folder / "artist"
        pictures = folder / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        seen = (each for each in read_sources(painted_from(self.folder)) if not held_out(each.name, HELD_OUT))
        rows = []
        for each in sorted(seen, key=lambda each: draw("artist", each.name))[:ARTIST_PROCESSES]:
            name = f"{slug(PurePosixPath(each.name).stem)}.png"
            (pictures / name).write_bytes(png_of(each))
            rows.append({"file": name, "caption": caption_of(each)})
        (pictures / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        self._generate("artist", str(pictures), folder / "corpus", ARTIST_MEDIUM, 0)

    def _generate(self, part: str, source: str, out: Path, media: str, workers: int) -> None:
        options = CORPUS | {
            "size": self.size,
            "renderer": media,
            "mix": True,
            "shard_size": SHARD,
            "seed": self.seed,
            "workers": workers,
        }
        self.runner.run(part, data_command("generate", source=source, out=out, options=options))
