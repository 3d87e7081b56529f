import dataclasses
import hashlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import load_picture
from underpaint.renderers import Process, Program, ProgramData, paint, psnr
from underpaint.renderers.strokes.columns import COLUMNS


@pytest.fixture(scope="module")
def program(process: Process) -> Program:
    return process.program


def test_a_program_is_the_data_that_a_medium_made_of_it(program: Program) -> None:
    fields: dict[str, Any] = {field.name: getattr(program, field.name) for field in dataclasses.fields(program)}
    again = Program.of(ProgramData(**fields))
    assert type(again) is Program
    assert all(getattr(again, name) is value for name, value in fields.items())
    np.testing.assert_array_equal(again.replay(), program.replay())


@pytest.mark.parametrize(("size", "shape"), [(180, (180, 240)), ((45, 60), (45, 60)), (33, (33, 44))])
def test_replay_at_another_size_is_the_same_painting(
    program: Program, size: int | tuple[int, int], shape: tuple[int, int]
) -> None:
    replayed = program.replay(size=size)
    assert replayed.shape == (*shape, 3)
    resized = Image.fromarray(program.replay()).resize(
        shape[::-1], Image.Resampling.BOX if shape[0] < 90 else Image.Resampling.BICUBIC
    )
    assert psnr(replayed, np.asarray(resized)) > 30


def test_replay_at_its_own_size_by_any_name_is_the_same_bytes(program: Program) -> None:
    for size in (None, 90, (90, 120)):
        np.testing.assert_array_equal(program.replay(size=size), program.replay())


def test_replay_of_some_strokes(program: Program) -> None:
    few = Program(medium="bezier", size=program.size, ground=program.ground, strokes=program.strokes[:40])
    np.testing.assert_array_equal(program.replay(strokes=40), few.replay())
    np.testing.assert_array_equal(program.replay(strokes=len(program)), program.replay())
    assert (program.replay(strokes=0) == 255).all()


@pytest.mark.parametrize("strokes", [-1, 151, 10**9])
def test_stroke_counts_the_program_does_not_have_are_refused(program: Program, strokes: int) -> None:
    with pytest.raises(ValueError, match=f"strokes={strokes}.*0 to 150"):
        program.replay(strokes=strokes)


@pytest.mark.parametrize("size", [(90, 90), (120, 90), (10, 100)])
def test_another_aspect_ratio_is_refused(program: Program, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="aspect ratio"):
        program.replay(size=size)


@pytest.mark.parametrize("size", [0, -5])
def test_sizes_below_a_pixel_are_refused(program: Program, size: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        program.replay(size=size)


def test_an_empty_canvas_is_refused(program: Program) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        program.replay(size=(0, 0))


@pytest.fixture(scope="module")
def wide() -> Program:
    return paint(load_picture("cat", (17, 1000)), strokes=150).program


def test_a_wide_program_fills_canvases_of_all_sizes(wide: Program) -> None:
    for size in (8, 34, (10, 588), (3, 176)):
        canvas = wide.replay(size=size)
        assert (canvas[:, -5:] < 255).any(axis=2).mean() > 0.9


def test_a_wide_program_fills_every_size_that_is_allowed(wide: Program) -> None:
    canvas = wide.replay(size=(10, 617))
    assert (canvas[:, -5:] < 255).any(axis=2).mean() > 0.9


# --- other forms (their own tests: test_ltp.py, test_svg.py)


def test_ltp_numbers_make_a_program_again(program: Program) -> None:
    back = Program.from_ltp(program.to_ltp(), program.size, ground=(1.0, 1.0, 1.0))
    assert (back.size, len(back), back.medium) == (program.size, len(program), "bezier")
    np.testing.assert_array_equal(back.ground, program.ground)
    assert (Program.from_ltp(program.to_ltp()[:0], (8, 8)).replay() == 0).all()


def test_svg_has_a_path_for_every_stroke(program: Program) -> None:
    assert program.to_svg().count("<path") == len(program)


def test_marks_with_a_surface_are_neither_svg_nor_ltp(program: Program) -> None:
    textured = dataclasses.replace(program, columns=(*COLUMNS, "grain"))
    for form in (textured.to_svg, textured.to_ltp):
        with pytest.raises(ValueError, match="can't express the marks of 'bezier'"):
            form()


def test_replays_to_the_same_bytes_as_ever() -> None:
    """A program written down here must look the same in every version and on every machine."""
    strokes = np.zeros((20, len(COLUMNS)), np.float32)
    limits = {"cx": (0, 64), "cy": (0, 48), "theta": (-7, 7), "length": (5, 40), "bow": (-1, 1), "edge": (0, 6)}
    limits |= {"r0": (1, 6), "r1": (1, 6)}
    for j, name in enumerate(COLUMNS):
        low, high = limits.get(name, (0, 1))
        # Scattered numbers; sixteenths are exact in float32.
        scattered = (np.arange(20) * (37 + 2 * j) + 11 * j) % 97 / 97
        strokes[:, j] = np.round(scattered * (high - low) * 16) / 16 + low
    program = Program(medium="bezier", size=(48, 64), ground=np.ones(3, np.float32), strokes=strokes)
    digest = hashlib.sha256(program.replay(size=96).tobytes()).hexdigest()
    assert digest == "73251c74e0425f1829d8edd7b55613bf3501653aca3472bd49a387c2f773388a"
