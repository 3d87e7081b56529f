import av
import numpy as np
import pytest
from PIL import Image

from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.export import export


@pytest.fixture(scope="module")
def sample(finished):
    return Corpus(finished).find("p3")


def test_webp_is_lossless(sample, tmp_path):
    export(sample, tmp_path / "new" / "a.webp", fps=20)
    with Image.open(tmp_path / "new" / "a.webp") as image:
        image.seek(image.n_frames - 1)
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), sample.frames()[-1])
        assert image.info["duration"] >= 1500


def test_gif_is_animated(sample, tmp_path):
    export(sample, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames > 1
        assert image.size == (48, 48)


def test_png_is_the_finished_picture(sample, tmp_path):
    export(sample, tmp_path / "a.PNG")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.PNG")), sample.program().replay())


def test_mp4_plays_everywhere(sample, tmp_path):
    export(sample, tmp_path / "a.mp4", fps=10)
    with av.open(str(tmp_path / "a.mp4")) as film:
        stream = film.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    assert len(frames) == 5 + 15
    assert np.abs(frames[-1].astype(int) - sample.frames()[-1]).mean() < 6


def test_mp4_of_odd_sides(configure, tmp_path):
    from tests.datagen.helpers import quietly

    quietly(configure(tmp_path / "odd", size=33, aspect="keep"))
    export(next(iter(Corpus(tmp_path / "odd"))), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as film:
        frame = next(film.decode(video=0))
    assert (frame.height, frame.width) == (34, 42)  # even, and nothing is cut off


def test_svg_holds_the_strokes(sample, tmp_path):
    export(sample, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert text.startswith(("<svg", "<?xml"))
    assert text.count("<path") >= len(sample.program())


def test_svg_of_marks_that_svg_can_t_show(charcoal_corpus, tmp_path):
    sample = Corpus(charcoal_corpus).find("p3-charcoal")
    with pytest.raises(ValueError, match="SVG can't express the marks of 'charcoal'"):
        export(sample, tmp_path / "a.svg")
    assert not list(tmp_path.glob("*a.svg*"))


@pytest.mark.parametrize("name", ["a.avi", "a.jpg"])
def test_another_suffix_is_refused(sample, tmp_path, name):
    with pytest.raises(ValueError, match=r"use one of \.mp4, \.webm, \.webp, \.gif, \.png, \.svg"):
        export(sample, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_fps_out_of_range(sample, tmp_path):
    with pytest.raises(ValueError, match="fps is 0"):
        export(sample, tmp_path / "a.gif", fps=0)


class Frames:
    """No sample: it has frames, and that's all."""

    def frames(self) -> np.ndarray:
        return np.arange(3, dtype=np.uint8)[:, None, None, None] * np.full((16, 16, 3), 80, np.uint8)


def test_whatever_has_frames_can_be_written(tmp_path):
    export(Frames(), tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as image:
        assert image.n_frames == 3
    with pytest.raises(ValueError, match="holds strokes, and there are none"):
        export(Frames(), tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.webp"]


def test_more_frames_at_another_size_are_painted_from_the_strokes(sample, tmp_path):
    export(sample, tmp_path / "a.webp", frames=9, seconds=3, size=30, hold=0)
    with Image.open(tmp_path / "a.webp") as image:
        assert image.size == (30, 30)
        durations = []
        for number in range(image.n_frames):  # equal neighbours are one
            image.seek(number)
            image.load()  # only then is it known
            durations.append(image.info["duration"])
        assert sum(durations) == 3000
        last = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(last, sample.program().replay(30))
    # At the pace of its own frames: every other one is one of them.
    own = [frame["strokes"] for frame in sample.record()["frames"]]
    assert list(sample.replayed(9).counts)[::2] == own
    with pytest.raises(ValueError, match="painted from strokes, and there are none"):
        export(Frames(), tmp_path / "b.gif", size=20)


def test_strokes_and_frames(sample, tmp_path):
    export(sample, tmp_path / "a.npz")
    assert len(renderers.Program.load(tmp_path / "a.npz")) == len(sample.program())
    export(sample, tmp_path / "a")
    assert len(list((tmp_path / "a").glob("*.png"))) == len(sample.frames())


def test_notebooks_show_samples_and_the_corpus(sample, finished):
    assert sample._repr_html_().startswith('<img src="data:image/webp;base64,')
    shown = Corpus(finished)._repr_html_()
    assert shown.count("<img ") == min(6, len(Corpus(finished)))
