import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import underpaint.pipelines.progress
from underpaint.pipelines.progress import PaintingProgress


def look():
    return np.full((3, 10, 10, 3), 90, np.uint8)


def test_previews_are_written_now_and_then(tmp_path: Path):
    file = tmp_path / "new" / "a.preview.png"
    with PaintingProgress(show=False, preview=3, preview_file=file) as display:
        display.begin(6)
        for done in range(1, 7):
            display.advance(None if done == 6 else look)
            assert file.is_file() == (done in (3, 4, 5))
            if done == 3:
                assert Image.open(file).size == (38, 14)
            if done == 5:
                file.unlink()
    assert not file.is_file()


def test_how_much_is_left_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "underpaint.pipelines")
    now = [100.0]
    monkeypatch.setattr(underpaint.pipelines.progress.time, "monotonic", lambda: now[0])
    with PaintingProgress(show=True) as display:
        display.name = "painting 1"
        display.begin(20)
        for _ in range(5):
            now[0] += 4
            display.advance(None)
    assert caplog.messages == ["painting 1: step 3/20, 68 s left"]
