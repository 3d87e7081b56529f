import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from underpaint.renderers import Process, Program
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
    told = dataclasses.replace(program, phases=("first", "second"), phase=phase, about=facts, arrays={})
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


@pytest.mark.parametrize(
    "arrays",
    [
        {"place": np.zeros(3, np.int16)},
        {"region": np.zeros(150)},
        {"time": np.zeros(2, np.float32)},
        {"time": -np.ones(3, np.float32)},
    ],
)
def test_places_and_times_that_do_not_fit_are_refused(program: Program, arrays: dict[str, npt.NDArray[Any]]) -> None:
    with pytest.raises(ValueError, match=r"(place|region) must be int16 \(150,\)|time must be float32 shares of \d"):
        Program.load(changed(program, **arrays))


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
