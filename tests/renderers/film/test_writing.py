"""Each format is opened by a library that others use, and shows what was given, when it was to be shown."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from underpaint.renderers.film.frames import GivenFrames, UInt8
from underpaint.renderers.film.timing import Timing
from underpaint.renderers.film.writing import FilmFormat, check_writable, film_format, write_film


def growing(count: int, height: int = 33, width: int = 45) -> UInt8:
    """A canvas on which little is added from frame to frame, never at even places alone; frames 2 and 3 are equal."""
    rng = np.random.default_rng(1)
    frames = np.empty((count, height, width, 3), np.uint8)
    frames[0] = 230
    for number in range(1, count):
        frames[number] = frames[number - 1]
        if number != 3:
            y, x = number * 5 % (height - 9), number * 7 % (width - 9)
            frames[number, y : y + 9, x : x + 9 : 2] = rng.integers(0, 256, 3)
    return frames


FRAMES = growing(8)


def written(folder: Path, form: FilmFormat, suffix: str, frames: UInt8 = FRAMES, fps: float = 12.5) -> Path:
    out = folder / "deep" / f"a{suffix}"
    write_film(GivenFrames(frames), out, form, timing=Timing(fps=fps, hold=0.5))
    assert [path.name for path in out.parent.iterdir()] == [out.name]  # nothing temporary stays
    return out


def shown(path: Path) -> Iterator[tuple[UInt8, int]]:
    """The pictures of an animation, and for how many ms each is shown."""
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            pixels = np.asarray(image.convert("RGB"))
            yield pixels, image.info["duration"]


@pytest.mark.parametrize("form", ["webp", "gif"])
def test_animations_show_every_frame_for_its_time(form: FilmFormat, tmp_path: Path) -> None:
    pictures, durations = zip(*shown(written(tmp_path, form, f".{form}")), strict=True)
    # Equal frames are one that is shown longer.
    assert durations == (80, 80, 160, 80, 80, 80, 580)
    for picture, frame in zip(pictures, FRAMES[[0, 1, 2, 4, 5, 6, 7]], strict=True):
        np.testing.assert_array_equal(picture, frame)  # they have few colours, which GIF can hold


@pytest.mark.parametrize("form", ["webp", "gif"])
def test_what_stays_as_it_was_takes_no_room(form: FilmFormat, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1, 80, 80, 3), np.uint8)
    frames = noise.repeat(9, axis=0)
    for number in range(1, 9):
        frames[number, [3, -3], [3, -3]] = number  # two pixels far apart
    one = written(tmp_path / "one", form, f".{form}", frames[:1]).stat().st_size
    # GIF has a palette of 768 bytes for each frame.
    assert written(tmp_path / "nine", form, f".{form}", frames).stat().st_size < one + 8 * 1300


def test_gif_counts_in_hundredths_without_losing_time(tmp_path: Path) -> None:
    durations = [duration for _, duration in shown(written(tmp_path, "gif", ".gif", fps=30))]
    assert sum(durations) == round(8 / 30 * 100) * 10 + 500
    with pytest.raises(ValueError, match=r"fps is 60: a \.gif shows at most 50"):
        written(tmp_path, "gif", ".gif", fps=60)


@pytest.mark.parametrize(("form", "codec"), [("mp4", "h264"), ("webm", "vp9")])
def test_films_play_everywhere(form: FilmFormat, codec: str, tmp_path: Path) -> None:
    with av.open(str(written(tmp_path, form, f".{form}"))) as film:
        context = film.streams.video[0].codec_context
        frames = list(film.decode(video=0))
        assert (context.name, context.pix_fmt, context.colorspace) == (codec, "yuv420p", 1)
        assert film.streams.video[0].average_rate == 12.5
    assert len(frames) == 8 + 6
    last = frames[-1].to_ndarray(format="rgb24", src_colorspace=1)
    assert last.shape == (34, 46, 3)  # even, and nothing is cut off
    assert np.abs(last[:33, :45].astype(int) - FRAMES[-1]).mean() < 12


def test_colours_of_films_are_those_of_the_picture(tmp_path: Path) -> None:
    red = np.full((2, 32, 32, 3), (200, 40, 30), np.uint8)
    with av.open(str(written(tmp_path, "mp4", ".mp4", red))) as film:
        frame = next(film.decode(video=0))
        pixel = frame.to_ndarray(format="rgb24", src_colorspace=1)[16, 16].astype(int)
    assert np.abs(pixel - (200, 40, 30)).max() <= 4


def test_pictures(tmp_path: Path) -> None:
    np.testing.assert_array_equal(np.asarray(Image.open(written(tmp_path, "png", ".png"))), FRAMES[-1])
    strip = Image.open(written(tmp_path, "filmstrip", ".png", growing(30)))
    assert strip.size == (8 * 47 + 2, 35 + 2)
    np.testing.assert_array_equal(np.asarray(strip)[2:35, -47:-2], growing(30)[-1])


def test_a_folder_of_frames_replaces_frames_but_nothing_else(tmp_path: Path) -> None:
    for frames in (FRAMES, FRAMES[:3]):
        folder = written(tmp_path, "frames", "", frames)
    assert [path.name for path in sorted(folder.iterdir())] == ["0000.png", "0001.png", "0002.png"]
    (folder / "mine.txt").touch()
    with pytest.raises(ValueError, match=r"holds other things than frames, mine\.txt"):
        check_writable(folder, "frames", fps=8)


def test_what_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    out = written(tmp_path, "webp", ".webp")
    before = out.read_bytes()

    class Failing(GivenFrames):
        def __iter__(self) -> Iterator[UInt8]:
            yield from self.frames[:4]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_film(Failing(FRAMES), out, "webp", timing=Timing())
    assert out.read_bytes() == before
    assert len(list(out.parent.iterdir())) == 1


class Endless:
    """Frames that are made when they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[UInt8]:
        canvas = np.full((60, 80, 3), 255, np.uint8)
        for number in range(self.count):
            canvas = canvas.copy()
            canvas[number * 7 % 50 :][:8, number * 11 % 70 :][:, :8] = number * 37 % 251
            yield canvas

    def at(self, numbers: object) -> Endless:
        return self


@pytest.mark.parametrize("form", ["webp", "gif", "mp4"])
def test_memory_does_not_grow_with_the_number_of_frames(form: FilmFormat, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            write_film(Endless(count), tmp_path / f"a.{form}", form, timing=Timing(hold=0))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(3)  # modules
    # All of the 280 frames more would take 4 MB; what libraries hold is measured by benchmarks/film.py.
    assert peak(300) < peak(20) + 300_000


def test_progress_is_told_after_each_frame(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_film(GivenFrames(FRAMES), tmp_path / "a.gif", "gif", timing=Timing(), advance=lambda *done: told.append(done))
    assert told == [(number, 8) for number in range(1, 9)]


def test_formats_by_name() -> None:
    for name, form in (("a.mp4", "mp4"), ("a.WEBP", "webp"), ("a.png", "png"), ("a.npz", "npz"), ("a", "frames")):
        assert film_format(Path(name)) == form
    assert film_format(Path("a.png"), "filmstrip") == "filmstrip"
    for name, wanted, message in (
        ("a.avi", None, r"a\.avi ends in \.avi: use one of \.mp4, \.webm"),
        ("a.gif", "mp4", r"a\.gif is to be of format mp4, so its name should end in \.mp4"),
        ("a.gif", "avi", r"format is 'avi': use mp4, webm"),
    ):
        with pytest.raises(ValueError, match=message):
            film_format(Path(name), wanted)
    with pytest.raises(ValueError, match=r"an \.svg can't express the marks of oil"):
        check_writable(Path("a.svg"), "svg", fps=8, medium="oil")


@pytest.mark.parametrize(("form", "longest"), [("webp", 16383), ("mp4", 16384), ("gif", 65535), ("webm", 65535)])
def test_sides_that_a_format_cannot_hold(form: FilmFormat, longest: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"a canvas of {longest + 1} x 2 px is too large: .{form} holds {longest} px"):
        written(tmp_path, form, f".{form}", np.zeros((2, 2, longest + 1, 3), np.uint8))
    assert not list((tmp_path / "deep").iterdir())
