import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from tests.renderers.vision.models import save_onnx
from underpaint.renderers import Process, Program, get_medium, names, paint, psnr
from underpaint.renderers.media.region import MEDIUM, RegionOptions
from underpaint.renderers.region.fill import fill_region
from underpaint.renderers.region.order import PHASES
from underpaint.renderers.region.painter import FILL_PREFIX, encode_picture
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.vision.identity import identity

UInt8 = npt.NDArray[np.uint8]

FILLS = ("reveal", *(name for name in names() if name != "region" and get_medium(name).fills))


@pytest.fixture(scope="module")
def picture() -> UInt8:
    return load_picture("flower", (120, 160))


@pytest.fixture(scope="module")
def reveal(picture: UInt8) -> Process:
    return paint(picture, renderer="region", strokes=200, order="saliency", flats=False)


@pytest.fixture(scope="module")
def laid(picture: UInt8) -> Process:
    """The default: flats first, back to front."""
    return paint(picture, renderer="region", strokes=200)


# As it is by default, and with each fill without flats.
WAYS: dict[str, dict[str, Any]] = {"flats": {}} | {
    fill: {"fill": fill, **({"flats": False} if fill == "reveal" else {})} for fill in FILLS
}


@pytest.fixture(scope="module", params=WAYS)
def process(request: pytest.FixtureRequest, picture: UInt8) -> Process:
    return paint(picture, renderer="region", strokes=200, quality="draft", **WAYS[request.param])


@pytest.fixture(scope="module")
def depth() -> npt.NDArray[np.float32]:
    """The bottom is near, as in a landscape."""
    return np.repeat(np.linspace(0, 1, 120, dtype=np.float32)[:, None], 160, axis=1)


def saved(program: Program) -> bytes:
    file = io.BytesIO()
    program.save(file)
    return file.getvalue()


def changed(program: Program, **changes: Any) -> io.BytesIO:
    """What `save` writes, with some of its arrays replaced, or left out where the change is None."""
    with np.load(io.BytesIO(saved(program)), allow_pickle=False) as arrays:
        content = dict(arrays) | changes
    file = io.BytesIO()
    np.savez(file, **{name: value for name, value in content.items() if value is not None})
    file.seek(0)
    return file


def finished_at(process: Process, count: int) -> npt.NDArray[np.bool_]:
    """The pixels of the regions that are finished after `count` marks, by the program's own arrays."""
    arrays = process.program.arrays
    return np.asarray(arrays["labels"] < np.searchsorted(arrays["ends"], count, side="right"))


# --- what holds of every process


@pytest.mark.parametrize("name", ["temple", "astronaut", "flower"])
def test_reveal_ends_in_the_picture_itself(name: str) -> None:
    target = load_picture(name, (96, 128))
    process = paint(target, renderer="region", strokes=150)
    frames = process.frames(6)
    assert (frames[0] == 255).all()
    np.testing.assert_array_equal(frames[-1], target)
    np.testing.assert_array_equal(process.canvas(), target)


def test_every_pixel_belongs_to_a_region_that_is_painted(process: Process) -> None:
    arrays = process.program.arrays
    assert (arrays["labels"].shape, arrays["labels"].dtype) == ((120, 160), np.uint16)
    assert np.unique(arrays["labels"]).tolist() == list(range(len(arrays["ends"])))
    assert arrays["ends"][-1] == len(process.program) <= 200
    assert process.program.about["regions"] == len(arrays["ends"]) > 1


def test_the_first_frame_is_blank_and_the_last_the_painting(process: Process) -> None:
    frames = process.frames(5)
    # Ink's paper has fibres; but it has no edges.
    assert frames[0].reshape(-1, 3).std(axis=0).max() < 5
    np.testing.assert_array_equal(frames[0], process.program.replay(strokes=0))
    np.testing.assert_array_equal(frames[-1], process.canvas())


def test_a_finished_region_is_the_same_in_all_later_frames(process: Process) -> None:
    frames, moments = process.frames(12), process.moments(12)
    for frame, moment in zip(frames, moments, strict=True):
        finished = finished_at(process, moment["strokes"])
        assert moment["regions"] == len(np.unique(process.program.arrays["labels"][finished]))
        np.testing.assert_array_equal(frame[finished], frames[-1][finished])
    assert moments[0]["regions"] == 0
    assert moments[-1]["regions"] == len(process.program.arrays["ends"])


def test_a_region_that_is_not_begun_is_blank(process: Process) -> None:
    frames, moments = process.frames(12), process.moments(12)
    labels, ends = process.program.arrays["labels"], process.program.arrays["ends"]
    flats = process.program.arrays.get("flat_ends", ends)
    for frame, moment in zip(frames, moments, strict=True):
        begun = np.searchsorted(ends, moment["strokes"], side="left")
        # A flat runs under all that come later.
        untouched = (labels > begun) & (moment["strokes"] == 0 or flats is ends)
        np.testing.assert_array_equal(frame[untouched], frames[0][untouched])


def test_frames_grow_by_about_equal_areas(reveal: Process) -> None:
    frames = reveal.frames(9, "error").astype(int)
    steps = [(np.abs(after - before).max(axis=2) > 8).mean() for before, after in itertools.pairwise(frames)]
    assert max(steps) < 3 * np.mean(steps)
    assert min(steps) > 0.2 * np.mean(steps)


def test_a_region_is_uncovered_by_its_wipes_not_by_being_finished(reveal: Process) -> None:
    """The last mark of a region uncovers a few specks at most: it doesn't pop in."""
    ends, labels, target = reveal.program.arrays["ends"], reveal.program.arrays["labels"], reveal.target.astype(int)
    bare = 0
    for region, end in enumerate(ends):
        canvas = reveal.program.replay(strokes=int(end) - 1).astype(int)
        inside = labels == region
        # Half-way from the paper to the picture.
        bare += (np.abs(canvas - target)[inside].sum(axis=1) > 0.5 * (255 - target)[inside].sum(axis=1) + 2).sum()
    assert bare < 0.1 * labels.size


def test_strokes_come_close_to_the_picture(process: Process, picture: UInt8) -> None:
    flat = np.full_like(picture, picture.mean(axis=(0, 1)))
    assert process.psnr() > psnr(flat, picture) + 1


def test_progress_never_falls_and_ends_at_the_whole_canvas(process: Process) -> None:
    progress = MEDIUM.progress(process.program, process.target)
    assert progress.shape == (len(process.program) + 1,)
    assert progress[0] == 0
    assert (np.diff(progress) >= 0).all()
    assert progress[-1] == pytest.approx(1)
    # Where a region is finished, it is the share of the canvas that is finished, and of what is laid flat a part.
    flats = process.program.arrays.get("flat_ends", np.zeros(0))
    for end in process.program.arrays["ends"]:
        finished = finished_at(process, int(end)).mean()
        laid_too = 0.5 * (1 - finished) if (flats <= end).any() else 0
        assert finished - 1e-9 <= progress[end] <= finished + laid_too + 1e-9


def test_moments_are_phase_and_regions(reveal: Process) -> None:
    ends, phase = reveal.program.arrays["ends"], reveal.program.phase
    assert phase is not None
    assert MEDIUM.moment(reveal.program, 0) == {"phase": "blank", "regions": 0}
    assert MEDIUM.moment(reveal.program, 1)["phase"] == "subject"
    assert MEDIUM.moment(reveal.program, int(ends[0])) == {"phase": "subject", "regions": 1}
    assert MEDIUM.moment(reveal.program, len(phase)) == {"phase": "background", "regions": len(ends)}
    # The break lies between two regions.
    assert (np.diff(phase.astype(int)) >= 0).all()
    assert int(np.argmax(phase)) in ends


# --- flats


def test_flats_come_back_to_front_and_each_region_after_the_flat_that_follows_it(laid: Process) -> None:
    arrays, count = laid.program.arrays, len(laid.program.arrays["ends"])
    assert laid.program.phases == ("flats", "background", "subject")
    # Regions are filled in the order in which they are laid.
    assert arrays["flat_regions"].tolist() == list(range(count))
    flats, ends = arrays["flat_ends"].tolist(), arrays["ends"].tolist()
    steps = sorted([(end, "flat", n) for n, end in enumerate(flats)] + [(end, "fill", n) for n, end in enumerate(ends)])
    assert [step[1:] for step in steps[:4]] == [("flat", 0), ("flat", 1), ("fill", 0), ("flat", 2)]
    assert steps[-1] == (len(laid.program), "fill", count - 1)


def test_flats_are_planes_of_colour_under_what_follows(laid: Process) -> None:
    arrays, labels = laid.program.arrays, laid.program.arrays["labels"]
    first = int(arrays["flat_ends"][0])
    before, after = (laid.program.replay(strokes=count).astype(float) for count in (0, first))
    region = labels == arrays["flat_regions"][0]
    # One plane: hardly anything is left when a plane is taken out of it; and it is the mean colour of the region.
    y, x = np.nonzero(region)
    planes = np.stack([np.ones(len(x)), x, y], axis=1)
    rest = after[region] - planes @ np.linalg.lstsq(planes, after[region], rcond=None)[0]
    assert np.abs(rest).mean() < 1
    np.testing.assert_allclose(after[region].mean(axis=0), laid.target[region].mean(axis=0), atol=3)
    # It runs under its neighbours, but not far.
    beside = np.abs(after - before).max(axis=2)[~region] > 20
    assert 0.01 < beside.mean() < 0.3
    # What is finished isn't laid over.
    for count in arrays["flat_ends"][1:]:
        finished = finished_at(laid, int(count))
        np.testing.assert_array_equal(laid.program.replay(strokes=int(count))[finished], laid.target[finished])


def test_the_subject_may_be_filled_first_once_all_behind_it_is_laid(picture: UInt8) -> None:
    process = paint(picture, renderer="region", strokes=200, order="saliency")
    arrays = process.program.arrays
    flats = int(np.searchsorted(arrays["flat_ends"], arrays["ends"][0]))
    turn = arrays["flat_regions"].tolist().index(0)
    assert flats == turn + 2 > 3
    assert MEDIUM.moment(process.program, int(arrays["ends"][0])) == {"phase": "subject", "regions": 1}


def test_changes_are_those_of_the_canvas(laid: Process) -> None:
    program, ends = laid.program, np.sort(np.concatenate([laid.program.arrays[n] for n in ("flat_ends", "ends")]))
    changes = MEDIUM.painter(program, *program.size).changes(len(program))
    assert changes.shape == (len(program),)
    for start, stop in itertools.pairwise([0, *ends[:4].tolist()]):
        before, after = (program.replay(strokes=count).astype(float) for count in (start, stop))
        assert changes[start:stop].sum() == pytest.approx(np.abs(after - before).mean() / 255)
    partly = MEDIUM.painter(program, *program.size).changes(int(ends[1]) + 1)
    np.testing.assert_allclose(partly[: ends[1]], changes[: ends[1]])
    assert len(partly) == ends[1] + 1


def test_flats_that_do_not_fit_are_refused(laid: Process) -> None:
    ends, flats, regions = (laid.program.arrays[name] for name in ("ends", "flat_ends", "flat_regions"))
    broken = [
        ({"flat_planes": None}, "its flat_planes must be float32"),
        ({"flat_ends": flats.astype(np.int64)}, "its flat_ends must be int32"),
        ({"flat_ends": flats[:-1]}, "its flat_ends must be int32"),
        ({"flat_ends": flats - flats[0]}, "must have marks each"),
        ({"flat_regions": np.zeros_like(regions)}, "each before its region is filled"),
        ({"flat_ends": np.maximum(flats, ends + 1).astype(np.int32)}, "each before its region is filled"),
    ]
    for changes, words in broken:
        with pytest.raises(ValueError, match=rf"is not a program.*{words}"):
            Program.load(changed(laid.program, **changes))


# --- the same every time


def test_same_settings_same_bytes(process: Process, picture: UInt8) -> None:
    way = "flats" if "flat_ends" in process.program.arrays else process.program.about["fill"]
    again = paint(picture.copy(), renderer="region", strokes=200, quality="draft", **WAYS[way])
    assert saved(again.program) == saved(process.program)
    np.testing.assert_array_equal(again.frames(4), process.frames(4))


@pytest.mark.parametrize("seed", [0, 5, 2**63 - 1])
def test_every_region_is_filled_with_a_seed_of_its_own(seed: int, picture: UInt8) -> None:
    """The region of rank r is filled as `fill_region` fills it with the seed r further on."""
    program = paint(picture, renderer="region", strokes=60, quality="draft", fill="bezier", seed=seed).program
    labels, ends = program.arrays["labels"], program.arrays["ends"]
    assert len(ends) > 2
    # The budget was used up, so it is known for each.
    assert ends[-1] == 60
    bezier = get_medium("bezier")
    for rank, (start, stop) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        expected = fill_region(
            bezier, picture, labels == rank, int(stop - start), "draft", (seed + rank) % 2**63, bezier.filling()
        )
        np.testing.assert_array_equal(program.strokes[start:stop], expected.strokes)


def test_save_and_load_give_the_same_process(process: Process) -> None:
    loaded = Program.load(io.BytesIO(saved(process.program)))
    assert saved(loaded) == saved(process.program)
    assert dict(loaded.about) == dict(process.program.about)
    np.testing.assert_array_equal(Process(target=process.target, program=loaded).frames(4), process.frames(4))


def test_the_program_says_how_it_was_made(reveal: Process) -> None:
    regions = len(reveal.program.arrays["ends"])
    told = {"segmenter": "classic", "saliency": "computed", "order": "saliency", "fill": "reveal"}
    assert dict(reveal.program.about) == {**told, "regions": regions}
    assert (reveal.program.arrays["saliency"].dtype, reveal.program.arrays["saliency"].shape) == (np.uint8, (120, 160))


def test_replay_at_half_the_size_is_the_same_painting(process: Process) -> None:
    for count in (len(process.program) // 2, len(process.program)):
        own, half = process.program.replay(strokes=count), process.program.replay(size=60, strokes=count)
        means = own.reshape(60, 2, 80, 2, 3).mean(axis=(1, 3))
        assert psnr(half, np.round(means).astype(np.uint8)) > 24


# --- any picture


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 17)])
@pytest.mark.parametrize("strokes", [1, 3, 40])
def test_pictures_of_all_sizes_are_painted(size: tuple[int, int], strokes: int, fill: str) -> None:
    process = paint(load_picture("temple", size), renderer="region", strokes=strokes, quality="draft", fill=fill)
    assert 1 <= len(process.program) <= strokes
    assert len(process.program.arrays["ends"]) <= strokes
    assert np.isfinite(process.program.strokes).all()
    loaded = Program.load(io.BytesIO(saved(process.program)))
    np.testing.assert_array_equal(loaded.replay(), process.frames(4)[-1])


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 90), (255, 255, 255)])
def test_flat_pictures_are_one_region(colour: tuple[int, int, int], fill: str) -> None:
    flat = np.full((40, 50, 3), colour, np.uint8)
    process = paint(flat, renderer="region", strokes=20, quality="draft", fill=fill)
    assert process.program.about["regions"] == 1
    assert process.frames(5).shape == (5, 40, 50, 3)
    loaded = Program.load(io.BytesIO(saved(process.program)))
    np.testing.assert_array_equal(loaded.replay(), process.canvas())
    if fill == "reveal":
        np.testing.assert_array_equal(process.canvas(), flat)


@pytest.mark.parametrize("fill", FILLS)
def test_a_region_of_the_ground_s_own_colour_may_take_no_stroke(fill: str) -> None:
    """A coloured square on white: bezier finds nothing to paint around it."""
    y, x = np.mgrid[0:64, 0:80]
    square = (y >= 16) & (y < 48) & (x >= 24) & (x < 64)
    target = np.where(square[:, :, None], np.array((200, 30, 90), np.uint8), np.uint8(255))
    process = paint(target, renderer="region", strokes=40, quality="draft", fill=fill)
    loaded = Program.load(io.BytesIO(saved(process.program)))
    np.testing.assert_array_equal(loaded.replay(), process.frames(6)[-1])
    assert process.moments(6)[-1]["regions"] == len(process.program.arrays["ends"])
    progress = MEDIUM.progress(process.program, target)
    assert (np.diff(progress) >= 0).all()


def test_fewer_marks_than_regions_paint_several_regions_at_once(picture: UInt8, reveal: Process) -> None:
    assert len(reveal.program.arrays["ends"]) > 3
    process = paint(picture, renderer="region", strokes=3, order="saliency", flats=False)
    assert len(process.program.arrays["ends"]) == len(process.program) == 3
    # Each region goes whole into one of the three, and the order stays.
    pairs = np.stack([reveal.program.arrays["labels"].ravel(), process.program.arrays["labels"].ravel()], axis=1)
    finer, coarser = np.unique(pairs, axis=0).T
    assert finer.tolist() == list(range(len(reveal.program.arrays["ends"])))
    assert coarser.tolist() == sorted(coarser.tolist())
    np.testing.assert_array_equal(process.canvas(), picture)


# --- options


def means_by_rank(process: Process, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    flat = process.program.arrays["labels"].ravel()
    return np.asarray(np.bincount(flat, weights=values.ravel()) / np.bincount(flat), np.float64)


def test_the_most_salient_region_comes_first(reveal: Process) -> None:
    means = means_by_rank(reveal, reveal.program.arrays["saliency"] / np.float32(255))
    assert means[0] > means.max() - 0.01
    assert reveal.program.phases == PHASES["saliency"]


def test_saliency_beside_the_picture_is_taken_where_it_is(picture: UInt8) -> None:
    corner = np.zeros(picture.shape[:2], np.float32)
    corner[:40, :40] = 1
    taken, asked = (
        paint(picture, renderer="region", strokes=60, saliency=source, guides={"saliency": corner}).program
        for source in ("auto", "file")
    )
    assert taken.about["saliency"] == "file"
    np.testing.assert_array_equal(taken.strokes, asked.strokes)
    without, computed = (
        paint(picture, renderer="region", strokes=60, saliency=s).program for s in ("auto", "computed")
    )
    assert without.about["saliency"] == "computed"
    np.testing.assert_array_equal(without.strokes, computed.strokes)


def test_saliency_from_a_network(picture: UInt8, tmp_path: Path) -> None:
    red = picture.copy()
    red[..., 0] = 0
    red[10:50, 20:70, 0] = 255
    model = save_onnx(tmp_path / "u2net.onnx", gain=9.0)
    program = paint(red, renderer="region", strokes=60, saliency=str(model), saliency_device="cpu").program
    assert program.about["saliency"] == "model"
    assert program.about["saliency_model"] == identity(model)
    saliency = program.arrays["saliency"]
    assert saliency[20:40, 30:60].min() > 200 > 50 > saliency[80:].max()


def test_saliency_from_a_file(picture: UInt8) -> None:
    y, x = np.mgrid[0:120, 0:160]
    corner = np.clip(1 - np.hypot(y - 119, x) / 60, 0, 1).astype(np.float32)
    process = paint(
        picture, renderer="region", strokes=200, saliency="file", order="saliency", guides={"saliency": corner}
    )
    means = means_by_rank(process, corner)
    assert means[0] == means.max()
    assert process.program.about["saliency"] == "file"
    np.testing.assert_allclose(process.program.arrays["saliency"] / 255, corner, atol=0.5 / 255 + 1e-6)


def test_depth_paints_the_near_before_the_far(picture: UInt8, depth: npt.NDArray[np.float32]) -> None:
    process = paint(picture, renderer="region", strokes=200, order="depth", flats=False, guides={"depth": depth})
    means, phase = means_by_rank(process, depth), process.program.phase
    assert means[0] == means.max()
    assert process.program.phases == ("foreground", "background")
    assert phase is not None
    near = int(np.searchsorted(process.program.arrays["ends"], np.argmax(phase), side="right"))
    assert means[:near].min() > means[near:].max()
    # The saliency is there too, though it decides nothing.
    assert process.program.about["saliency"] == "computed"


def test_background_first_is_the_two_phases_exchanged(picture: UInt8, reveal: Process) -> None:
    process = paint(picture, renderer="region", strokes=200, order="background-first", flats=False)
    assert process.program.phases == ("background", "subject")
    subjects = []
    for one, which in ((reveal, 0), (process, 1)):
        phase, ends = one.program.phase, one.program.arrays["ends"]
        assert phase is not None
        subjects.append((phase[ends - 1] == which)[one.program.arrays["labels"]])
    np.testing.assert_array_equal(subjects[0], subjects[1])


def test_guides_are_asked_for_only_where_needed() -> None:
    assert MEDIUM.guides(RegionOptions()) == ()
    assert MEDIUM.guides(RegionOptions(order="depth")) == ("depth",)
    assert MEDIUM.guides(RegionOptions(order="depth", saliency="file")) == ("saliency", "depth")
    assert MEDIUM.welcome(RegionOptions()) == ("saliency",)
    assert MEDIUM.welcome(RegionOptions(saliency="computed")) == MEDIUM.welcome(RegionOptions(saliency="file")) == ()
    with pytest.raises(ValueError, match="need a depth map"):
        paint(np.zeros((32, 32, 3), np.uint8), renderer="region", order="depth")


@pytest.mark.parametrize(("ground", "colour"), [("black", (0, 0, 0)), ("#204060", (32, 64, 96)), ("mean", None)])
def test_first_frame_is_the_ground(ground: str, colour: tuple[int, ...] | None, picture: UInt8) -> None:
    first = paint(picture, renderer="region", strokes=30, ground=ground).frames(2)[0]
    np.testing.assert_array_equal(first, np.broadcast_to(first[0, 0], first.shape))
    expected = picture.mean(axis=(0, 1)) if colour is None else colour
    np.testing.assert_allclose(first[0, 0], expected, atol=0.5 if colour is None else 0)


def test_detail_cuts_finer(picture: UInt8) -> None:
    coarse, fine = (paint(picture, renderer="region", detail=detail).program.about["regions"] for detail in (0.5, 3.0))
    assert coarse < fine


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fill": "region"}, r"fill='region'.*reveal"),
        ({"fill": "crayon"}, r"'crayon'.*oil"),
        ({"order": "random"}, r"order='random'.*saliency, background-first, back-to-front, depth"),
        ({"segmenter": "magic"}, r"segmenter='magic'.*auto, classic, sam"),
        ({"saliency": "guess"}, r"saliency='guess'.*auto, computed, file, an .onnx file"),
        ({"saliency": Path("none.onnx")}, r"saliency .*none.onnx does not exist"),
        ({"saliency_device": "tpu"}, r"unknown device 'tpu'"),
        ({"detail": 0}, r"detail=0.*above 0"),
        ({"detail": -1.5}, r"detail=-1.5"),
        ({"detail": float("nan")}, r"detail=nan"),
        ({"ground": "nocolour"}, r"'nocolour'.*mean"),
        ({"colour": "white"}, r"'region'.*'colour'.*fill"),
        ({"segmenter": "sam"}, r"checkpoint"),
        ({"fill": "oil", "flats": True}, r"flats=True.*'reveal'.*'oil'"),
    ],
)
def test_bad_options_are_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        paint(np.zeros((32, 32, 3), np.uint8), renderer="region", **options)


# --- damaged files


@pytest.mark.parametrize("name", ["fill", "labels", "ends", "saliency"])
def test_programs_without_their_arrays_are_refused(name: str, reveal: Process) -> None:
    with pytest.raises(ValueError, match=f"lacks the arrays {name}"):
        Program.load(changed(reveal.program, **{name: None}))


def damage(program: Program, kind: str) -> dict[str, Any]:
    labels, ends, saliency = (program.arrays[name] for name in ("labels", "ends", "saliency"))
    assert program.phase is not None
    return {
        "labels of another type": {"labels": labels.astype(np.int64)},
        "labels of another size": {"labels": labels[1:]},
        "saliency of another type": {"saliency": saliency / 255.0},
        "saliency of another size": {"saliency": saliency.T},
        "a label out of range": {"labels": np.where(labels == 0, 999, labels).astype(np.uint16)},
        "a label that is nowhere": {"labels": np.where(labels == 0, 1, labels).astype(np.uint16)},
        "ends of another type": {"ends": ends.astype(np.int64)},
        "ends in two rows": {"ends": ends[None]},
        "no ends": {"ends": ends[:0]},
        "ends that fall": {"ends": np.concatenate([ends[1::-1], ends[2:]])},
        "ends below zero": {"ends": np.concatenate([[-1], ends[1:]]).astype(np.int32)},
        "ends before the last mark": {"ends": ends - np.int32(1)},
        "ends after the last mark": {"ends": ends + np.int32(1)},
        "marks missing": {"strokes": program.strokes[1:], "phase": program.phase[1:]},
        "an unknown fill": {"fill": np.array("crayon")},
        "a fill that is region": {"fill": np.array("region")},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("labels of another type", r"its labels must be uint16 \(120, 160\), not int64"),
        ("labels of another size", r"its labels must be uint16 \(120, 160\), not uint16 \(119, 160\)"),
        ("saliency of another type", r"its saliency must be uint8"),
        ("saliency of another size", r"its saliency must be uint8 \(120, 160\)"),
        ("a label out of range", "its labels must be those of"),
        ("a label that is nowhere", "its labels must be those of"),
        ("ends of another type", "its ends must be int32"),
        ("ends in two rows", "its ends must be int32"),
        ("no ends", "its ends must be int32"),
        ("ends that fall", "its ends must rise"),
        ("ends below zero", "its ends must rise"),
        ("ends before the last mark", "its ends must rise"),
        ("ends after the last mark", "its ends must rise"),
        ("marks missing", "its ends must rise"),
        ("an unknown fill", "'crayon'"),
        ("a fill that is region", "region by region"),
    ],
)
def test_programs_that_do_not_fit_together_are_refused(kind: str, words: str, reveal: Process) -> None:
    with pytest.raises(ValueError, match=rf"is not a program.*{words}"):
        Program.load(changed(reveal.program, **damage(reveal.program, kind)))


@pytest.mark.parametrize("kind", ["missing", "cut off", "another size", "another type"])
def test_pictures_that_do_not_fit_are_refused(kind: str, reveal: Process) -> None:
    data = reveal.program.arrays["picture"]
    broken = {
        "missing": None,
        "cut off": data[: len(data) // 2],
        "another size": encode_picture(reveal.target[:-1]),
        "another type": data.astype(np.float64),
    }[kind]
    with pytest.raises(ValueError, match=r"is not a program.*its picture"):
        Program.load(changed(reveal.program, picture=broken))


def test_wipes_of_other_columns_are_refused(reveal: Process) -> None:
    with pytest.raises(ValueError, match="columns"):
        Program.load(changed(reveal.program, strokes=reveal.program.strokes[:, :-1], columns=np.array(COLUMNS[:-1])))


def test_what_the_filling_medium_refuses_is_refused(picture: UInt8) -> None:
    oil = paint(picture, renderer="region", strokes=40, quality="draft", fill="oil").program
    with pytest.raises(ValueError, match="columns"):
        Program.load(changed(oil, fill=np.array("bezier")))
    with pytest.raises(ValueError, match="impasto"):
        Program.load(changed(oil, **{FILL_PREFIX + "impasto": np.float32(7)}))
