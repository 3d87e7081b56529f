import hashlib

import numpy as np
import numpy.typing as npt
import pytest

from tests.pictures import load_picture
from underpaint.renderers import Program, get_medium, names, psnr
from underpaint.renderers.region.painter import FILL_PREFIX, RegionPainter, decode_picture, encode_picture, fill_program
from underpaint.renderers.region.wipe import wipe_region
from underpaint.renderers.strokes.columns import A0, A1, BLUE, BOW, COLUMNS, CX, CY, EDGE, LENGTH, R0, R1, RED, THETA
from underpaint.renderers.strokes.structure import structure_tensor

UInt8 = npt.NDArray[np.uint8]

HEIGHT, WIDTH = 48, 64
# The marks of each of the four regions.
MARKS = (5, 1, 8, 6)


def handmade_labels() -> npt.NDArray[np.uint16]:
    """Four quarters, their borders askew."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return ((5 * y + x > 150) * 2 + (4 * x - y > 110)).astype(np.uint16)


def handmade_picture() -> UInt8:
    y, x, channel = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3]
    return ((x * 3 + y * 5 + channel * 40 + (x // 7) * (y // 5) * 11) % 251).astype(np.uint8)


def handmade_strokes() -> npt.NDArray[np.float32]:
    """Strokes spread over the canvas: scattered numbers, quarters of pixels, exact in float32."""
    number = np.arange(sum(MARKS))
    strokes = np.zeros((len(number), len(COLUMNS)), np.float32)
    strokes[:, CX], strokes[:, CY] = number * 37 % 64, number * 29 % 48
    strokes[:, THETA] = (number * 11 % 25 - 12) / 4
    strokes[:, LENGTH], strokes[:, BOW] = 12 + number * 7 % 20, (number * 5 % 9 - 4) / 4
    strokes[:, R0] = strokes[:, R1] = 4 + number % 5
    strokes[:, A0 : A1 + 1] = 1
    strokes[:, RED : BLUE + 1] = (number[:, None] * (13, 7, 5) % 17) / 16
    strokes[:, EDGE] = number % 4
    return strokes


def handmade(fill: str = "reveal") -> Program:
    arrays = {
        "fill": np.array(fill),
        "labels": handmade_labels(),
        "ends": np.cumsum(MARKS).astype(np.int32),
        "saliency": np.zeros((HEIGHT, WIDTH), np.uint8),
    }
    if fill == "reveal":
        arrays["picture"] = encode_picture(handmade_picture())
    else:
        arrays["fill.phases"] = np.array(["only"])
        arrays["fill.phase"] = np.zeros(sum(MARKS), np.uint8)
    return Program(
        medium="region", size=(HEIGHT, WIDTH), ground=np.ones(3, np.float32), strokes=handmade_strokes(), arrays=arrays
    )


@pytest.fixture(params=["reveal", "bezier"])
def program(request: pytest.FixtureRequest) -> Program:
    return handmade(request.param)


# --- the picture in the program


@pytest.mark.parametrize("name", ["temple", "tissue"])
def test_the_picture_survives_exactly(name: str) -> None:
    picture = load_picture(name, (77, 121))
    data = encode_picture(picture)
    assert (data.dtype, data.ndim) == (np.uint8, 1)
    assert len(data) < picture.size
    np.testing.assert_array_equal(decode_picture(data), picture)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (1, 254, 3)])
def test_pictures_of_one_colour_and_noise_survive_too(colour: tuple[int, int, int]) -> None:
    flat = np.full((16, 300, 3), colour, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (33, 17, 3)).astype(np.uint8)
    for picture in (flat, noise):
        np.testing.assert_array_equal(decode_picture(encode_picture(picture)), picture)


@pytest.mark.parametrize("damage", ["empty", "cut off", "text", "another format"])
def test_what_is_no_webp_is_refused(damage: str) -> None:
    data = encode_picture(handmade_picture())
    broken = {
        "empty": data[:0],
        "cut off": data[: len(data) // 2],
        "text": np.frombuffer(b"a picture", np.uint8),
        "another format": np.frombuffer(b"\x89PNG\r\n\x1a\n" + data.tobytes(), np.uint8),
    }[damage]
    with pytest.raises(ValueError, match="its picture can't be decoded"):
        decode_picture(broken)


# --- marks as a program of the medium that fills


def test_the_marks_of_a_region_are_a_program_of_its_medium() -> None:
    whole = handmade("oil")
    whole = Program(
        medium=whole.medium,
        size=whole.size,
        ground=whole.ground,
        strokes=whole.strokes,
        columns=whole.columns,
        arrays={**whole.arrays, FILL_PREFIX + "impasto": np.float32(0.5)},
    )
    part = fill_program(whole, 5, 6)
    assert (part.medium, part.size, part.columns) == ("oil", whole.size, whole.columns)
    np.testing.assert_array_equal(part.strokes, whole.strokes[5:6])
    assert dict(part.arrays) == {"impasto": np.float32(0.5)}


# --- replay


def test_painting_starts_blank_and_goes_region_by_region(program: Program) -> None:
    labels, ends = program.arrays["labels"], program.arrays["ends"]
    painter = RegionPainter(program, HEIGHT, WIDTH)
    before = painter.pixels()
    assert (before == 255).all()
    for count in range(1, len(program) + 1):
        painter.paint_until(count)
        after = painter.pixels()
        changed = labels[(after != before).any(axis=2)]
        assert set(changed.tolist()) <= {int(np.searchsorted(ends, count))}
        before = after


def test_a_finished_region_never_changes(program: Program) -> None:
    labels, ends, final = program.arrays["labels"], program.arrays["ends"], program.replay()
    for count in range(len(program) + 1):
        finished = labels < np.searchsorted(ends, count, side="right")
        np.testing.assert_array_equal(program.replay(strokes=count)[finished], final[finished])


def test_revealing_ends_with_the_picture_itself() -> None:
    np.testing.assert_array_equal(handmade().replay(), handmade_picture())


def test_revealing_goes_from_the_paper_to_the_picture_and_never_beyond() -> None:
    """Every pixel lies between the two, and comes nearer with every wipe."""
    picture = handmade_picture().astype(int)
    before = np.full(picture.shape, 255)
    for count in range(1, sum(MARKS) + 1):
        canvas = handmade().replay(strokes=count).astype(int)
        assert ((canvas <= before) & (canvas >= picture)).all()
        before = canvas


def test_strokes_are_clipped_to_their_region() -> None:
    """Each region shows what its own strokes make on a blank canvas, no less and no more."""
    program = handmade("bezier")
    canvas = program.replay()
    for region, stop in enumerate(program.arrays["ends"]):
        part = Program.of(fill_program(program, int(stop) - MARKS[region], int(stop))).replay()
        inside = program.arrays["labels"] == region
        np.testing.assert_array_equal(canvas[inside], part[inside])


def test_painter_goes_on_where_it_stopped(program: Program) -> None:
    painter = RegionPainter(program, HEIGHT, WIDTH)
    for count in (0, 0, 2, 5, 5, 6, 13, 14, 20):
        painter.paint_until(count)
        np.testing.assert_array_equal(painter.pixels(), program.replay(strokes=count))


def test_pixels_are_a_copy_that_later_marks_do_not_change(program: Program) -> None:
    painter = RegionPainter(program, HEIGHT, WIDTH)
    blank = painter.pixels()
    painter.paint_until(7)
    assert (blank == 255).all()
    painter.pixels()[:] = 0
    painter.paint_until(len(program))
    np.testing.assert_array_equal(painter.pixels(), program.replay())


def test_a_region_without_marks_stays_blank() -> None:
    """White on white paper takes no stroke."""
    program = handmade("bezier")
    ends = np.array([0, 5, 5, 20], np.int32)
    empty = Program(
        medium="region",
        size=program.size,
        ground=program.ground,
        strokes=program.strokes,
        arrays={**program.arrays, "ends": ends},
    )
    canvas = empty.replay()
    for region, marks in enumerate(np.diff(ends, prepend=0)):
        assert (canvas[empty.arrays["labels"] == region] == 255).all() == (marks == 0)


@pytest.mark.parametrize("size", [(24, 32), (96, 128), (12, 16)])
@pytest.mark.parametrize("marks", [4, 11, 20])
def test_replay_at_another_size_is_the_same_painting(size: tuple[int, int], marks: int) -> None:
    """A photograph wiped in: half-way as well as at the end."""
    picture = load_picture("temple", (HEIGHT, WIDTH))
    tensor, labels = structure_tensor(picture.astype(np.float32) / np.float32(255)), handmade_labels()
    parts = [wipe_region(labels == region, picture, tensor, marks) for region, marks in enumerate(MARKS)]
    program = Program(
        medium="region",
        size=(HEIGHT, WIDTH),
        ground=np.ones(3, np.float32),
        strokes=np.concatenate(parts),
        arrays={
            **handmade().arrays,
            "ends": np.cumsum([len(part) for part in parts]).astype(np.int32),
            "picture": encode_picture(picture),
        },
    )
    count = min(marks, len(program))
    replayed, own = program.replay(size=size, strokes=count), program.replay(strokes=count)
    larger, smaller = (own, replayed) if size[0] < HEIGHT else (replayed, own)
    factor = len(larger) // len(smaller)
    means = larger.reshape(len(smaller), factor, -1, factor, 3).mean(axis=(1, 3))
    assert psnr(smaller, np.round(means).astype(np.uint8)) > 20


def test_every_medium_can_fill() -> None:
    """Its blank canvas is the first frame, and what it paints shows in its region."""
    picture = load_picture("temple", (HEIGHT, WIDTH))
    for name in names():
        if name == "region":
            continue
        medium = get_medium(name)
        part = Program.of(medium.fit(picture, strokes=12, quality="draft", seed=0, options=medium.options(), guides={}))
        arrays = {FILL_PREFIX + key: array for key, array in part.arrays.items()}
        arrays |= {FILL_PREFIX + "phases": np.array(part.phases), FILL_PREFIX + "phase": part.phase}
        ends = np.array([1, 2, 3, len(part)], np.int32)
        program = Program(
            medium="region",
            size=part.size,
            ground=part.ground,
            strokes=part.strokes,
            columns=part.columns,
            arrays={**handmade(name).arrays, **arrays, "ends": ends},
        )
        np.testing.assert_array_equal(program.replay(strokes=0), part.replay(strokes=0))
        own = Program.of(fill_program(program, 3, len(part))).replay()
        last = program.arrays["labels"] == 3
        np.testing.assert_array_equal(program.replay()[last], own[last])


def test_replays_to_the_same_bytes_as_ever() -> None:
    """A program written down here must look the same in every version and on every machine."""
    program = handmade()
    digest = hashlib.sha256()
    for count in range(0, len(program) + 1, 3):
        digest.update(program.replay(strokes=count).tobytes())
    assert digest.hexdigest() == "181896d9ad753cf5d7ccbb3e8b892473e07ea0bd7f82aff10e004dcd891577ae"
