import dataclasses
import io
import itertools

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter

from tests.pictures import load_picture
from underpaint.renderers import Process, Program, paint
from underpaint.renderers.media.pencil import MEDIUM
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.pencil.surface import LIFT, PENCIL_COLUMNS
from underpaint.renderers.pencil.tones import pencil_target
from underpaint.renderers.strokes.columns import A0, R0, RED

UInt8 = npt.NDArray[np.uint8]
PHASES = ("construction", "contours", "hatching", "smudging", "erasing", "accents")


@pytest.fixture(scope="module")
def drawn() -> Process:
    return paint(load_picture("flower", (96, 128)), renderer="pencil", strokes=300, smudging=0.05, quality="draft")


def luma(picture: UInt8) -> npt.NDArray[np.float64]:
    return np.asarray(picture @ np.array([0.299, 0.587, 0.114]))


def test_a_drawing_goes_from_construction_to_accents(drawn: Process) -> None:
    program = drawn.program
    assert program.phases == PHASES
    assert (np.diff(program.phase.astype(int)) >= 0).all()  # type: ignore[union-attr]
    assert set(program.phase.tolist()) == set(range(6))  # type: ignore[union-attr]
    assert len(program) <= 300
    moments = drawn.moments(16)
    assert [moment["phase"] for moment in moments[:3]] == ["blank", "construction", "contours"]
    assert moments[-1]["phase"] == "accents"
    assert 0.15 < hop_ratio(program.strokes) < 0.5


def test_only_fingers_and_erasers_make_a_pixel_lighter(drawn: Process) -> None:
    program = drawn.program
    frames = [program.replay(strokes=count).astype(int) for count in np.linspace(0, 300, 31).astype(int)]
    ends = [int((program.phase <= number).sum()) for number in (2, 4)]  # type: ignore[operator]
    for at, (before, after) in enumerate(itertools.pairwise(frames)):
        if 10 * (at + 1) <= ends[0] or 10 * at >= ends[1]:
            assert (after <= before).all()
    lifted, before = (program.replay(strokes=end).astype(int) for end in (ends[1], ends[0]))
    assert (lifted > before).any()
    assert (program.strokes[:, LIFT] > 0).sum() == ends[1] - ends[0]


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_tones_are_those_of_the_picture(name: str) -> None:
    process = paint(load_picture(name, (128, 128)), renderer="pencil", strokes=500)
    wanted = luma(pencil_target(process.target, process.program.ground, 0.18))
    off = gaussian_filter(luma(process.canvas()) - wanted, 2)
    assert np.sqrt((off**2).mean()) < 17
    assert abs(off.mean()) < 8


def test_accents_are_the_darkest_darks(drawn: Process) -> None:
    before = drawn.program.replay(strokes=int((drawn.program.phase < 5).sum()))  # type: ignore[operator]
    change = luma(before) - luma(drawn.canvas())
    darkened = change > 20
    assert darkened.any()
    assert luma(drawn.target)[darkened].mean() < luma(drawn.target).mean() - 20


def test_the_darkest_region_is_hatched_first(drawn: Process) -> None:
    hatched = drawn.program.phase == 2
    region, place = (drawn.program.arrays[name] for name in ("region", "place"))
    assert (region[~hatched & (drawn.program.phase != 5)] == -1).all()
    assert (np.diff(place[hatched]) >= 0).all()
    assert (np.diff(region[hatched]) >= 0).all()
    assert region[hatched].min() >= 0
    moments = drawn.moments(8)
    assert max(moment.get("place", -1) for moment in moments) > 1


def test_habits_are_drawn_from_the_seed_and_can_be_fixed(drawn: Process) -> None:
    habits = drawn.program.about["habits"]
    assert habits["smudging"] == 0.05
    assert set(habits) == {"slant", "spacing", "construction", "smudging", "place", "reserve"}
    picture = load_picture("flower", (32, 32))
    other = paint(picture, renderer="pencil", strokes=10, seed=1, quality="draft").program.about["habits"]
    assert other["slant"] != habits["slant"]


def test_a_saliency_map_says_where_the_subject_is(drawn: Process) -> None:
    assert MEDIUM.welcome(MEDIUM.options()) == ("saliency",)
    saliency = np.zeros((96, 128), np.float32)
    saliency[:, :40] = 1
    options = {"strokes": 300, "smudging": 0.05, "quality": "draft"}
    guided = paint(drawn.target, renderer="pencil", guides={"saliency": saliency}, **options)
    assert guided.program.strokes.tobytes() != drawn.program.strokes.tobytes()


@pytest.mark.parametrize("strokes", [1, 3, 20])
@pytest.mark.parametrize("picture", [np.full((16, 40, 3), 255, np.uint8), load_picture("temple", (16, 16))])
def test_small_pictures_and_budgets_are_drawn(strokes: int, picture: UInt8) -> None:
    process = paint(picture, renderer="pencil", strokes=strokes, quality="draft")
    assert len(process.program) <= strokes
    assert process.frames(4).shape == (4, *picture.shape)
    progress = MEDIUM.progress(process.program, picture)
    assert (np.diff(progress) >= 0).all()


def test_painter_goes_on_where_it_stopped_and_files_keep_all(drawn: Process) -> None:
    painter = MEDIUM.painter(drawn.program, 96, 128)
    for count in (10, 10, 150):
        painter.paint_until(count)
    np.testing.assert_array_equal(painter.pixels(), drawn.program.replay(strokes=150))
    file = io.BytesIO()
    drawn.program.save(file)
    file.seek(0)
    np.testing.assert_array_equal(Program.load(file).replay(), drawn.canvas())


def test_other_sizes_show_the_same_drawing() -> None:
    process = paint(load_picture("flower", (192, 192)), renderer="pencil", strokes=300, quality="draft")
    double = process.program.replay(size=384).reshape(192, 2, 192, 2, 3).mean(axis=(1, 3))
    off = gaussian_filter(double - process.canvas(), (2, 2, 0))
    assert np.abs(off).mean() < 3


def test_the_same_seed_gives_the_same_drawing(drawn: Process) -> None:
    again, other = (
        paint(drawn.target, renderer="pencil", strokes=300, smudging=0.05, quality="draft", seed=seed).program
        for seed in (0, 1)
    )
    assert again.strokes.tobytes() == drawn.program.strokes.tobytes()
    assert other.strokes.tobytes() != drawn.program.strokes.tobytes()


def test_sepia_is_brown_and_charcoal_darker_than_graphite() -> None:
    picture = load_picture("coffee", (48, 48))
    graphite, sepia, charcoal = (
        paint(picture, renderer="pencil", strokes=80, quality="draft", lead=lead).canvas().astype(int)
        for lead in ("graphite", "sepia", "charcoal")
    )
    warm = [(canvas[..., 0] - canvas[..., 2]).mean() for canvas in (graphite, sepia)]
    assert warm[1] > warm[0] + 5
    assert charcoal.mean() < graphite.mean() - 2


@pytest.mark.parametrize(
    ("column", "value", "message"), [(A0, 2, "0..1"), (RED, -1, "0..1"), (R0, 0, "radii"), (LIFT, 9, "0..1")]
)
def test_impossible_strokes_are_refused(drawn: Process, column: int, value: float, message: str) -> None:
    strokes = drawn.program.strokes.copy()
    strokes[3, column] = value
    with pytest.raises(ValueError, match=message):
        MEDIUM.check(dataclasses.replace(drawn.program, strokes=strokes))
    with pytest.raises(ValueError, match="columns"):
        MEDIUM.check(dataclasses.replace(drawn.program, columns=PENCIL_COLUMNS[:-1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lead": "chalk"}, "lead='chalk' must be one of graphite, sepia, charcoal"),
        ({"paper": "nope"}, "paper: "),
        ({"spacing": 0}, "spacing=0 must be from 0.002 to 0.1"),
        ({"place": float("nan")}, "place=nan must be from 0.05 to 1"),
        ({"construction": 0.9}, "construction=0.9 must be from 0 to 0.3"),
    ],
)
def test_bad_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint(np.zeros((16, 16, 3), np.uint8), renderer="pencil", strokes=1, **options)
