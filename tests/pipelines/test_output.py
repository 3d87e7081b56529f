from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.pipelines.conftest import picture
from underpaint.pipelines.output import format_of, write
from underpaint.pipelines.request import Painting
from underpaint.renderers.film.stills import tabulated

FRAMES = np.stack([picture(number, (33, 20)) for number in range(5)])
PAINTING = Painting(frames=FRAMES, about={"prompt": "a hill", "seed": 3})


def test_webp_is_exact(tmp_path: Path) -> None:
    write(PAINTING, tmp_path / "deep" / "a.webp", "webp", fps=4)
    with Image.open(tmp_path / "deep" / "a.webp") as image:
        for number, frame in enumerate(FRAMES):
            image.seek(number)
            assert np.array_equal(np.asarray(image.convert("RGB")), frame)
            assert image.info["duration"] == (1750 if number == 4 else 250)
    assert json.loads((tmp_path / "deep" / "a.json").read_text()) == PAINTING.about


def test_gif_and_film(tmp_path: Path) -> None:
    write(PAINTING, tmp_path / "a.gif", "gif", fps=5)
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.n_frames, image.size) == (5, (33, 20))
    write(PAINTING, tmp_path / "a.mp4", "mp4", fps=5)
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert film.streams.video[0].average_rate == Fraction(5)
        decoded = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(decoded) == 5 + round(1.5 * 5)
    assert decoded[0].shape == (20, 34, 3)  # even, and nothing is cut off
    assert np.abs(decoded[0][:, :33].astype(int) - FRAMES[0]).mean() < 12


def test_frames_replace_those_that_were_there_but_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "a.b"
    for frames in (FRAMES, FRAMES[:3]):
        write(Painting(frames=frames, about={}), folder, "frames", fps=8)
    assert [path.name for path in sorted(folder.iterdir())] == ["0000.png", "0001.png", "0002.png"]
    assert np.array_equal(np.asarray(Image.open(folder / "0002.png")), FRAMES[2])
    assert (tmp_path / "a.b.json").is_file()
    (folder / "mine.txt").touch()
    with pytest.raises(ValueError, match=r"holds other things than frames, mine\.txt for one"):
        write(PAINTING, folder, "frames", fps=8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.b", "a.b.json"]


def test_filmstrips_and_sheets_hold_each_frame(tmp_path: Path) -> None:
    write(PAINTING, tmp_path / "a.png", "filmstrip", fps=8)
    write(PAINTING, tmp_path / "b.png", "sheet", fps=8)
    assert Image.open(tmp_path / "a.png").size == (5 * 35 + 2, 24)
    assert Image.open(tmp_path / "b.png").size == (3 * 35 + 2, 2 * 22 + 2)
    table = tabulated(FRAMES, 3)
    assert np.array_equal(table[24:44, 37:70], FRAMES[4])
    assert table[24:44, 72:105].min() == 255


def test_formats() -> None:
    for name, wanted in (("a.webp", "webp"), ("a.MP4", "mp4"), ("a.png", "filmstrip"), ("a", "frames")):
        assert format_of(Path(name), None) == wanted
    assert format_of(Path("a.png"), "sheet") == "sheet"
    with pytest.raises(ValueError, match=r"a\.avi ends in \.avi: use \.webp, \.mp4, \.webm, \.gif, \.png"):
        format_of(Path("a.avi"), None)
    with pytest.raises(ValueError, match=r"a\.gif is to be of format mp4, so its name should end in \.mp4"):
        format_of(Path("a.gif"), "mp4")
