import dataclasses
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from underpaint.renderers import Process, Program, paint, psnr
from underpaint.renderers.strokes.columns import COLUMNS


@pytest.fixture(scope="module")
def program(process: Process) -> Program:
    return process.program


def saved(program: Program) -> bytes:
    file = io.BytesIO()
    program.save(file)
    return file.getvalue()


def test_save_and_load_give_the_same_program(program: Program, tmp_path: Path) -> None:
    program.save(tmp_path / "program.npz")
    loaded = Program.load(tmp_path / "program.npz")
    assert (loaded.medium, loaded.size, len(loaded)) == (program.medium, program.size, len(program))
    np.testing.assert_array_equal(loaded.strokes, program.strokes)
    np.testing.assert_array_equal(loaded.ground, program.ground)
    assert loaded.strokes.dtype == loaded.ground.dtype == np.float32
    np.testing.assert_array_equal(loaded.replay(), program.replay())


def test_same_program_same_bytes(program: Program) -> None:
    first = saved(program)
    assert first == saved(program)
    assert first == saved(Program.load(io.BytesIO(first)))


def test_file_is_a_plain_npz_without_pickles(program: Program) -> None:
    with np.load(io.BytesIO(saved(program)), allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays}
    assert content["columns"].tolist() == list(COLUMNS)
    assert content["size"].tolist() == list(program.size)
    assert str(content["medium"]) == "bezier"


def changed(program: Program, **changes: Any) -> io.BytesIO:
    """What `save` writes, with some of its arrays replaced, or left out where the change is None."""
    with np.load(io.BytesIO(saved(program))) as arrays:
        content = dict(arrays) | changes
    file = io.BytesIO()
    np.savez(file, **{name: value for name, value in content.items() if value is not None})
    file.seek(0)
    return file


def test_phases_arrays_and_facts_survive(program: Program) -> None:
    phase = np.repeat(np.array([0, 1], np.uint8), [100, len(program) - 100])
    facts = {"segmenter": "classic", "regions": 3}
    told = dataclasses.replace(program, phases=("first", "second"), phase=phase, about=facts)
    loaded = Program.load(io.BytesIO(saved(told)))
    assert (loaded.phases, loaded.about) == (("first", "second"), facts)
    assert [loaded.phase_after(count) for count in (0, 1, 100, 101)] == ["blank", "first", "first", "second"]
    assert dict(loaded.arrays) == {}


def test_programs_from_before_phases_are_read(program: Program) -> None:
    loaded = Program.load(changed(program, phases=None, phase=None, about=None))
    assert loaded.phase_after(1) == "painting"
    np.testing.assert_array_equal(loaded.replay(), program.replay())


@pytest.mark.parametrize("phase", [np.zeros(3, np.uint8), np.full(150, 3, np.uint8), np.zeros(150)])
def test_phases_that_do_not_fit_are_refused(program: Program, phase: npt.NDArray[Any]) -> None:
    with pytest.raises(ValueError, match=r"phase must be uint8 \(150,\) below 3"):
        Program.load(changed(program, phase=phase))


def test_unknown_format_is_refused(program: Program) -> None:
    for number in (np.int32(99), None):
        with pytest.raises(ValueError, match="is not a program"):
            Program.load(changed(program, format=number))


def test_pickles_are_never_loaded(program: Program) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        Program.load(changed(program, strokes=np.array([{"a": 1}], dtype=object)))


@pytest.mark.parametrize("kind", ["cut off", "npy", "text", "no columns", "short rows", "not finite", "float64"])
def test_files_that_are_no_programs_are_refused(program: Program, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "file.npz"
    if kind == "cut off":
        file.write_bytes(saved(program)[:2000])
    elif kind == "npy":
        with file.open("wb") as handle:
            np.save(handle, program.strokes)
    elif kind == "text":
        file.write_text("a program")
    else:
        strokes = program.strokes
        change: dict[str, Any] = {
            "no columns": {"columns": None},
            "short rows": {"strokes": strokes[:, :5]},
            "not finite": {"strokes": np.where(np.arange(strokes.shape[1]) == 3, np.float32(np.nan), strokes)},
            "float64": {"strokes": strokes.astype(np.float64)},
        }[kind]
        file.write_bytes(changed(program, **change).getvalue())
    with pytest.raises(ValueError, match="is not a program"):
        Program.load(file)


def test_strokes_of_other_columns_are_refused(program: Program) -> None:
    with pytest.raises(ValueError, match=r"columns|format"):
        Program.load(changed(program, strokes=program.strokes[:, :-1], columns=np.array(COLUMNS[:-1])))


def test_a_path_without_npz_is_written_as_given(program: Program, tmp_path: Path) -> None:
    program.save(tmp_path / "program.strokes")
    assert [path.name for path in tmp_path.iterdir()] == ["program.strokes"]


# --- replay


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
def wide(load_picture: Callable[..., np.ndarray]) -> Program:  # type: ignore[type-arg]
    return paint(load_picture("photos/barn.jpg", (17, 1000)), strokes=150).program


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
