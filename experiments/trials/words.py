"""Scenes painted from words: whether what was asked for is there, as the exact readers see it in the last frames."""

from __future__ import annotations

import dataclasses
import itertools
import textwrap
from collections.abc import Mapping, Sequence

from underpaint.datagen.scenes.captions import plan_said
from underpaint.datagen.scenes.scene import ScenePlan, scene_of
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.scenes import are_scenes
from underpaint.experiments.findings import Estimate, Finding, Sheet, estimate_share, shown
from underpaint.experiments.sheet import SheetRow, draw_sheet
from underpaint.experiments.trials.attributes import Verdict, chances, scene_reader
from underpaint.experiments.trials.complete import in_turn
from underpaint.experiments.trials.context import TrialContext, UInt8

# What strangers are shown first, each in the medium before it. None of it has a combination that is held out.
PROMPTS = (
    ("oil", "a red house, by the sea, at sunset"),
    ("illustration", "a white cat, in the snow, at night"),
    ("bezier", "a blue boat, on the sea, by day"),
    ("pencil", "a black windmill, in a field, under clouds"),
    ("region", "a yellow tree, on a meadow, in the fog"),
    ("ink", "a black umbrella, on the sand, in the rain"),
)
ATTRIBUTES = {
    "sky": "sky",
    "ground": "ground",
    "kind": "kind of thing",
    "colour": "colour of the thing",
    "place": "place of the thing, where it is said",
    "together": "kind and colour of one thing",
}
# Media with pale colours or none, in which one can't be right, nor can skies and grounds, which are read by theirs.
GREY = frozenset({"ink", "pencil"})
BY_COLOUR = frozenset({"sky", "ground", "colour", "together"})
_SEED = 919  # of the scenes that are asked for; any that nobody trains on
_COLUMNS, _FILMS = 8, 6
_LETTER = 7  # px of a letter on a sheet, on average, and a little more

UNSEEN, HELD_OUT, _REAL = "unseen captions", "held-out combinations", "the renderer's own"
OPENING = "prompts.png"


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class AskedScene:
    """A scene by its caption, and what is to show it: a painting that it was asked of, or the corpus's own.

    Attributes:
        medium: it is painted in.
        caption: without the medium.
        frames: uint8 (F, H, W, 3).
    """

    medium: str
    caption: str
    frames: UInt8

    @property
    def plan(self) -> ScenePlan:
        """What is to be in it."""
        return plan_said(self.caption)


def unseen_captions(sources: Sequence[str], number: int, *, held_out: bool) -> list[str]:
    """Return captions that no source has, of scenes of another seed, with combinations that are held out or not."""
    seen = {each.caption for source in sources if are_scenes(source) for each in read_sources(source)}
    captions = (scene_of(place, _SEED, held_out=held_out).caption for place in itertools.count())
    return list(itertools.islice((caption for caption in captions if caption not in seen), number))


def paint_scenes(context: TrialContext, asked: Sequence[tuple[str, str]]) -> list[AskedScene]:
    """Paint (medium, caption) pairs, each with noise of its own."""
    orders = [
        context.pipeline.request(context.prompt(medium, caption), {}, seed=context.config.seed + number)
        for number, (medium, caption) in enumerate(asked)
    ]
    painted = context.paint(orders)
    return [
        AskedScene(medium=medium, caption=caption, frames=frames)
        for (medium, caption), frames in zip(asked, painted, strict=True)
    ]


def real_scenes(context: TrialContext) -> list[AskedScene]:
    """Return unseen processes of scenes, the media by turns: what is read in them is the most that can be."""
    scenes = {medium: [each for each in found if each.scene] for medium, found in context.processes.items()}
    chosen = in_turn({medium: found for medium, found in scenes.items() if found}, context.config.words // 2)
    return [AskedScene(medium=each.medium, caption=each.caption, frames=each.frames) for each in chosen]


def shares(scenes: Sequence[AskedScene], verdicts: Sequence[Verdict]) -> dict[str, Estimate | None]:
    """Return the share of scenes with each attribute right, by its name; of pale media what needs no colours."""
    return {
        name: estimate_share(
            [
                float(value)
                for scene, verdict in zip(scenes, verdicts, strict=True)
                if (value := getattr(verdict, name)) is not None and not (name in BY_COLOUR and scene.medium in GREY)
            ]
        )
        for name in ATTRIBUTES
    }


def words_trial(context: TrialContext) -> Finding:
    """Fixed prompts, then unseen captions and held-out combinations in all media by turns."""
    if not any(are_scenes(source) for source in context.config.source):
        words = (
            "Left out: whether what was asked for is there is known of scenes of the small world only, and none of "
            "the pictures is one."
        )
        return Finding(title="Scenes from words", words=words, table=[])
    media, number = list(context.processes), context.config.words
    opening = paint_scenes(context, [prompt for prompt in PROMPTS if prompt[0] in media])
    painted = {}
    for name, count in ((UNSEEN, number - number // 2), (HELD_OUT, number // 2)):
        captions = unseen_captions(context.config.source, count, held_out=name == HELD_OUT)
        painted[name] = paint_scenes(context, list(zip(itertools.cycle(media), captions, strict=False)))
    scenes = [scene for found in painted.values() for scene in found]
    context.keep("words", [(scene.medium, scene.frames) for scene in scenes])
    real = real_scenes(context)
    found = _readings(painted, real)
    words = (
        f"Scenes of the small world, painted from {len(painted[UNSEEN])} captions that the corpus doesn't have (of "
        f"`scenes:N@{_SEED}`), and {len(painted[HELD_OUT])} whose first thing it never has in that colour (of "
        f"`scenes-held-out:N@{_SEED}`), in {', '.join(media)} by turns with guidance {context.sampling().guidance:g}. "
        "Readers that know how scenes are drawn look for what was asked for in the last frame. Chance is what they "
        "find of the caption of another of these paintings; the renderer's own are the last frames of "
        f"{len(real)} unseen processes by their own captions: more can't be found. Ink and pencil have pale colours or "
        "none, so only kinds and places of things are read of them. ± is the standard error."
    )
    return Finding(
        title="Scenes from words",
        words=words,
        table=_table(found),
        sheets=_sheets(context, opening, scenes),
        figures={name: _plain(readings) for name, readings in found.items()},
    )


def _readings(
    painted: Mapping[str, Sequence[AskedScene]], real: Sequence[AskedScene]
) -> dict[str, dict[str, Estimate | None]]:
    """Return the shares of each block, of its chance, and of the corpus's own."""
    reader, found = scene_reader(), {}
    for name, scenes in painted.items():
        last, plans = [scene.frames[-1] for scene in scenes], [scene.plan for scene in scenes]
        found[name] = shares(scenes, [reader.judge(*pair) for pair in zip(last, plans, strict=True)])
        found[f"{name}, chance"] = shares(scenes, chances(last, plans, reader))
    return found | {_REAL: shares(real, [reader.judge(scene.frames[-1], scene.plan) for scene in real])}


def _plain(readings: Mapping[str, Estimate | None]) -> dict[str, object]:
    return {name: dataclasses.asdict(reading) if reading else None for name, reading in readings.items()}


def _table(found: Mapping[str, Mapping[str, Estimate | None]]) -> list[list[str]]:
    rows = [["asked for", "paintings", "painted", "chance", "the renderer's own"]]
    for block in (UNSEEN, HELD_OUT):
        for name, title in ATTRIBUTES.items():
            painted, chance, real = (found[each][name] for each in (block, f"{block}, chance", _REAL))
            count = str(painted.count if painted else 0)
            # The corpus has no held-out combination.
            ceiling = shown(real, ".0%") if block == UNSEEN else "–"
            rows.append([f"{block}: {title}", count, shown(painted, ".0%"), shown(chance, ".0%"), ceiling])
    return rows


def _sheets(context: TrialContext, opening: Sequence[AskedScene], scenes: Sequence[AskedScene]) -> list[Sheet]:
    """The fixed prompts, all last frames, and some whole films."""
    folder = context.folder("words")
    draw_sheet([_film(context, scene) for scene in opening], folder / OPENING)
    letters = 2 * scenes[0].frames.shape[2] // _LETTER
    last = [
        SheetRow(words=textwrap.fill(context.prompt(scene.medium, scene.caption), letters), frames=scene.frames[-1:])
        for scene in scenes
    ]
    draw_sheet(last, folder / "last.png", columns=_COLUMNS)
    draw_sheet([_film(context, scene) for scene in scenes[:_FILMS]], folder / "films.png")
    return [
        Sheet(file=OPENING, words="From words that are always the same."),
        Sheet(file="last.png", words="The last frames of all, those of held-out combinations in the lower half."),
        Sheet(file="films.png", words=f"The first {len(scenes[:_FILMS])} as films."),
    ]


def _film(context: TrialContext, scene: AskedScene) -> SheetRow:
    return SheetRow(words=context.prompt(scene.medium, scene.caption), frames=scene.frames)
