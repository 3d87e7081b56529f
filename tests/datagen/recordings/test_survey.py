from functools import partial

import numpy as np
import pytest
from PIL import Image

from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture
from underpaint.datagen.recordings import survey as module
from underpaint.datagen.recordings.footage import Shot
from underpaint.datagen.recordings.survey import survey

CANVAS = Canvas(size=64, square=True, background=(255, 255, 255), min_side=16, max_pixels=10**6, max_aspect=2)


def shot(number, size=(96, 72), looked_at=None):
    def picture(canvas):
        if looked_at is not None:
            looked_at.append(number)
        wide = round(canvas.size * size[0] / size[1])
        pixels = np.asarray(Image.new("RGB", (wide, canvas.size), (number % 256, 90, 90)))
        return Picture(pixels=pixels, size=size, square=False)

    return Shot(number, None, picture)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 100, 257])
def test_a_long_recording_is_seen_at_even_steps(monkeypatch, count):
    monkeypatch.setattr(module, "MOST", 16)
    seen = survey(map(shot, range(count)), CANVAS, crop=True)
    assert seen.count == count
    assert (seen.numbers[0], seen.numbers[-1]) == (0, count - 1)
    assert len(seen.numbers) == len(seen.thumbnails) <= 16
    steps = np.diff(seen.numbers[:-1])
    assert len(set(steps)) <= 1
    assert [thumbnail[0, 0, 0] for thumbnail in seen.thumbnails] == [number % 256 for number in seen.numbers]


def test_what_isn_t_needed_isn_t_decoded(monkeypatch):
    monkeypatch.setattr(module, "MOST", 16)
    looked_at: list[int] = []
    survey(map(partial(shot, looked_at=looked_at), range(1000)), CANVAS, crop=False)
    assert len(looked_at) < 16 * 6


def test_frames_have_one_size():
    with pytest.raises(BadPicture, match="mixed-sizes: frame 1 has 72 x 96 px, the first one 96 x 72"):
        survey(iter([shot(0), shot(1, (72, 96))]), CANVAS, crop=True)


def test_no_frame_at_all():
    with pytest.raises(BadPicture, match="too-few-frames"):
        survey(iter([]), CANVAS, crop=True)
