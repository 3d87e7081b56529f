import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.sources import batches, read_sources, sum_up


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def names(location: object) -> list[str]:
    return [source.name for source in read_sources(str(location))]


def test_a_folder_is_read_recursively_and_sorted_by_path(tmp_path):
    wanted = ["a-b/c.png", "a.jpg", "a/b.JPG", "a/b/c.tiff", "a0.webp", "z.gif"]
    touch(tmp_path, *wanted, "README.md", "labels.npz", "captions.txt", ".hidden.jpg", ".cache/x.jpg", "jpg")
    assert names(tmp_path) == sorted(wanted)
    for index, source in enumerate(read_sources(str(tmp_path))):
        assert source.index == index
        assert source.path == tmp_path / source.name


@given(st.lists(st.text("ab./-0é", min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_the_order_is_that_of_the_sorted_paths(tmp_path_factory, stems):
    folder = tmp_path_factory.mktemp("tree")
    touch(folder, "0.png")  # a source without any picture is refused
    for stem in stems:
        parts = [part for part in stem.split("/") if part.strip(".")]
        if parts and not any(part.startswith(".") for part in parts):
            path = folder.joinpath(*parts).with_name(parts[-1] + ".png")
            if not any((folder / parent).is_file() for parent in path.relative_to(folder).parents):
                touch(folder, str(path.relative_to(folder)))
    found = names(folder)
    assert found == sorted(found)
    assert set(found) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path):
    touch(tmp_path, "in/a.jpg", "elsewhere/b.jpg")
    (tmp_path / "in" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in")
    assert names(tmp_path / "in") == ["a.jpg", "more/b.jpg"]


def test_captions_beside_the_pictures_are_used(tmp_path):
    touch(tmp_path, "a.jpg", "b/c.jpg", "d.jpg")
    rows = [{"file": "a.jpg", "caption": "one"}, {"file": "b/c.jpg", "caption": "größer"}]
    (tmp_path / "captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert [source.caption for source in read_sources(str(tmp_path))] == ["one", "größer", None]


def test_a_glob_is_relative_to_its_fixed_part(tmp_path, monkeypatch):
    touch(tmp_path, "in/x/2.jpg", "in/1.png", "in/y/notes.txt", "in/x/3.gif")
    assert names(tmp_path / "in" / "**" / "*") == ["1.png", "x/2.jpg", "x/3.gif"]
    monkeypatch.chdir(tmp_path)
    assert names("in/*/*.jpg") == ["x/2.jpg"]
    assert names("*/1.*") == ["in/1.png"]
    assert names("in/1.png") == ["1.png"]


def test_guides_beside_a_picture_are_no_pictures(tmp_path, monkeypatch):
    touch(tmp_path, "in/cat.jpg", "in/cat.depth.png", "in/cat.saliency.png", "in/b/dog.x.webp", "in/b/dog.x.depth.png")
    assert names(tmp_path / "in") == ["b/dog.x.webp", "cat.jpg"]
    assert names(tmp_path / "in" / "**" / "*") == ["b/dog.x.webp", "cat.jpg"]
    assert sum_up(read_sources(str(tmp_path / "in" / "*.jpg"))).count == 1
    with pytest.raises(ValueError, match="no picture in"):  # though their pictures are no part of the source
        names(tmp_path / "in" / "*.png")
    monkeypatch.chdir(tmp_path / "in")
    with pytest.raises(ValueError, match="no picture in"):
        names("*.png")


def test_what_only_looks_like_a_guide_is_a_picture(tmp_path):
    wanted = ["alone.depth.png", "cat.depth.jpg", "cat.edges.png", "cat.jpg", "catdepth.png", "x/cat.depth.png"]
    touch(tmp_path, *wanted, "y/cat.depth.png", "y/cat.txt")
    assert names(tmp_path) == [*wanted, "y/cat.depth.png"]
    assert names(tmp_path / "**" / "*.png") == [name for name in names(tmp_path) if name.endswith(".png")]
    (tmp_path / "list.jsonl").write_text('{"file": "y/cat.depth.png"}')
    assert names(tmp_path / "list.jsonl") == ["y/cat.depth.png"]


def test_a_jsonl_manifest_keeps_its_order(tmp_path):
    lines = ['{"file": "z.jpg", "caption": "last"}', "", '{"file": "sub/a.jpg", "more": 1}', '{"file": "./b.jpg"}']
    (tmp_path / "list.jsonl").write_text("\n".join(lines))
    sources = list(read_sources(str(tmp_path / "list.jsonl")))
    assert [(s.name, s.caption) for s in sources] == [("z.jpg", "last"), ("sub/a.jpg", None), ("b.jpg", None)]
    assert sources[1].path == tmp_path / "sub" / "a.jpg"


def test_a_csv_manifest_from_a_spreadsheet(tmp_path):
    text = '\ufeffid,file,caption\n1,b.jpg,"a ""barn"", red"\n2,a.jpg,\n3,c.jpg,"two\nlines"\n'
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    found = [(s.name, s.caption) for s in read_sources(str(tmp_path / "list.csv"))]
    assert found == [("b.jpg", 'a "barn", red'), ("a.jpg", None), ("c.jpg", "two\nlines")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.jsonl", b'{"file": "a.jpg"}\n{"file": ', "line 2: not JSON"),
        ("l.jsonl", b'{"file": "a.jpg"}\n"a.jpg"\n', "line 2: `file` is missing"),
        ("l.jsonl", b'{"caption": "a"}\n', "line 1: `file` is missing"),
        ("l.jsonl", b'{"file": "a.jpg", "caption": 7}\n', "line 1: `caption` is 7"),
        ("l.jsonl", b'{"file": "\xff.jpg"}\n', "line 1: not JSON"),
        ("l.csv", b"name,caption\na.jpg,x\n", "line 1: no column named `file` among name, caption"),
        ("l.csv", b"", "no column named `file` among none"),
        ("l.csv", b"file,caption\na.jpg,x\n,y\n", "line 3: `file` is missing"),
        ("l.csv", b"file,caption\n\xff\xfe.jpg,x\n", "not CSV in UTF-8"),
    ],
)
def test_a_bad_manifest_says_where(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        list(read_sources(str(tmp_path / name)))


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(read_sources(str(tmp_path / "nowhere")))
    with pytest.raises(FileNotFoundError):
        list(read_sources(str(tmp_path / "no.jsonl")))
    with pytest.raises(ValueError, match="no picture in"):
        list(read_sources(str(tmp_path)))


def test_the_digest_notices_what_matters(tmp_path):
    touch(tmp_path, "a.jpg", "b.jpg")
    before = sum_up(read_sources(str(tmp_path)))
    assert before == sum_up(read_sources(str(tmp_path)))
    assert before.count == 2
    (tmp_path / "captions.jsonl").write_text('{"file": "a.jpg", "caption": "new"}')
    captioned = sum_up(read_sources(str(tmp_path)))
    (tmp_path / "b.jpg").rename(tmp_path / "c.jpg")
    renamed = sum_up(read_sources(str(tmp_path)))
    assert len({before.digest, captioned.digest, renamed.digest}) == 3


def test_batches_cover_everything_in_order(tmp_path):
    touch(tmp_path, *(f"{index}.jpg" for index in range(7)))
    cut = list(batches(read_sources(str(tmp_path)), 3))
    assert [len(batch) for batch in cut] == [3, 3, 1]
    assert [source.index for batch in cut for source in batch] == list(range(7))
