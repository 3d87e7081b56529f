from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image

from underpaint.pipelines.app.shown import data_url, stage


def decoded(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2])))


def test_small_frames_are_shown_as_they_are() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (3, 16, 24, 3), dtype=np.uint8)
    shown = stage(frames, seconds=2.0, label="draft")
    assert (shown["width"], shown["height"], shown["tiny"], shown["playing"]) == (24, 16, True, True)
    for url, frame in zip(shown["frames"], frames, strict=True):
        assert np.array_equal(np.asarray(decoded(url)), frame)
    json.dumps(shown)


def test_large_ones_are_jpeg() -> None:
    frame = np.full((100, 200, 3), 90, np.uint8)
    with decoded(data_url(frame)) as image:
        assert (image.format, image.size) == ("JPEG", (200, 100))
    assert not stage([frame], seconds=1)["tiny"]


def test_a_still_does_not_play() -> None:
    assert not stage([np.zeros((8, 8, 3), np.uint8)], seconds=1)["playing"]
