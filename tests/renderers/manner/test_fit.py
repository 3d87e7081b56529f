"""Paintings in the painter's manner, in the media that have it."""

import io

import numpy as np
import pytest

from tests.pictures import load_picture
from tests.renderers.manner.conftest import UInt8, disc
from underpaint.renderers import Process, Program, paint
from underpaint.renderers.manner.fit import WELCOME
from underpaint.renderers.order.hops import hop_ratio
from underpaint.renderers.registry import get_medium
from underpaint.renderers.strokes.columns import BLUE, CX, CY, RED

MEDIA = ("bezier", "oil")
SIZE = (96, 128)
PHASES = ("drawing", "block-in", "modelling", "accents")
FIXED = {"planes": 2, "margin": 0.05, "place": 0.25, "wander": 0.0, "detail": 1.0, "accents": 0.05, "drawing": 0.15}


def painted(picture: UInt8, medium: str, strokes: int = 150, **values: object) -> Process:
    return paint(picture, renderer=medium, strokes=strokes, quality="draft", **values)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=MEDIA)
def process(request: pytest.FixtureRequest, photo: UInt8) -> Process:
    return painted(photo, request.param, **FIXED)


def phase_of(program: Program) -> np.ndarray:
    assert program.phase is not None
    return program.phase.astype(int)


def test_a_program_tells_phases_regions_places_times_and_habits(process: Process) -> None:
    program, phase = process.program, phase_of(process.program)
    count, (region, place, time) = len(program), (program.arrays[name] for name in ("region", "place", "time"))
    assert program.phases == PHASES
    assert 140 <= count <= 150
    assert region.dtype == place.dtype == np.int16
    assert region.shape == place.shape == (count,)
    np.testing.assert_array_equal(region == -1, phase == 0)
    assert set(region[phase > 0].tolist()) <= set(range(region.max() + 1))
    _, first = np.unique(place, return_index=True)
    assert place[first].tolist() == list(range(place.max() + 1))
    assert (np.diff(first) > 0).all()
    assert time.dtype == np.float32
    np.testing.assert_allclose(time, [0.15, {"bezier": 0.6, "oil": 0.45}[program.medium], 0, 0])
    assert program.about["habits"] == FIXED


def test_phases_are_not_mixed_up(process: Process) -> None:
    """But for what lies under a stroke of an earlier plane."""
    program, phase = process.program, phase_of(process.program)
    counts = np.bincount(phase, minlength=4)
    assert (counts > 0).all()
    assert (phase[: counts[0]] == 0).all()
    assert (phase[-counts[3] :] == 3).all()
    assert 0.01 * len(program) < counts[0] < 0.05 * len(program)
    assert counts[3] < (0.05 + 0.12) * len(program) + 1
    middle = (phase == 1) | (phase == 2)
    back, front = (np.flatnonzero(middle & (phase == number)).mean() for number in (1, 2))
    assert back < front
    # A block of each plane: flats, modelling, flats, modelling.
    assert (np.diff(phase[middle]) != 0).sum() < 0.15 * len(program)
    assert hop_ratio(program.strokes) < 0.5


def test_frames_tell_where_the_hand_is(process: Process) -> None:
    moments = process.moments(9)
    assert moments[0] == {"strokes": 0, "phase": "blank"}
    assert {moment["phase"] for moment in moments[1:]} <= set(PHASES)
    last = moments[-1]
    assert last["phase"] == "accents"
    assert last["place"] == process.program.arrays["place"][-1]
    assert last["region"] == process.program.arrays["region"][-1] >= 0


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(photo: UInt8, process: Process) -> None:
    medium = process.program.medium
    again, other = (painted(photo, medium, seed=seed, **FIXED).program for seed in (0, 1))
    assert again.strokes.tobytes() == process.program.strokes.tobytes() != other.strokes.tobytes()
    for name, array in process.program.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
    habits = [painted(photo, medium, 10, seed=seed).program.about["habits"] for seed in range(4)]
    assert len({tuple(each.values()) for each in habits}) == 4


def test_lines_and_flats_keep_their_paint_in_the_finished_painting(process: Process) -> None:
    strokes, phase = process.program.strokes, phase_of(process.program)
    lines = strokes[phase == 0, RED : BLUE + 1]
    assert (lines == lines[0]).all()
    assert lines[0].max() < 0.4
    # Colours of the picture, not what makes up for what comes over them.
    flats, picture = strokes[phase == 1], process.target.astype(np.float32) / 255
    for stroke in flats:
        near = np.abs(picture.reshape(-1, 3) - stroke[RED : BLUE + 1]).max(axis=1).min()
        assert near < 0.13


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("drawing", [0.0, 0.4, 0.5])
def test_a_long_drawing_leaves_time_for_the_rest(medium: str, drawing: float) -> None:
    process = painted(load_picture("cat", (32, 40)), medium, 30, drawing=drawing)
    file = io.BytesIO()
    process.program.save(file)
    file.seek(0)
    time = Program.load(file).arrays["time"]
    assert time[0] == np.float32(drawing)
    assert time[1] > 0.3
    assert time.sum() <= 0.91
    assert (get_medium(medium).times(process.program) > 0).all()


# --- guides


def lateness(picture: UInt8, medium: str, where: np.ndarray, guides: dict[str, np.ndarray], planes: int) -> float:
    """How much later strokes that model are laid inside `where` than outside, on average, in shares of all strokes."""
    program = painted(picture, medium, planes=planes, wander=0.0, accents=0.05, guides=guides).program
    models = phase_of(program) >= 2
    x, y = (np.clip(program.strokes[:, axis].astype(int), 0, SIZE[1 - axis] - 1) for axis in (CX, CY))
    inside, at = where[y, x], np.arange(len(program)) / len(program)
    return float(at[models & inside].mean() - at[models & ~inside].mean())


def test_media_welcome_maps_in_this_manner_only() -> None:
    for name in MEDIA:
        medium = get_medium(name)
        assert medium.welcome(medium.options()) == WELCOME == ("saliency", "depth")
        assert medium.welcome(medium.options(manner="error")) == ()


@pytest.mark.parametrize("medium", MEDIA)
def test_what_is_salient_is_painted_last(medium: str) -> None:
    left = np.repeat((np.arange(SIZE[1]) < 60)[None], SIZE[0], axis=0)
    late, early = (
        lateness(load_picture("coffee", SIZE), medium, left, {"saliency": told.astype(np.float32)}, planes=0)
        for told in (left, ~left)
    )
    assert late > 0.15
    assert early < -0.15


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("planes", [0, 1, 3])
def test_a_face_is_modelled_late(medium: str, planes: int) -> None:
    face = disc(*SIZE, 28, 56, 24)
    saliency = np.where(face, 0.95, 0.1).astype(np.float32)
    late, early = (
        lateness(load_picture("astronaut", SIZE), medium, face, {"saliency": told}, planes=planes)
        for told in (saliency, 1 - saliency)
    )
    assert late > 0.05
    assert early < -0.05
    assert late > early + 0.25


@pytest.mark.parametrize("medium", MEDIA)
def test_a_depth_map_decides_what_is_far(medium: str) -> None:
    down = np.repeat(np.linspace(0, 1, SIZE[0], dtype=np.float32)[:, None], SIZE[1], axis=1)
    near, far = (
        lateness(load_picture("coffee", SIZE), medium, down > 0.5, {"depth": depth}, planes=0)
        for depth in (down, 1 - down)
    )
    assert near > 0.1
    assert far < -0.1


def test_guides_have_no_say_where_one_paints_by_error(photo: UInt8) -> None:
    saliency = np.linspace(0, 1, SIZE[0] * SIZE[1], dtype=np.float32).reshape(SIZE)
    plain, guided = (
        painted(photo, "bezier", 20, manner="error", guides=given) for given in ({}, {"saliency": saliency})
    )
    assert plain.program.strokes.tobytes() == guided.program.strokes.tobytes()


# --- what there is to paint


def noise() -> UInt8:
    return np.random.default_rng(0).integers(0, 256, (40, 56, 3)).astype(np.uint8)


PICTURES = {
    "small": load_picture("cat", (16, 16)),
    "wide": load_picture("temple", (24, 400)),
    "tall": load_picture("temple", (400, 24)),
    "white": np.full((40, 56, 3), 255, np.uint8),
    "black": np.zeros((40, 56, 3), np.uint8),
    "noise": noise(),
}


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_is_painted_with_any_number_of_strokes(name: str, medium: str) -> None:
    picture = PICTURES[name]
    for strokes in (1, 2, 5, 60):
        program = painted(picture, medium, strokes, seed=strokes).program
        assert len(program) <= strokes
        assert np.isfinite(program.strokes).all()
        assert (phase_of(program) == 0).sum() == (program.arrays["region"] == -1).sum()
        assert program.replay().shape == picture.shape
        if name in ("small", "wide", "tall", "noise"):
            assert len(program) > 0.5 * strokes


def test_maps_that_say_nothing_do_no_harm(photo: UInt8) -> None:
    for value in (0.0, 1.0):
        flat = np.full(SIZE, value, np.float32)
        process = painted(photo, "bezier", 40, guides={"saliency": flat, "depth": flat})
        assert len(process.program) > 30
