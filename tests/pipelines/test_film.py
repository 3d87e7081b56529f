from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import load_picture
from underpaint import renderers
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.cli import main
from underpaint.pipelines.film_config import FilmConfig
from underpaint.pipelines.photo import paint, read_photo

OPTIONS = ["--strokes", "25", "--quality", "draft", "--seconds", "0.5", "--fps", "8"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "A cup.png"
    Image.fromarray(load_picture("coffee", (36, 48))).save(path)
    return path


def test_one_command_makes_a_film(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "film.webp"
    assert main(["paint", str(photo), "--out", str(out), "--medium", "bezier", *OPTIONS]) == 0
    told = capsys.readouterr()
    assert told.out == f"{out}\n"
    assert "A cup.png: 48 x 36 px, painted at 48 x 36" in told.err  # all of it, and no larger than it is
    with Image.open(out) as image:
        assert (image.size, image.n_frames) == ((48, 36), 4)
        image.seek(3)
        last = np.asarray(image.convert("RGB"))
    process = paint(photo, medium="bezier", strokes=25, quality="draft")
    np.testing.assert_array_equal(last, process.canvas())
    process.film(tmp_path / "same.webp", seconds=0.5, fps=8)
    assert (tmp_path / "same.webp").read_bytes() == out.read_bytes()


def test_several_pictures_and_media_get_names_of_their_own(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    for folder in ("other", "."):
        Image.fromarray(load_picture("temple", (30, 30))).save(tmp_path / folder / "b.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    pictures = [str(tmp_path / name) for name in ("A cup.png", "b.png", "other/b.png", "broken.png")]
    out = tmp_path / "to" / "x.png"
    given = ["--medium", "bezier,pencil", "--size", "20", "--aspect", "square", "--format", "filmstrip"]
    assert main(["paint", *pictures, "--out", str(out), *given, *OPTIONS]) == 1
    told = capsys.readouterr()
    names = [f"x-{name}-{medium}.png" for name in ("a-cup", "b", "b-2") for medium in ("bezier", "pencil")]
    assert [Path(line).name for line in told.out.splitlines()] == names
    assert sorted(path.name for path in out.parent.iterdir()) == sorted(names)
    assert "A cup.png: 48 x 36 px, cut to its centre square, painted at 20 x 20" in told.err
    assert "broken.png: " in told.err
    assert Image.open(out.parent / names[0]).size == (4 * 22 + 2, 24)


def test_no_painting_takes_the_name_of_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    pictures = [tmp_path / name for name in ("b-2.png", "b.png", "other/b.png")]
    for path in pictures:
        Image.new("RGB", (16, 16), "red").save(path)
    given = ["--out", str(tmp_path / "x.npz"), "--medium", "bezier", *OPTIONS]
    assert main(["paint", *map(str, pictures), *given]) == 0
    assert len({Path(line) for line in capsys.readouterr().out.splitlines()}) == 3


@pytest.mark.parametrize(
    ("medium", "told"),
    [
        ("bezier", "a canvas of 19200 x 256 px is too large: .mp4 holds 16384 px"),
        ("region", "the picture is 19200x256 px; with these options both sides may have at most"),
    ],
)
def test_a_picture_that_is_too_long_is_not_painted(
    medium: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (1200, 16), "red").save(tmp_path / "long.png")
    out = tmp_path / f"x.{'mp4' if medium == 'bezier' else 'png'}"
    given = ["--out", str(out), "--size", "256", "--medium", medium, *OPTIONS]
    assert main(["paint", str(tmp_path / "long.png"), *given]) == 2
    assert f"long.png: too-long: {told}" in capsys.readouterr().err


def test_marks_as_vectors_and_as_numbers(photo: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "a.npz"):
        assert main(["paint", str(photo), "--out", str(tmp_path / name), "--medium", "bezier", *OPTIONS]) == 0
    assert (tmp_path / "a.svg").read_text().count("<path") == 25
    assert renderers.Program.load(tmp_path / "a.npz").medium == "bezier"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--medium", "oli"], "medium is 'oli': use one of bezier, illustration, ink, oil, pencil, region"),
        (["--medium", "oil,oil"], "each may stand there only once"),
        (["--out", "a.avi"], "a.avi ends in .avi: use one of .mp4"),
        (["--out", "a.svg"], "an .svg can't express the marks of oil"),
        (["--medium", "region", "--manner", "error"], "manner is 'error': region has no such manner"),
        (
            ["--medium", "region", "--region.order", "depth"],
            "need a depth map, which only underpaint-data generate reads",
        ),
        (["--fps", "0"], "fps is 0: use 0.1 to 100"),
        (["--out", "a.gif", "--fps", "60"], "fps is 60: a .gif shows at most 50"),
        (["--size", "3"], "size is 3"),
        (["--seed", str(2**63)], "seed=9223372036854775808 must lie in 0..2**63-1"),
        (["--ink.texture", "0.1"], "options of ink are given, but the medium is oil"),
    ],
)
def test_mistakes_are_one_line(given: list[str], told: str, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paint", str(photo), *given]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("A cup.png", "A cup.png is a picture that is to be painted, and would be replaced: give another name"),
        ("mine", "folder mine holds other things than frames, holiday.png for one"),
        ("pictures", "--out pictures holds pictures that are to be painted"),
        ("folder.gif", "folder.gif is a folder: give the name of a file"),
        ("plain", "plain is a file: give the name of a folder"),
        ("plain/a.gif", "--out plain/a.gif can't be written: "),
    ],
)
def test_nothing_of_the_users_is_replaced(
    out: str,
    told: str,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mine/holiday.png", "pictures/0001.png", "folder.gif/a", "plain"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(photo.read_bytes())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    given = "pictures/0001.png" if out == "pictures" else "A cup.png"
    assert main(["paint", given, "--out", out, *OPTIONS]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1  # before anything is painted
    assert told in lines[0]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_no_painting_of_several_takes_the_place_of_a_picture(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x-a-cup.png").write_bytes(photo.read_bytes())
    given = [str(photo), str(tmp_path / "x-a-cup.png")]
    assert main(["paint", *given, "--out", str(tmp_path / "x.png"), *OPTIONS]) == 2
    assert "x-a-cup.png is a picture that is to be painted" in capsys.readouterr().err
    assert (tmp_path / "x-a-cup.png").read_bytes() == photo.read_bytes()


def test_the_frames_that_are_left_are_told(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("underpaint.pipelines.progress._LINE_SECONDS", 0.0)
    assert main(["paint", str(photo), "--out", str(tmp_path / "a.gif"), "--medium", "bezier", *OPTIONS]) == 0
    assert "a.gif: frame 2/4, 0 s left" in capsys.readouterr().err


def test_a_film_without_pyav_is_refused_before_painting(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert main(["paint", str(photo), "--out", "a.mp4"]) == 2
    assert capsys.readouterr().err == "underpaint paint: an .mp4 needs av: pip install 'underpaint[video]'\n"


def test_manner_and_options_reach_the_medium() -> None:
    config = FilmConfig(pictures=["a"], out=Path("a.gif"), medium="bezier, ink", manner="painter")
    assert config.options_of("bezier").manner == "painter"
    assert FilmConfig(pictures=["a"], out=Path("a.gif"), manner="error").options_of("oil").manner == "error"


def test_pictures_come_as_files_images_and_pixels(photo: Path) -> None:
    with Image.open(photo) as image:
        pixels = np.asarray(image)
        processes = [paint(each, medium="bezier", strokes=9) for each in (photo, str(photo), image, pixels)]
        assert paint(image, renderer="bezier", strokes=9, size=24).target.shape == (24, 32, 3)
    nothing = Image.new("RGBA", (20, 20), (200, 0, 0, 0))
    assert (paint(nothing, medium="bezier", strokes=9).target == 255).all(), "transparency lies over white"
    for process in processes:
        np.testing.assert_array_equal(process.target, pixels)
    assert paint(pixels, strokes=5).program.medium == "oil"
    with pytest.raises(ValueError, match="they are one, so give only one"):
        paint(pixels, medium="oil", renderer="ink")


def test_images_are_read_as_their_files_would_be(tmp_path: Path) -> None:
    half = np.full((20, 24, 4), (200, 30, 30, 128), np.uint8)
    deep = np.full((20, 24), 40_000, np.uint16)
    for pixels in (half, deep):
        image = Image.fromarray(pixels)
        image.save(tmp_path / "a.png")
        from_image, from_file = (paint(each, medium="bezier", strokes=2).target for each in (image, tmp_path / "a.png"))
        np.testing.assert_array_equal(from_image, from_file)


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadPicture, match=r"missing: .*nope\.jpg: no such file"):
        paint(tmp_path / "nope.jpg")
    with pytest.raises(ValueError, match="size is 0: use 16 to 16383"):
        paint(tmp_path / "nope.jpg", size=0)
    for given in (None, np.zeros((20, 20), np.uint8)):
        with pytest.raises(ValueError, match="expected a uint8"):
            paint(given, size=30)  # type: ignore[arg-type]


def test_files_are_read_at_most_720_px_high_unless_it_is_said(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 800), "red").save(tmp_path / "a.jpg")
    assert read_photo(tmp_path / "a.jpg").pixels.shape == (720, 1440, 3)
    assert read_photo(tmp_path / "a.jpg", size=1000).pixels.shape == (1000, 2000, 3)
    assert read_photo(tmp_path / "a.jpg", aspect="square").cut
    with pytest.raises(
        BadPicture, match="a canvas of 32766 x 16383 px is beyond 64000000 pixels: use a size up to 5656"
    ):
        read_photo(tmp_path / "a.jpg", size=16383)


def test_notebooks_show_a_process(photo: Path) -> None:
    shown = paint(photo, medium="bezier", strokes=9)._repr_html_()
    assert shown.startswith('<img src="data:image/webp;base64,')
    assert 'alt="painted in bezier"' in shown
