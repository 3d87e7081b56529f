from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.films import (
    FILM_SIDE,
    MOMENT_SIDE,
    MOMENTS,
    POSTER_SIDE,
    changes,
    make_film,
)
from underpaint.renderers.film.small import FRAME_MS, HOLD_MS, SHOWN_FRAMES


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["WEBP"])


def duration(data: bytes) -> int:
    animation = opened(data)
    total = 0
    for index in range(animation.n_frames):
        animation.seek(index)
        animation.load()
        total += animation.info["duration"]
    return total


def test_a_film_ends_in_the_finished_picture_and_rests(finished):
    frames = Corpus(finished).find("p3").frames()
    film = make_film(frames)
    animation = opened(film.film)
    assert (animation.n_frames, animation.size) == (5, (48, 48))
    animation.seek(4)
    last = np.asarray(animation.convert("RGB")).astype(int)
    assert animation.info["duration"] == HOLD_MS
    assert np.abs(last - frames[-1]).mean() < 12
    assert np.abs(np.asarray(opened(film.poster)).astype(int) - frames[-1]).mean() < 12
    assert film.bytes == len(film.film) + len(film.poster) + len(film.strip)
    assert make_film(frames) == film


def test_large_and_long_ones_are_made_small():
    ramp = np.linspace(0, 255, 40, dtype=np.uint8)[:, None, None, None]
    frames = np.broadcast_to(ramp, (40, 300, 900, 3)).copy()
    frames[:, :, 100:200] = 90
    film = make_film(frames)
    # The encoder joins frames that hardly differ, which must not shorten them.
    assert duration(film.film) == (SHOWN_FRAMES - 1) * FRAME_MS + HOLD_MS
    assert opened(film.film).width == FILM_SIDE
    assert opened(film.poster).width == POSTER_SIDE
    assert abs(opened(film.film).width / opened(film.film).height - 3) < 0.05
    assert opened(film.strip).size == (MOMENTS * MOMENT_SIDE, MOMENT_SIDE)
    assert len(film.changes) == 39


def test_a_strip_shows_moments_from_left_to_right():
    frames = np.stack([np.full((64, 64, 3), level, np.uint8) for level in range(0, 241, 20)])
    strip = np.asarray(opened(make_film(frames).strip).convert("L")).astype(int)
    levels = [strip[24, MOMENT_SIDE // 2 + number * MOMENT_SIDE] for number in range(MOMENTS)]
    assert levels == sorted(levels)
    assert levels[0] < 8
    assert levels[-1] > 232


def test_frames_that_are_all_equal():
    film = make_film(np.full((4, 32, 32, 3), 200, np.uint8))
    assert film.changes == (0, 0, 0)
    assert opened(film.film).size == (32, 32)


def test_change_is_the_share_of_the_range():
    frames = np.zeros((3, 8, 8, 3), np.uint8)
    frames[1:, :4] = 255
    frames[2, 4:] = 51
    assert changes(frames) == pytest.approx((0.5, 0.1))


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 6), st.integers(16, 40), st.integers(16, 90), st.integers(0, 2**32 - 1))
def test_any_process_makes_a_film(count, height, width, seed):
    frames = np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)
    film = make_film(frames)
    assert opened(film.film).n_frames == count
    assert len(film.changes) == count - 1
    assert all(0 <= change <= 1 for change in film.changes)
