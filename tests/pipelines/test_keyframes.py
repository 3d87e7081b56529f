from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from underpaint.pipelines.keyframes import paint_by_keys, spread


def blend(latents: Tensor, shown: frozenset[int], whole: bool) -> Tensor:
    """Paints a straight line between the shown frames, the ends being 0 and 1 where nothing else is known."""
    frames = latents.shape[2]
    known = {0: 0.0, frames - 1: 1.0} | {place: float(latents[0, 0, place]) for place in shown}
    places = sorted(known)
    made = []
    for frame in range(frames):
        after = next(place for place in places if place >= frame)
        before = max(place for place in places if place <= frame)
        share = 0 if after == before else (frame - before) / (after - before)
        made.append(known[before] * (1 - share) + known[after] * share)
    return torch.tensor(made).view(1, 1, -1, 1, 1)


@settings(deadline=None)
@given(st.integers(2, 120), st.integers(3, 12))
def test_all_frames_are_painted_however_deep(frames: int, window: int) -> None:
    calls = []

    def paint(latents: Tensor, shown: frozenset[int], whole: bool) -> Tensor:
        assert latents.shape[2] == window
        assert whole == (not calls)
        if not whole:
            assert {0, window - 1} <= shown
        calls.append(shown)
        return blend(latents, shown, whole)

    made = paint_by_keys(paint, torch.full((1, 1, frames, 1, 1), -1.0), (), window).flatten()
    assert len(made) == frames
    assert made[0] == 0
    assert made[-1] == 1
    assert bool((made.diff() >= 0).all())


def test_shown_frames_are_keys() -> None:
    latents = torch.zeros(1, 1, 21, 1, 1)
    latents[:, :, 7] = 0.9
    made = paint_by_keys(blend, latents, {7}, 5).flatten()
    assert made[7] == torch.tensor(0.9)
    assert bool((made.diff() >= 0).all())


def test_key_frames_stay_while_what_lies_between_them_is_painted() -> None:
    """Also by networks that don't give back what they are shown."""
    keys = []

    def paint(latents: Tensor, shown: frozenset[int], whole: bool) -> Tensor:
        painted = torch.full_like(latents, float(len(keys)))
        keys.append(painted)
        return painted

    made = paint_by_keys(paint, torch.zeros(1, 1, 13, 1, 1), (), 4).flatten()
    assert len(keys) > 4, "stretches are painted after the key frames"
    assert made[[0, 4, 8, 12]].tolist() == [0, 0, 0, 0]
    assert bool((made[[1, 2, 3, 5, 6, 7, 9, 10, 11]] > 0).all())


def test_a_short_process_is_painted_as_a_whole_one() -> None:
    latents = torch.zeros(1, 1, 3, 1, 1)
    latents[:, :, 1] = 0.2
    assert torch.allclose(paint_by_keys(blend, latents, {1}, 7).flatten(), torch.tensor([0.0, 0.2, 1.0]))


@given(st.integers(2, 30), st.integers(0, 40))
def test_spread(count: int, more: int) -> None:
    chosen = spread(count, count + more)
    assert chosen[0] == 0
    assert chosen[-1] == count + more - 1
    assert sorted(set(chosen)) == chosen
