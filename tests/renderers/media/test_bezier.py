import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Process, Program, paint
from underpaint.renderers.media.bezier import MEDIUM, BezierOptions
from underpaint.renderers.metrics import mean_squared_error
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.strokes.columns import A0, A1, BLUE, EDGE, R0, R1, RED

UInt8 = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def picture() -> UInt8:
    return load_picture("coffee", (160, 200))


@pytest.fixture(scope="module")
def program(picture: UInt8) -> Program:
    """In the manner of Learning to Paint: whatever helps most, everywhere at once."""
    return paint(picture, strokes=250, manner="error").program


@pytest.fixture(scope="module")
def painted(picture: UInt8) -> Process:
    """In the painter's manner."""
    return paint(picture, strokes=400, seed=1)


def test_progress_is_the_best_psnr_so_far(process: Process) -> None:
    program, target = process.program, process.target
    progress = MEDIUM.progress(program, target)
    assert progress.shape == (len(program) + 1,)
    assert progress[0] == 0
    assert (np.diff(progress) >= 0).all()
    errors = [mean_squared_error(program.replay(strokes=n), target) for n in range(len(program) + 1)]
    for n in (1, 2, 40, 149, 150):
        # Pixels are rounded to 8 bits, the progress is not.
        assert progress[n] == pytest.approx(np.log(errors[0] / min(errors[: n + 1])), abs=2e-3)


def test_phases_go_from_layout_to_details(program: Program) -> None:
    assert program.phases == ("layout", "shapes", "details")
    assert program.phase is not None
    assert (np.diff(program.phase.astype(int)) >= 0).all()
    assert set(program.phase.tolist()) == {0, 1, 2}
    assert MEDIUM.moment(program, 0) == {"phase": "blank"}
    assert MEDIUM.moment(program, 1) == {"phase": "layout"}
    assert MEDIUM.moment(program, len(program)) == {"phase": "details"}


def test_a_painter_draws_blocks_in_models_and_sets_accents(painted: Process) -> None:
    program = painted.program
    assert program.phases == ("drawing", "block-in", "modelling", "accents")
    told = [moment["phase"] for moment in painted.moments(30)]
    assert told[0] == "blank"
    assert [phase for phase in program.phases[:3] if phase in told] == sorted(
        set(told[1:]) - {"accents"}, key=told.index
    )
    moment = painted.moments(30)[-1]
    assert moment["region"] >= 0
    assert moment["place"] == int(program.arrays["place"][-1])
    assert set(program.about["habits"]) == {
        "planes", "margin", "place", "wander", "detail", "accents", "drawing",
    }  # fmt: skip


def test_a_painter_stays_where_the_hand_is(painted: Process, program: Program) -> None:
    assert hop_ratio(painted.program.strokes) < 0.45
    assert hop_ratio(program.strokes) > 0.9


def test_the_painter_s_manner_costs_little(painted: Process, picture: UInt8) -> None:
    by_error = paint(picture, strokes=400, seed=1, manner="error")
    assert painted.psnr() > by_error.psnr() - 1.0
    assert painted.schedule == "change"


def test_painter_goes_on_where_it_stopped(process: Process) -> None:
    painter = MEDIUM.painter(process.program, 90, 120)
    for count in (0, 10, 10, 60, 150):
        painter.paint_until(count)
        np.testing.assert_array_equal(painter.pixels(), process.program.replay(strokes=count))


def test_pixels_are_a_copy_that_later_strokes_do_not_change(process: Process) -> None:
    painter = MEDIUM.painter(process.program, 90, 120)
    blank = painter.pixels()
    painter.paint_until(150)
    assert (blank == 255).all()


def test_a_painting_grows_from_large_soft_shapes_to_small_crisp_ones(program: Program) -> None:
    strokes = program.strokes
    radius = strokes[:, R0 : R1 + 1].mean(axis=1)
    first, last = radius[:25], radius[-100:]
    assert np.median(first) > 3 * np.median(last)
    assert np.median(strokes[:25, EDGE]) > 2
    assert (strokes[-100:, EDGE] <= 1).all()


def test_no_stroke_is_a_hair(program: Program) -> None:
    """On pictures within the working canvas the finest radius is 0.8 px."""
    assert program.strokes[:, R0 : R1 + 1].min() >= 0.8 - 1e-5


def test_paint_stays_within_what_paint_can_be(program: Program) -> None:
    strokes = program.strokes
    assert strokes.dtype == np.float32
    assert strokes[:, A0 : A1 + 1].min() >= 0.2 - 1e-6
    assert strokes[:, RED : BLUE + 1].min() >= 0
    assert strokes[:, A0 : BLUE + 1].max() <= 1


def test_most_strokes_earn_their_place(program: Program, picture: UInt8) -> None:
    """Replacement takes out what later strokes covered: most of what is left lowers the error when it is laid."""
    progress = MEDIUM.progress(program, picture)
    assert (np.diff(progress) > 0).mean() > 0.75
    assert progress[-1] > np.log(50)


def test_the_ground_is_kept_in_the_program(picture: UInt8) -> None:
    options = BezierOptions(ground="#ff8000")
    fitted = MEDIUM.fit(picture, strokes=5, quality="draft", seed=0, options=options, guides={})
    np.testing.assert_allclose(fitted.ground * 255, (255, 128, 0), atol=1e-4)
    assert fitted.size == (160, 200)


def test_black_ground_fits_about_as_well(picture: UInt8, program: Program) -> None:
    black = paint(picture, strokes=250, ground="black", manner="error")
    assert black.psnr() == pytest.approx(Process(target=picture, program=program).psnr(), abs=1.5)
