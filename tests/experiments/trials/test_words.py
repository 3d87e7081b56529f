from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.experiments.conftest import MEDIA, finish, like
from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.datagen.scenes.captions import plan_said
from underpaint.datagen.scenes.scene import ScenePlan, scene_of
from underpaint.datagen.scenes.words import HELD_OUT
from underpaint.datagen.sources.reading import read_sources
from underpaint.experiments.trials import words
from underpaint.experiments.trials.attributes import Verdict
from underpaint.experiments.trials.unseen import UnseenProcess
from underpaint.experiments.trials.words import ATTRIBUTES, PROMPTS, AskedScene, shares, unseen_captions, words_trial


class Reader:
    """Stands in for the exact readers: finds everything in a canvas that is not black."""

    def judge(self, picture: np.ndarray, asked: ScenePlan) -> Verdict:
        right = bool(picture.any())
        place = float(right) if asked.says_places else None
        return Verdict(
            sky=right, ground=right, kind=float(right), colour=float(right), place=place, together=float(right)
        )


def real(medium: str, number: int) -> UnseenProcess:
    frames = np.full((FRAMES, SIZE, SIZE, 3), number % 2, np.uint8)
    return UnseenProcess(source=f"{number}", medium=medium, caption=scene_of(number).caption, frames=frames, scene=True)


@pytest.fixture
def scenes(context: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Trials on scenes, of which half of the renderer's own are black."""
    monkeypatch.setattr(words, "scene_reader", Reader)
    found = like(context, source="scenes:40", words=6)
    found.__dict__["processes"] = {medium: [real(medium, number) for number in range(2)] for medium in MEDIA}
    return found


def test_fixed_prompts_are_understood_and_begin_with_the_red_house() -> None:
    assert PROMPTS[0] == ("oil", "a red house, by the sea, at sunset")
    for _, caption in PROMPTS:
        assert all(HELD_OUT[thing.kind] != thing.colour for thing in plan_said(caption).things)
    assert len({plan_said(caption).things[0].kind for _, caption in PROMPTS}) == len(PROMPTS)


def test_captions_are_none_of_the_source() -> None:
    seen = {each.caption for each in read_sources("scenes:4000")}
    found = unseen_captions(["photos", "scenes:4000"], 60, held_out=False)
    assert len(found) == 60
    assert not seen.intersection(found)
    # Without a source many would have been seen: short captions come back.
    assert seen.intersection(unseen_captions([], 60, held_out=False))
    first = [plan_said(caption).things[0] for caption in unseen_captions([], 20, held_out=True)]
    assert all(HELD_OUT[thing.kind] == thing.colour for thing in first)


@pytest.mark.parametrize("pale", ["ink", "pencil"])
def test_where_there_are_no_colours_only_kinds_and_places_count(pale: str) -> None:
    def asked(medium: str) -> AskedScene:
        return AskedScene(
            medium=medium, caption="a red cat, on the sand, by day", frames=np.zeros((1, 1, 1, 3), np.uint8)
        )

    verdict = Verdict(sky=True, ground=False, kind=0.5, colour=1.0, place=None, together=0.0)
    found = shares([asked("oil"), asked(pale)], [verdict, verdict])
    counts = {name: reading.count if reading else 0 for name, reading in found.items()}
    assert counts == {"sky": 1, "ground": 1, "kind": 2, "colour": 1, "place": 0, "together": 1}
    assert found["kind"] is not None
    assert found["kind"].mean == 0.5


def test_paintings_chance_and_the_renderer_s_own_stand_beside_each_other(scenes: Any) -> None:
    finding = words_trial(scenes)
    assert [row[0] for row in finding.table[1:]] == [
        f"{block}: {title}" for block in ("unseen captions", "held-out combinations") for title in ATTRIBUTES.values()
    ]
    count, share, chance = next(row[1:4] for row in finding.table if row[0] == "unseen captions: kind of thing")
    # Random networks don't paint black: the reader finds everything, in half of the renderer's own nothing.
    assert (count, share) == ("3", chance)
    assert finding.figures["unseen captions"]["kind"]["mean"] == 1
    assert finding.figures["the renderer's own"]["kind"] == {
        "mean": pytest.approx(1 / 3),
        "error": pytest.approx(1 / 3),
        "count": 3,
    }
    assert finding.sheets[0].file == words.OPENING
    assert all((scenes.folder("words") / sheet.file).is_file() for sheet in finding.sheets)
    finish(scenes, "words")
    kept = scenes.kept("words")
    assert sorted(medium for medium, _ in kept) == ["bezier", "bezier", "ink", "ink", "oil", "oil"]


def test_prompts_begin_with_the_medium(scenes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def paint(self: Any, orders: Sequence[Any]) -> list[np.ndarray]:
        asked.extend(order.prompt for order in orders)
        return [np.ones((FRAMES, SIZE, SIZE, 3), np.uint8)] * len(orders)

    monkeypatch.setattr(type(scenes), "paint", paint)
    words_trial(scenes)
    assert asked[0] == "oil, a red house, by the sea, at sunset"
    assert len(set(asked)) == 4 + 6
    assert [prompt.partition(",")[0] for prompt in asked[4:7]] == list(MEDIA)[:3]


def test_of_photographs_it_is_left_out_with_a_word(context: Any) -> None:
    finding = words_trial(context)
    assert finding.words.startswith("Left out")
    assert (finding.table, finding.sheets) == ([], [])
