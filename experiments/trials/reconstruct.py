"""Reconstruction: unseen pictures are given as the last frame, and a process is painted that ends in them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.corpus import Corpus
from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.context import TrialContext
from underpaint.experiments.trials.unseen import apart
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.evaluation.pictures import blankness, psnr
from underpaint.pipelines.evaluation.progress import steps_towards
from underpaint.pipelines.run import run
from underpaint.pipelines.settings import Start

UInt8 = NDArray[np.uint8]

PAINTED = "painted"  # the corpus that is painted as users would, with the network and without inversion
PICTURES = "pictures"  # what is given, by the same names
BEST = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Way:
    """How a process is painted: with the replication network or without, and where its last frame's noise comes from.

    Attributes:
        network: whether the network is shown the picture.
        inversion: drawn noise if None, otherwise the start of the inversion.
    """

    network: bool
    inversion: Start | None

    @property
    def name(self) -> str:
        """Of its folder."""
        if self.network and self.inversion is None:
            return PAINTED
        return f"{'shown' if self.network else 'not-shown'}-{self.inversion or 'drawn'}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """One process that was painted towards a picture.

    Attributes:
        name: of the picture's file.
        scene: whether the picture is of the small world.
        prompt: that it was painted from.
        psnr: of the last frame against the picture, dB.
        before: of the frame before it, dB: a process that jumps to its end has little.
        towards: share of the steps that come nearer to the last frame.
        blank: spatial deviation of the first frame, 0 is blank.
        variance: of the inverted noise, if there was any; that of noise is 1.
    """

    name: str
    scene: bool
    prompt: str
    psnr: float
    before: float
    towards: float
    blank: float
    variance: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reconstructions:
    """All processes of one way."""

    way: Way
    each: tuple[Reconstruction, ...]

    def of(self, name: str) -> Estimate | None:
        """Mean of one of the measures."""
        values = (getattr(one, name) for one in self.each)
        return estimate([value for value in values if value is not None])

    def groups(self) -> dict[str, Reconstructions]:
        """Scenes and photographs apart; all under an empty name where there is one kind only."""
        found = apart(self.each, lambda one: one.scene) or {"": list(self.each)}
        return {name: dataclasses.replace(self, each=tuple(each)) for name, each in found.items()}


def reconstruct(context: TrialContext, folder: Path, ways: Sequence[tuple[Way, int]]) -> list[Reconstructions]:
    """Paint towards the unseen pictures in several ways, each into a corpus of its own within a folder.

    Args:
        context: networks and pictures.
        folder: for pictures and paintings; what is there already is not painted again.
        ways: each with how many of the pictures are painted in it.
    """
    _write_pictures(context, folder / PICTURES)
    return [_painted(context, folder, way, number) for way, number in ways if number]


def frames_of(folder: Path, way: Way) -> dict[str, UInt8]:
    """The frames that were painted, by the names of the pictures."""
    return {sample.entry.source: sample.frames() for sample in Corpus(folder / way.name)}


def given(folder: Path, name: str) -> UInt8:
    """The picture that was to be painted, uint8 (H, W, 3)."""
    return np.asarray(Image.open(folder / PICTURES / name))


def reconstruct_trial(context: TrialContext) -> Finding:
    """With the network and without it, from noise that knows nothing of the picture."""
    folder, config = context.folder("reconstruct"), context.config
    usual = Way(network=True, inversion=None)
    ways = [(usual, config.pictures), (Way(network=False, inversion=None), config.plain)]
    results = reconstruct(context, folder, ways)
    sheets = _sheets(folder, usual, results[0].each)
    words = (
        "Pictures that training never saw are given as the last frame. All noise is drawn, so only the replication "
        "network knows them; without it chance paints. Of the first frame the spatial deviation is given, 0 for an "
        "even sheet. ± is the standard error."
    )
    return Finding(title="Reconstruction", words=words, table=_table(results), sheets=sheets, figures=_figures(results))


def inversion_trial(context: TrialContext) -> Finding:
    """Network or not, and inverted noise or not: how much of the picture comes from the noise alone."""
    starts: tuple[Start, ...] = ("noised", "clean")
    ways = [
        (Way(network=network, inversion=start), context.config.plain) for network in (True, False) for start in starts
    ]
    results = reconstruct(context, context.folder("inversion"), ways)
    words = (
        "Reconstruction, but the last frame begins with noise that was made of its picture. Noise has variance 1. "
        "Where the picture comes back without the network too, it came from the noise."
    )
    return Finding(title="Inversion", words=words, table=_table(results), figures=_figures(results))


def _write_pictures(context: TrialContext, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, picture in enumerate(context.pictures):
        name = f"{number:03d}.png"
        Image.fromarray(picture.pixels).save(folder / name)
        rows.append({"file": name, "caption": context.prompt(context.config.medium, picture.caption)})
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _painted(context: TrialContext, folder: Path, way: Way, number: int) -> Reconstructions:
    config, pictures = context.config, folder / PICTURES
    lines = (pictures / "captions.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:number]
    subjects = pictures / f"{way.name}.jsonl"
    subjects.write_text("".join(lines), encoding="utf-8")
    # The command itself, so that what is judged is what users get.
    run(
        PaintConfig(
            task="reconstruct",
            subjects=[str(subjects)],
            out=folder / way.name,
            models=config.models,
            format="corpus",
            seed=config.seed,
            steps=config.steps,
            sampler="ddim" if way.inversion else config.sampler,
            conditioning_scale=float(way.network),
            inversion=way.inversion is not None,
            inversion_start=way.inversion or "noised",
            batch=config.batch,
            shard_size=config.batch,
            device=config.device,
        ),
        show=False,
    )
    each = []
    for sample in Corpus(folder / way.name):
        record, frames = sample.record(), sample.frames()
        name = sample.entry.source
        picture = given(folder, name)
        variances = record["about"]["painting"]["inverted_noise_variance"]
        each.append(
            Reconstruction(
                name=name,
                scene=context.pictures[int(Path(name).stem)].scene,
                prompt=record["caption"] or "",
                psnr=psnr(frames[-1], picture),
                before=psnr(frames[-2], picture),
                towards=steps_towards(frames),
                blank=blankness(frames[0]),
                variance=next(iter(variances.values()), None),
            )
        )
    return Reconstructions(way=way, each=tuple(each))


def _table(results: Sequence[Reconstructions]) -> list[list[str]]:
    inverted = any(result.way.inversion for result in results)
    header = ["network", "pictures", "last frame, dB", "the one before", "steps towards it", "first frame"]
    rows = [[*header, *(["inversion from", "noise variance"] if inverted else [])]]
    for name, result in ((name, group) for each in results for name, group in each.groups().items()):
        used = "shown the picture" if result.way.network else "not used"
        row = [f"{used}, {name}" if name else used, str(len(result.each))]
        row += [shown(result.of("psnr"), ".1f"), shown(result.of("before"), ".1f")]
        row += [shown(result.of("towards"), ".0%"), shown(result.of("blank"), ".3f")]
        rows.append([*row, *([result.way.inversion or "–", shown(result.of("variance"))] if inverted else [])])
    return rows


def _figures(results: Sequence[Reconstructions]) -> list[dict[str, object]]:
    return [dataclasses.asdict(result) for result in results]


def _sheets(folder: Path, way: Way, each: Sequence[Reconstruction]) -> list[Sheet]:
    """The best and the worst by the last frame."""
    ranked, painted = sorted(each, key=lambda one: -one.psnr), frames_of(folder, way)
    count = min(BEST, -(-len(ranked) // 2))
    sheets = []
    for file, which, chosen in (("best.png", "best", ranked[:count]), ("worst.png", "worst", ranked[-count:])):
        films = [
            SheetRow(
                words=f"{one.prompt}: {one.psnr:.1f} dB, {one.towards:.0%} of the steps towards the last frame",
                frames=painted[one.name],
                after=given(folder, one.name),
            )
            for one in chosen
        ]
        draw_sheet(films, folder / file)
        sheets.append(Sheet(file=file, words=f"The {which} {count} of {len(ranked)}; on the right what was given."))
    return sheets
