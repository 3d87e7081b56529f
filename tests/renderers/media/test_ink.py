import dataclasses
import functools
import hashlib
import io
import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from tests.pictures import load_picture
from underpaint.renderers import Process, Program, paint
from underpaint.renderers.ink.habits import InkHabits
from underpaint.renderers.ink.surface import INK_COLUMNS
from underpaint.renderers.ink.tones import ink_target
from underpaint.renderers.media.ink import MEDIUM, InkOptions
from underpaint.renderers.order.hops import hop_ratio

UInt8 = npt.NDArray[np.uint8]
PHASES = ("contours", "texture", "washes", "colour")


def luma(picture: UInt8) -> UInt8:
    return np.asarray(Image.fromarray(picture).convert("L"))


@pytest.fixture(scope="module")
def inked() -> Process:
    return paint(load_picture("flower", (192, 256)), renderer="ink", strokes=400)


@pytest.fixture(scope="module")
def layered(inked: Process) -> Process:
    return paint(inked.target, renderer="ink", strokes=400, manner="layers")


@pytest.mark.parametrize("name", ["coffee", "motorcycle", "flower", "tissue"])
@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_luminance_never_rises(name: str, colour: float) -> None:
    process = paint(load_picture(name, (120, 160)), renderer="ink", strokes=120, quality="draft", colour=colour)
    frames = process.frames(24, "strokes")
    assert (frames[1:] <= frames[:-1]).all()
    bright = [luma(frame) for frame in frames]
    assert all((later <= earlier).all() for earlier, later in itertools.pairwise(bright))


@pytest.mark.parametrize("name", ["astronaut", "cat", "temple"])
def test_structure_is_kept(name: str) -> None:
    process = paint(load_picture(name, (256, 256)), renderer="ink", strokes=600)
    target = ink_target(process.target, process.program.ground, 0.35)
    assert structural_similarity(luma(process.canvas()), luma(target), data_range=255) > 0.65


def test_layers_go_from_contours_to_colour(layered: Process) -> None:
    assert layered.program.phases == PHASES
    seen = [moment["phase"] for moment in layered.moments(8, "error")]
    assert seen[0] == "blank"
    assert seen[1:3] == ["contours", "contours"]
    assert seen[3] == "texture"
    assert seen[4:7] == ["washes"] * 3
    assert seen[7] == "colour"
    assert not layered.program.about


def test_a_painter_finishes_place_after_place_and_ends_with_colour(inked: Process, layered: Process) -> None:
    phase, place = inked.program.phase, inked.program.arrays["place"]
    colours = layered.program.phase.tolist().count(3)
    assert (phase[-colours:] == 3).all()
    assert (np.diff(place) >= 0).all()
    assert len(np.unique(place)) > 20
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    assert (np.diff(phase.astype(int))[np.setdiff1d(np.arange(len(phase) - 1), starts[1:] - 1)] >= 0).all()
    # By layers lines end long before washes begin; a painter washes the first place before the last is drawn.
    assert np.flatnonzero(phase == 2)[0] < len(phase) / 3 < 2 * len(phase) / 3 < np.flatnonzero(phase == 0)[-1]
    assert hop_ratio(inked.program.strokes) < 0.35 < 0.6 < hop_ratio(layered.program.strokes)


def test_the_order_leaves_the_sheet_as_it_is(inked: Process, layered: Process) -> None:
    difference = inked.canvas().astype(int) - layered.canvas()
    assert np.abs(difference).max() <= 1
    assert (difference != 0).mean() < 0.001


def test_moments_tell_region_and_place(inked: Process) -> None:
    *moments, last = inked.moments(8)
    assert all({"phase", "region", "place"} <= moment.keys() for moment in moments[1:])
    assert (last["phase"], last["region"]) == ("colour", -1)
    assert max(moment["region"] for moment in moments[1:]) > 0


def test_mist_leaves_out_what_is_dark_behind_the_subject_and_maps_are_welcome() -> None:
    # A light disc before a dark wall; a map says which is the subject.
    y, x = np.mgrid[0:96, 0:96]
    disc = (x - 58) ** 2 + (y - 52) ** 2 < 28**2
    picture = np.where(disc, 200, 40).astype(np.uint8)[:, :, None].repeat(3, axis=2)
    paint_disc = functools.partial(paint, picture, renderer="ink", strokes=60, quality="draft", manner="layers")
    plain = paint_disc().canvas().mean(axis=2)
    maps = {"saliency": disc.astype(np.float32)}
    half, whole = (paint_disc(mist=mist, guides=maps).canvas().mean(axis=2) for mist in (0.5, 1.0))
    corner = np.s_[:14, :14]
    assert plain[corner].mean() < 90 < half[corner].mean() < 180 < 225 < whole[corner].mean()
    # Around the subject a wash remains, and the subject itself is what it was.
    around = ((x - 58) ** 2 + (y - 52) ** 2 > 29**2) & ((x - 58) ** 2 + (y - 52) ** 2 < 33**2)
    assert whole[around].mean() < whole[corner].mean() - 15
    inner = (x - 58) ** 2 + (y - 52) ** 2 < 22**2
    assert abs(whole[inner].mean() - plain[inner].mean()) < 15
    kept = paint_disc(mist=1.0, guides={"saliency": np.float32(1) - maps["saliency"]}).canvas().mean(axis=2)
    assert kept[corner].mean() < 90


def test_habits_are_told_and_differ_from_seed_to_seed(inked: Process) -> None:
    told = dict(inked.program.about["habits"])
    assert InkHabits(**told) == InkHabits.of(InkOptions(), 0)
    drawn = [InkHabits.of(InkOptions(), seed) for seed in range(20)]
    assert len(set(drawn)) == 20
    assert {habits.washing for habits in drawn} == {"place", "region"}
    fixed = InkHabits.of(InkOptions(place=0.5, washing="region"), 0)
    assert dataclasses.asdict(fixed) == told | {"place": 0.5, "washing": "region"}


@pytest.mark.parametrize("strokes", [1, 3, 40])
def test_progress_never_falls_whichever_phases_there_are(strokes: int) -> None:
    for colour in (0.0, 0.5):
        process = paint(
            load_picture("temple", (48, 64)), renderer="ink", strokes=strokes, quality="draft", colour=colour
        )
        progress = MEDIUM.progress(process.program, process.target)
        assert progress.shape == (len(process.program) + 1,)
        assert progress[0] == 0
        assert np.isfinite(progress).all()
        assert (np.diff(progress) >= 0).all()


def test_qualities_differ_and_all_work() -> None:
    picture = load_picture("temple", (96, 128))
    similar = []
    for quality in ("draft", "high"):
        process = paint(picture, renderer="ink", strokes=300, quality=quality)
        target = ink_target(picture, process.program.ground, 0.35)
        similar.append(structural_similarity(luma(process.canvas()), luma(target), data_range=255))
    assert similar[1] > similar[0]


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("size", [(16, 16), (16, 150), (130, 17)])
def test_flat_pictures_of_any_shape(value: int, size: tuple[int, int]) -> None:
    process = paint(np.full((*size, 3), value, np.uint8), renderer="ink", strokes=50, quality="draft")
    frames = process.frames(5)
    blank, last = frames[0].mean(), frames[-1].mean()
    assert last == blank if value == 255 else last < blank - 10


def test_blank_paper_shows_its_texture_as_much_as_asked() -> None:
    picture = load_picture("temple", (64, 80))
    spread = []
    for texture in (0.0, 0.5, 1.0):
        program = paint(picture, renderer="ink", strokes=2, quality="draft", texture=texture, paper="white").program
        blank = program.replay(strokes=0)
        spread.append(float(blank.std(axis=(0, 1)).mean()))
        assert blank.mean() > 240
    assert spread[0] == 0
    assert 0.3 < spread[1] < spread[2] < 6


def test_painter_goes_on_where_it_stopped(inked: Process) -> None:
    painter = MEDIUM.painter(inked.program, 192, 256)
    for count in (0, 10, 10, 150, len(inked.program)):
        painter.paint_until(count)
        np.testing.assert_array_equal(painter.pixels(), inked.program.replay(strokes=count))


def test_other_sizes_show_the_same_picture(inked: Process) -> None:
    own = inked.canvas().astype(float)
    double = inked.program.replay(size=384).reshape(192, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(double - own).mean() < 6
    assert inked.program.replay(size=48).shape == (48, 64, 3)


def test_the_same_seed_gives_the_same_program(inked: Process) -> None:
    again = paint(inked.target, renderer="ink", strokes=400).program
    np.testing.assert_array_equal(again.strokes, inked.program.strokes)
    other = paint(inked.target, renderer="ink", strokes=400, seed=1).program
    assert other.strokes.tobytes() != inked.program.strokes.tobytes()


def test_a_program_is_saved_and_loaded(inked: Process) -> None:
    file = io.BytesIO()
    inked.program.save(file)
    file.seek(0)
    loaded = Program.load(file)
    np.testing.assert_array_equal(loaded.replay(), inked.canvas())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("a0", 1.5, "lie in 0..1"), ("red", -0.1, "lie in 0..1"), ("grain", 2.0, "lie in 0..1"), ("r0", 0.0, "radii")],
)
def test_programs_that_would_not_only_darken_are_refused(
    inked: Process, column: str, value: float, message: str
) -> None:
    strokes = inked.program.strokes.copy()
    strokes[5, INK_COLUMNS.index(column)] = value
    with pytest.raises(ValueError, match=message):
        MEDIUM.check(dataclasses.replace(inked.program, strokes=strokes))


def test_programs_without_paper_or_columns_are_refused(inked: Process) -> None:
    with pytest.raises(ValueError, match="texture"):
        MEDIUM.check(dataclasses.replace(inked.program, arrays={}))
    with pytest.raises(ValueError, match="texture"):
        MEDIUM.check(dataclasses.replace(inked.program, arrays={"texture": np.float32(3)}))
    with pytest.raises(ValueError, match="columns"):
        MEDIUM.check(dataclasses.replace(inked.program, columns=INK_COLUMNS[:-1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": 1.5}, "colour=1.5"),
        ({"texture": -1.0}, "texture=-1.0"),
        ({"paper": "nopaper"}, "paper.*nopaper"),
        ({"mist": 1.1}, "mist=1.1"),
        ({"manner": "error"}, "manner='error'"),
        ({"manner": "layers", "place": 0.2}, "place=0.2 is a habit of the manner painter, not of layers: leave one"),
        ({"place": 0.0}, "place=0.0 must be from 0.05 to 1"),
        ({"detail": float("nan")}, "detail=nan"),
        ({"washing": "sheet"}, "washing='sheet'"),
    ],
)
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint(np.zeros((16, 16, 3), np.uint8), renderer="ink", strokes=1, **options)


def test_options_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        InkOptions().colour = 1.0  # type: ignore[misc]


def test_a_replay_gives_these_bytes_on_every_machine() -> None:
    """A fixed program, painted with nothing but additions, multiplications, divisions and square roots."""
    ranges = (
        (0, 64), (0, 48), (-4, 4), (4, 40), (-0.5, 0.5), (1, 8), (1, 8), (0.2, 1), (0.2, 1), (0, 1), (0, 1), (0, 1),
        (0, 6), (0, 1), (0, 1), (0, 1), (0, 1),
    )  # fmt: skip
    strokes = np.empty((20, len(INK_COLUMNS)), np.float32)
    for j, (low, high) in enumerate(ranges):
        scattered = (np.arange(20) * (37 + 2 * j) + 11 * j) % 97 / 97
        strokes[:, j] = np.minimum(np.round(scattered * (high - low) * 16) / 16 + low, high)
    # Every other one is a line.
    strokes[::2, INK_COLUMNS.index("wet")] = 0
    program = Program(
        medium="ink", size=(48, 64), ground=np.array([0.96, 0.94, 0.88], np.float32), strokes=strokes,
        columns=INK_COLUMNS, phases=PHASES, arrays={"texture": np.array(0.5, np.float32)},
    )  # fmt: skip
    digest = hashlib.sha256(program.replay(size=96).tobytes()).hexdigest()
    assert digest == "5c72c24c5729b1e6493764d1a5ed9c5758e3722efeb69d11a711f932a35d503f"
