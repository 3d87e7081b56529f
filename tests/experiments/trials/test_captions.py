from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from tests.experiments.conftest import MEDIA, like
from underpaint.experiments.trials.captions import captions_trial, errors_under, listen
from underpaint.experiments.trials.context import TrialContext


class Listener:
    """Stands in for a network: what comes out is the right answer, and worse the more the prompt differs."""

    def __init__(self, right: torch.Tensor, offsets: list[float]) -> None:
        self.right, self.offsets = right, offsets

    def __call__(self, noisy: torch.Tensor, level: torch.Tensor, turn: int) -> torch.Tensor:
        assert noisy.shape == (len(self.offsets), *self.right.shape[1:])
        return self.right + torch.tensor(self.offsets).view(-1, 1, 1, 1, 1)


def listening(monkeypatch: pytest.MonkeyPatch, score: Any) -> None:
    """Have the network do worse by what `score(process, prompt)` says."""
    heard: list[str] = []
    real_latents = TrialContext.latents

    def states(self: Any, prompts: list[str]) -> list[str]:
        heard[:] = prompts
        return prompts

    def latents(self: TrialContext, process: Any) -> torch.Tensor:
        self.pipeline.parts.unet.process = process
        return real_latents(self, process)

    def predictor(self: TrialContext, prompts: list[str]) -> Listener:
        process = self.pipeline.parts.unet.process
        return Listener(real_latents(self, process), [score(process, prompt) for prompt in prompts])

    monkeypatch.setattr("underpaint.pipelines.networks.Networks.states", states)
    monkeypatch.setattr(TrialContext, "latents", latents)
    monkeypatch.setattr(TrialContext, "predictor", predictor)


def test_a_network_that_knows_media_and_pictures_wins_every_time(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listening(monkeypatch, lambda process, prompt: float(prompt != f"{process.medium}, {process.caption}"))
    found = listen(context)
    assert list(found) == [*MEDIA, "all"]
    assert found["all"].medium is not None
    assert (found["all"].medium.mean, found["all"].medium.count) == (1, 8)
    assert all(result.medium is not None and result.medium.mean == 1 for result in found.values())


def test_a_network_that_knows_media_only_is_told_from_one_that_knows_pictures(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening(monkeypatch, lambda process, prompt: float(not prompt.startswith(process.medium)))
    found = listen(context)["all"]
    assert found.medium is not None
    assert found.medium.mean == 1
    # Equal errors are no win.
    assert found.picture is None or found.picture.mean == 0


def test_one_caption_for_all_leaves_nothing_to_compare(context: Any) -> None:
    same = {
        medium: [dataclasses.replace(each, caption="x") for each in found]
        for medium, found in context.processes.items()
    }
    context.__dict__["processes"] = same
    assert listen(context)["all"].picture is None


def test_without_media_in_captions_only_pictures_are_compared(context: Any) -> None:
    found = listen(like(context, name_medium=False))
    assert found["all"].medium is None


def test_errors_are_those_of_each_prompt_alone(context: Any) -> None:
    process = context.processes["oil"][0]
    together = errors_under(context, process, ["oil, a", "ink, b", "oil, c"], seed=3)
    alone = [errors_under(context, process, [prompt], seed=3)[0] for prompt in ("oil, a", "ink, b", "oil, c")]
    assert together == pytest.approx(alone, rel=1e-4)


def test_the_trial_has_a_row_for_each_medium(context: Any) -> None:
    finding = captions_trial(context)
    assert [row[0] for row in finding.table[1:]] == [*MEDIA, "all"]
    assert finding == captions_trial(context)


def mixed(context: Any) -> dict[str, list[Any]]:
    """Each picture in one medium only, one of each."""
    return {
        medium: [dataclasses.replace(found[place], scene=place % 2 == 0)]
        for place, (medium, found) in enumerate(context.processes.items())
    }


def test_where_media_have_other_pictures_captions_of_all_are_compared(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.__dict__["processes"] = mixed(context)
    listening(monkeypatch, lambda process, prompt: float(prompt != f"{process.medium}, {process.caption}"))
    found = listen(context)
    assert list(found) == [*MEDIA, "scenes", "photographs", "all"]
    assert found["all"].picture is not None
    assert (found["all"].picture.mean, found["all"].picture.count) == (1, 4)
    assert found["scenes"].picture is not None
    assert found["scenes"].picture.count == 2


def test_captions_are_compared_with_those_of_the_same_kind(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = mixed(context)
    context.__dict__["processes"] = processes
    asked: dict[str, set[str]] = {}

    def score(process: Any, prompt: str) -> float:
        asked.setdefault(process.source, set()).add(prompt.partition(", ")[2])
        return 0.0

    listening(monkeypatch, score)
    listen(context)
    everything = [each for found in processes.values() for each in found]
    for each in everything:
        assert asked[each.source] == {other.caption for other in everything if other.scene == each.scene}


def test_each_other_medium_is_named_before_as_many_captions(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []

    def score(process: Any, prompt: str) -> float:
        if process.medium == "oil":
            named.append(prompt.partition(", ")[0])
        return 0.0

    listening(monkeypatch, score)
    listen(like(context, noisy=3))
    others = {medium: named.count(medium) for medium in MEDIA if medium != "oil"}
    assert set(others.values()) == {2}
