from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from underpaint.experiments.sheet import SheetRow, draw_sheet


def frames(count: int) -> np.ndarray:
    """Even frames, each a colour of its own."""
    values = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1) * 20 + 10
    return np.broadcast_to(values, (count, 16, 24, 3)).copy()


def colours(path: Path) -> set[tuple[int, ...]]:
    image = Image.open(path).convert("RGB")
    counts = image.getcolors(1 << 20)
    assert counts is not None
    return {colour for count, colour in counts if count >= 16 * 24 * 4}


def test_frames_stand_in_a_row_enlarged(tmp_path: Path) -> None:
    draw_sheet([SheetRow(words="one", frames=frames(4))], tmp_path / "a.png")
    assert {(value,) * 3 for value in (10, 30, 50, 70)} <= colours(tmp_path / "a.png")


def test_what_stands_apart_is_shown_too(tmp_path: Path) -> None:
    red, blue = (np.full((16, 24, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 0, 200)))
    draw_sheet([SheetRow(words="", frames=frames(2), before=red, after=blue)], tmp_path / "a.png")
    assert {(200, 0, 0), (0, 0, 200)} <= colours(tmp_path / "a.png")
    row = np.asarray(Image.open(tmp_path / "a.png"))[30, :, :]
    middle = [int(np.flatnonzero((row == colour).all(1)).mean()) for colour in ((200, 0, 0), (10,) * 3, (0, 0, 200))]
    assert middle == sorted(middle)


def test_rows_are_below_each_other_and_equal_films_give_equal_bytes(tmp_path: Path) -> None:
    films = [SheetRow(words="one", frames=frames(3)), SheetRow(words="two", frames=frames(2))]
    draw_sheet(films, tmp_path / "a.png")
    draw_sheet(films, tmp_path / "b.png")
    draw_sheet(films[:1], tmp_path / "c.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert Image.open(tmp_path / "a.png").height > 1.9 * Image.open(tmp_path / "c.png").height


def test_columns_stand_beside_each_other_with_words_in_lines(tmp_path: Path) -> None:
    films = [SheetRow(words="one", frames=frames(1)), SheetRow(words="two\nlines", frames=frames(2)[1:])]
    draw_sheet(films, tmp_path / "a.png", columns=2)
    draw_sheet(films, tmp_path / "b.png")
    beside, below = (Image.open(tmp_path / name) for name in ("a.png", "b.png"))
    assert (beside.width, beside.height < below.height) == (2 * below.width, True)
    # Pictures stand on one line, however many lines of words are above them.
    row = np.asarray(beside)[-10, :, 0]
    assert {10, 30} <= set(row.tolist())
