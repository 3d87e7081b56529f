import fsspec
import pytest

from underpaint.datagen.sources.folders import Found, files_of, is_pattern, pictures_among, pictures_below
from underpaint.datagen.sources.notes import SourceNotes


@pytest.fixture(params=["local", "memory"])
def root(request, tmp_path):
    """A folder of pictures, here and on a store."""
    location = str(tmp_path) if request.param == "local" else f"memory://{request.node.originalname}"
    for name in (
        "a.jpg",
        "a/b.png",
        "a/b.depth.png",
        "a-b.gif",
        "z/.c.jpg",
        ".d/e.jpg",
        "notes.txt",
        "z/10.tar",
        "z/9.tar",
    ):
        with fsspec.open(f"{location}/{name}", "wb", auto_mkdir=True) as file:
            file.write(b"x")
    return location


def test_pictures_in_the_order_of_their_paths(root):
    assert [found.name for found in pictures_below(root, SourceNotes())] == ["a-b.gif", "a.jpg", "a/b.png"]


def test_patterns(root):
    assert files_of(f"{root}/*.jpg") == (root, ["a.jpg"])
    assert files_of(f"{root}/**/*.png") == (root, ["a/b.depth.png", "a/b.png"])
    assert files_of(f"{root}/z/*.tar") == (f"{root}/z", ["10.tar", "9.tar"])
    assert files_of(f"{root}/none/*.tar")[1] == []
    assert list(pictures_among(root, ["a/b.depth.png", "a/b.png", "notes.txt"], SourceNotes())) == [Found("a/b.png")]


def test_ranges_keep_their_width_and_order(root):
    assert files_of(f"{root}/z/{{9..10}}.tar") == (f"{root}/z", ["9.tar", "10.tar"])
    assert files_of(f"{root}/{{008..010}}/x-{{0..1}}.tar")[1][:3] == ["008/x-0.tar", "008/x-1.tar", "009/x-0.tar"]
    assert files_of(f"{root}/z/{{1..99}}*.tar")[1] == ["10.tar", "9.tar"]


def test_what_is_a_pattern():
    assert is_pattern("in/*.jpg")
    assert is_pattern("s3://b/{000..019}.tar")
    assert is_pattern("a?.png")
    assert not is_pattern("in/a.jpg")
    assert not is_pattern("https://x.org/a.jpg?w=1")
    assert not is_pattern("{a}.tar")
    assert files_of("/*.jpg")[0] == "/"
    assert files_of("*.nothing") == (".", [])
    assert files_of("memory://nowhere*.tar") == ("memory://", [])


def test_captions_beside_pictures_are_found_by_a_listing_alone(root):
    for name in ("a.txt", "a/b.caption", "a-b.TXT", "a-b.caption"):
        with fsspec.open(f"{root}/{name}", "wb", auto_mkdir=True) as file:
            file.write(b"x")
    wanted = [Found("a-b.gif", "a-b.TXT"), Found("a.jpg", "a.txt"), Found("a/b.png", "a/b.caption")]
    notes = SourceNotes()
    assert list(pictures_below(root, notes)) == wanted
    assert notes.endings() == "2 .tar, 1 .caption, 1 .txt"
    assert list(pictures_among(root, ["a-b.gif", "a.jpg", "a/b.png"], SourceNotes())) == wanted


def test_a_link_to_itself_does_not_end_the_walk(tmp_path):
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    assert list(pictures_below(str(tmp_path), SourceNotes())) == [Found("a.jpg")]
