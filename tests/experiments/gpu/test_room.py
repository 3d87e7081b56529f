"""What is drawn for a step: of finished paintings alone, with the caption of what is seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from underpaint.experiments.gpu.config import CROPS, STORED
from underpaint.experiments.gpu.room import TrainingRoom, marked
from underpaint.models.captions import tokens_of
from underpaint.models.nano import build_nano
from underpaint.models.tokenizer import byte_tokenizer

SIZE = 16


@pytest.fixture
def gallery() -> Any:
    """Four paintings, of which the last two are finished; each is of one grey, frame by frame a step brighter."""
    frames = np.zeros((4, STORED, SIZE, SIZE, 3), np.uint8)
    frames += (60 * np.arange(4, dtype=np.uint8))[:, None, None, None, None]
    frames += np.arange(STORED, dtype=np.uint8)[:, None, None, None]
    tasks = [SimpleNamespace(medium="oil", caption=f"a {colour} house") for colour in ("red", "blue", "green", "white")]
    turns = iter([[3, 2]])
    return SimpleNamespace(tasks=tasks, frames=frames, finished=lambda: next(turns, []))


def test_frames_come_from_what_is_finished(gallery: Any) -> None:
    room = TrainingRoom(gallery, frames=8, size=SIZE, device=torch.device("cpu"))
    assert room.take_in() == 2
    assert room.take_in() == 2
    levels = ((room.pixels(64).mean((1, 2, 3)) + 1) * 127.5).round()
    assert set((levels // 60).tolist()) == {2, 3}
    assert len(set((levels % 60).tolist())) > 10


def test_what_is_painted_larger_is_seen_in_crops(gallery: Any) -> None:
    gallery.frames[:, :, :, SIZE // 2 :] += 20  # the right half is brighter
    room = TrainingRoom(gallery, frames=8, size=SIZE - 4, device=torch.device("cpu"))
    room.take_in()
    places = set()
    for _ in range(40):
        (frame,) = room.pixels(1)
        assert frame.shape == (3, SIZE - 4, SIZE - 4)
        places.add(int((frame[0, 0] < frame[0, 0, -1]).sum()))
    assert places == {SIZE // 2 - left for left in range(5)}


def test_crops_of_one_painting_have_latents_of_their_own(gallery: Any) -> None:
    gallery.frames[:] = np.arange(SIZE, dtype=np.uint8)[:, None] * 10 + np.zeros(3, np.uint8)
    gallery.frames[:] *= np.arange(SIZE, dtype=np.uint8)[:, None, None] % 3
    room = TrainingRoom(gallery, frames=8, size=SIZE - 4, device=torch.device("cpu"))
    room.take_in()
    torch.manual_seed(0)
    room.finish_autoencoder(build_nano(seed=1).vae)
    latents = room.pictures(64)[0].flatten(1)
    assert 2 <= len({tuple(row) for row in latents.tolist()}) <= 2 * CROPS


def test_a_base_that_goes_on_keeps_its_tokens(gallery: Any) -> None:
    tokenizer = byte_tokenizer()
    assert (
        TrainingRoom(gallery, frames=8, size=SIZE, device=torch.device("cpu"), tokenizer=tokenizer).tokenizer
        is tokenizer
    )
    learned = TrainingRoom(gallery, frames=8, size=SIZE, device=torch.device("cpu"))
    assert len(learned.tokenizer) > 530
    learned.take_in()
    assert 77 > learned.longest > 5


def test_captions_say_what_is_seen(gallery: Any) -> None:
    room = TrainingRoom(gallery, frames=8, size=SIZE, device=torch.device("cpu"))
    room.take_in()
    room.finish_autoencoder(build_nano(seed=1).vae)
    captions = {tuple(row): text for text in (*marked("oil, a green house"), *marked("oil, a white house"))
                for row in tokens_of(room.tokenizer, [text]).tolist()}  # fmt: skip
    latents, tokens = room.pictures(64)
    assert latents.shape == (64, 4, SIZE // 4, SIZE // 4)
    seen = [captions[tuple(row)] for row in tokens.tolist()]
    assert any("half-painted" in text for text in seen)
    assert {"oil, a green house", "oil, a white house", ""} <= set(seen)
    processes, tokens, chosen = room.sequences(64, "replication")
    assert processes.shape == (64, 4, 8, SIZE // 4, SIZE // 4)
    later = torch.tensor([captions[tuple(row)].endswith("from a half-painted picture") for row in tokens.tolist()])
    # What begins half-painted is shown how it begins.
    assert later.any()
    assert chosen[later, 0].all()
    assert not any("half" in captions[tuple(row)] for row in room.sequences(64, "motion")[1].tolist())
