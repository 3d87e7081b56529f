from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from tests.datagen.videos import painting, write_pictures, write_video
from underpaint.datagen.pictures.picture import BadPicture, Canvas
from underpaint.datagen.recordings.footage import natural_order, shots

CANVAS = Canvas(size=72, square=False, background=(255, 255, 255), min_side=16, max_pixels=10**6, max_aspect=4)


def pictures(path, canvas=CANVAS):
    return [shot.picture(canvas).pixels for shot in shots(path)]


def test_people_count_to_ten():
    names = ["b.jpg", "10.jpg", "2.jpg", "a10-2.jpg", "a2-10.jpg", "002.jpg", "A3.jpg"]
    assert sorted(names, key=natural_order) == [
        "002.jpg",
        "2.jpg",
        "10.jpg",
        "a2-10.jpg",
        "A3.jpg",
        "a10-2.jpg",
        "b.jpg",
    ]


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("v.mp4", "libx264", "yuv420p"),
        ("v.mov", "libx264", "yuv420p"),
        ("v.mkv", "libx264", "yuv444p"),
        ("v.webm", "libvpx", "yuv420p"),
        ("v.avi", "mpeg4", "yuv420p"),
    ],
)
def test_every_kind_of_video(tmp_path, name, codec, pixels):
    frames = list(painting(12))
    path = write_video(tmp_path / name, frames, codec, pixels)
    found = list(shots(path))
    assert [shot.number for shot in found] == list(range(12))
    assert [round(shot.seconds, 2) for shot in found] == [round(index / 10, 2) for index in range(12)]
    for frame, picture in zip(frames, pictures(path), strict=True):
        assert picture.shape == (72, 96, 3)
        assert np.abs(np.asarray(frame, int) - picture).mean() < 12


def test_frames_of_a_folder_come_in_order_and_exactly(tmp_path):
    frames = list(painting(12))
    folder = write_pictures(tmp_path / "f", frames)
    Image.new("RGB", (96, 72)).save(folder / "more.gif")
    for frame, picture in zip(frames, pictures(folder), strict=True):
        np.testing.assert_array_equal(picture, np.asarray(frame))
    assert {shot.seconds for shot in shots(folder)} == {None}


def test_pixels_that_aren_t_square(tmp_path):
    with av.open(str(tmp_path / "v.mp4"), "w") as video:
        stream = video.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)
        for frame in painting(3):
            video.mux(stream.encode(av.VideoFrame.from_image(frame)))
        video.mux(stream.encode(None))
    shot = next(shots(tmp_path / "v.mp4"))
    picture = shot.picture(CANVAS)
    assert (picture.size, picture.pixels.shape) == ((144, 72), (72, 144, 3))


def test_an_animated_gif(tmp_path):
    first, *more = frames = list(painting(12))
    first.save(tmp_path / "v.gif", save_all=True, append_images=more, duration=100)
    found = pictures(tmp_path / "v.gif")
    assert len(found) == 12
    assert np.abs(np.asarray(frames[-1], int) - found[-1]).mean() < 6


def test_a_transparent_gif_lies_on_the_background(tmp_path):
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    clear.save(tmp_path / "v.gif", save_all=True, append_images=[Image.new("RGBA", (32, 32), "red")], disposal=2)
    canvas = Canvas(size=32, square=True, background=(0, 0, 255), min_side=16, max_pixels=10**6, max_aspect=4)
    assert pictures(tmp_path / "v.gif", canvas)[0][5, 5].tolist() == [0, 0, 255]


def verdict(path, canvas=CANVAS):
    with pytest.raises(BadPicture) as bad:
        pictures(path, canvas)
    return bad.value.reason


def test_what_is_no_video(tmp_path):
    path = tmp_path / "v.mp4"
    assert verdict(path) == "missing"
    path.touch()
    assert verdict(path) == "empty"
    path.write_bytes(b"not a video at all" * 99)
    assert verdict(path) == "not-a-video"
    assert verdict(tmp_path / "no folder") == "missing"


def test_a_playlist_opens_nothing(tmp_path):
    write_video(tmp_path / "secret.mp4", painting(3))
    (tmp_path / "v.mp4").write_text("ffconcat version 1.0\nfile secret.mp4\n")
    assert verdict(tmp_path / "v.mp4") == "not-a-video"
    (tmp_path / "v.mp4").write_text("#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n")
    assert verdict(tmp_path / "v.mp4") == "not-a-video"


def test_a_video_that_is_cut_short(tmp_path):
    path = write_video(tmp_path / "v.mp4", painting(12))
    path.write_bytes(path.read_bytes()[:-400])
    assert verdict(path) == "not-a-video"


def test_frames_too_large_and_too_small(tmp_path):
    path = write_video(tmp_path / "v.mp4", painting(2))
    small = Canvas(size=72, square=False, background=(0, 0, 0), min_side=16, max_pixels=6000, max_aspect=4)
    assert verdict(path, small) == "too-large"
    large = Canvas(size=72, square=False, background=(0, 0, 0), min_side=80, max_pixels=10**6, max_aspect=4)
    assert verdict(path, large) == "too-small"


def test_a_broken_picture_is_named(tmp_path):
    folder = write_pictures(tmp_path / "f", painting(3))
    (folder / "1.png").write_bytes(b"x")
    with pytest.raises(BadPicture, match=r"not-a-picture: 1.png: "):
        pictures(folder)
