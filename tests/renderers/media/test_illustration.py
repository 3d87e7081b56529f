import dataclasses
import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy.ndimage import maximum_filter

from tests.pictures import load_picture
from underpaint.renderers import Process, Program, paint, psnr
from underpaint.renderers.illustration.layers import BLEND, COLOUR, ERASE, LAYER, LINE, REGION, SKETCH
from underpaint.renderers.media.illustration import MEDIUM, PHASES
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.strokes.columns import A0, R0, RED

UInt8 = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def drawn() -> Process:
    """With highlights that are easy to see and paper that nothing else has."""
    return paint(load_picture("coffee", (96, 144)), renderer="illustration", strokes=300, paper="#ff00ff", seed=4)


def cut(program: Program, kept: npt.NDArray[np.bool_]) -> Program:
    assert program.phase is not None
    return dataclasses.replace(program, strokes=program.strokes[kept], phase=program.phase[kept])


def test_a_sketch_becomes_a_line_and_a_line_a_picture(drawn: Process) -> None:
    program = drawn.program
    assert program.phases == PHASES
    assert set(program.phase.tolist()) == set(range(5))  # type: ignore[union-attr]
    assert (np.diff(program.phase.astype(int)) >= 0).all()  # type: ignore[union-attr]
    assert len(program) <= 300
    seen = [moment["phase"] for moment in drawn.moments(8)]
    assert seen == ["blank", "sketch", "line", "flats", "flats", "shading", "shading", "highlights"]
    assert drawn.psnr() > 21


def test_the_line_stays_on_top_and_of_the_sketch_nothing_is_left(drawn: Process) -> None:
    program = drawn.program
    layer, erases = program.strokes[:, LAYER], program.strokes[:, BLEND] == ERASE
    assert (cut(program, layer != SKETCH).replay() == drawn.canvas()).all()
    assert (cut(program, ~erases).replay() != drawn.canvas()).any()
    # The line last makes the same picture.
    last = np.argsort(layer == LINE, kind="stable")
    moved = dataclasses.replace(program, strokes=program.strokes[last], phase=np.zeros(len(program), np.uint8))
    assert (moved.replay() == drawn.canvas()).all()


def test_flats_leave_no_paper(drawn: Process) -> None:
    program = drawn.program
    filled = cut(program, program.phase == PHASES.index("flats")).replay().astype(int)
    assert (np.abs(filled - [255, 0, 255]).max(axis=2) > 20).all()
    # One colour each, and the error falls with each phase that paints.
    flats = program.strokes[program.phase == PHASES.index("flats")]
    assert len(np.unique(flats[:, RED])) <= program.arrays["labels"].max() + 1
    ends = [int((program.phase <= number).sum()) for number in (2, 3, 4)]  # type: ignore[operator]
    come = [psnr(program.replay(strokes=end), drawn.target) for end in ends]
    assert come[0] + 1 < come[1] < come[2] == drawn.psnr()


def test_shading_changes_its_own_region_only(drawn: Process) -> None:
    program = drawn.program
    labels = np.asarray(
        Image.fromarray(program.arrays["labels"]).resize((program.size[1], program.size[0]), Image.Resampling.NEAREST)
    )
    inside = np.zeros(program.size, bool)
    shading = program.phase >= PHASES.index("shading")  # type: ignore[operator]
    region = int(program.strokes[shading, REGION][0])
    inside = labels == region
    others = cut(program, ~(shading & (program.strokes[:, REGION] == region)))
    change = np.abs(others.replay().astype(int) - drawn.canvas()).max(axis=2)
    assert change[inside].mean() > 1
    # All but the pixels at the border, which is smooth on the canvas and in steps in the labels.
    near = maximum_filter(inside, 7)
    assert change[~near].max() == 0


def test_one_place_after_the_other(drawn: Process) -> None:
    program = drawn.program
    shading = program.phase == PHASES.index("shading")
    # Of strokes in any order it is 1, of more strokes half as much.
    assert hop_ratio(program.strokes[shading]) < 0.65
    flats = program.phase == PHASES.index("flats")
    assert (np.diff(program.strokes[flats, REGION]) >= 0).all()
    last = drawn.moments(8)[-1]
    assert last == {
        "strokes": len(program), "phase": "highlights", "region": int(program.arrays["region"][-1]),
        "place": int(program.arrays["place"][-1]),
    }  # fmt: skip


def test_the_same_seed_draws_the_same_and_another_has_other_habits(drawn: Process) -> None:
    picture = drawn.target[:, :96]
    first, again, other = (
        paint(picture, renderer="illustration", strokes=60, quality="draft", seed=seed) for seed in (1, 1, 2)
    )
    files = [io.BytesIO(), io.BytesIO()]
    for process, file in zip((first, again), files, strict=True):
        process.program.save(file)
    assert files[0].getvalue() == files[1].getvalue()
    assert first.program.about["habits"] != other.program.about["habits"]
    fixed = paint(picture, renderer="illustration", strokes=60, quality="draft", pencil="red", tones=5)
    assert {"pencil": "red", "tones": 5}.items() <= dict(fixed.program.about["habits"]).items()


def test_a_large_replay_shows_the_same_picture_and_a_file_keeps_it(drawn: Process) -> None:
    file = io.BytesIO()
    drawn.program.save(file)
    file.seek(0)
    program = Program.load(file)
    assert (program.replay() == drawn.canvas()).all()
    large = Image.fromarray(program.replay(size=(384, 576))).resize((144, 96), Image.Resampling.BOX)
    assert psnr(np.asarray(large), drawn.canvas()) > 30


@pytest.mark.parametrize("strokes", [1, 2, 7, 15, 40])
def test_few_strokes_are_enough_to_fill_the_sheet(strokes: int) -> None:
    process = paint(load_picture("flower", (40, 64)), renderer="illustration", strokes=strokes, quality="draft")
    assert 1 <= len(process.program) <= strokes
    progress = MEDIUM.progress(process.program, process.target)
    assert len(progress) == len(process.program) + 1
    assert (np.diff(progress) > 0).all()


def test_a_picture_without_anything_on_it_is_drawn_too() -> None:
    process = paint(np.full((16, 60, 3), 90, np.uint8), renderer="illustration", strokes=30, quality="draft")
    assert (process.canvas() == 90).all()


def test_maps_beside_the_picture_decide_what_is_filled_first() -> None:
    picture = load_picture("temple", (64, 96))
    assert MEDIUM.welcome(MEDIUM.options()) == ("saliency", "depth")
    falling = np.linspace(1, 0, 96, dtype=np.float32)[None].repeat(64, axis=0)
    first = []
    for depth in (falling, np.ascontiguousarray(falling[:, ::-1])):
        options = {"strokes": 200, "quality": "draft", "flats": "back-first"}
        program = paint(picture, renderer="illustration", guides={"depth": depth}, **options).program  # type: ignore[arg-type]
        first.append(np.nonzero(program.arrays["labels"] == 0)[1].mean())
    # The far side first.
    assert first[0] > first[1] + 20


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (A0, 1.5, "its opacities and colours must lie in 0..1"),
        (R0, 0.0, "its radii must be above 0"),
        (BLEND, 4.0, "its blend must be whole numbers below 4"),
        (LAYER, 0.5, "its layer must be whole numbers below 3"),
    ],
)
def test_strokes_that_it_cannot_lay_are_refused(drawn: Process, column: int, value: float, said: str) -> None:
    strokes = drawn.program.strokes.copy()
    strokes[5, column] = value
    with pytest.raises(ValueError, match=said):
        MEDIUM.check(dataclasses.replace(drawn.program, strokes=strokes))


def test_programs_without_regions_are_refused(drawn: Process) -> None:
    program = drawn.program
    arrays = dict(program.arrays)
    said = r"its labels must be uint8 \(h, w\), not int32 \(4, 4\)"
    with pytest.raises(ValueError, match=said):
        MEDIUM.check(dataclasses.replace(program, arrays=arrays | {"labels": np.zeros((4, 4), np.int32)}))
    strokes = program.strokes.copy()
    strokes[np.flatnonzero(strokes[:, LAYER] == COLOUR)[0], BLEND] = ERASE
    with pytest.raises(ValueError, match="strokes on its colour layer can't erase"):
        MEDIUM.check(dataclasses.replace(program, strokes=strokes))
    with pytest.raises(ValueError, match="paper: "):
        paint(drawn.target, renderer="illustration", paper="no colour")
