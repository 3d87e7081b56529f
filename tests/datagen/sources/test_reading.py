import io
import json
import os
import re
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.datagen.buckets import BUCKET, s3_server
from tests.datagen.helpers import SMALL, quietly, summed
from tests.datagen.tars import encoded, tarred
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.dedupe import dedupe
from underpaint.datagen.pictures.names import PICTURE_SUFFIXES
from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.seeds import sample_seed
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.summary.tables import summary_table
from underpaint.datagen.trust.verify import verify


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
    assert summed(read_sources(str(tmp_path / "in" / "*.jpg"))).count == 1
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
        ("l.jsonl", b'{"file": "\xff.jpg"}\n', "line 1: not UTF-8"),
        ("l.csv", b"name,caption\na.jpg,x\n", r"line 1: no column named `file` \(or `url`\) among name, caption"),
        ("l.csv", b"", r"no column named `file` \(or `url`\) among none"),
        ("l.csv", b"file,caption\na.jpg,x\n,y\n", "line 3: `file` is missing"),
        ("l.csv", b"file,caption\n\xff\xfe.jpg,x\n", "line 2: not UTF-8: save the list as UTF-8"),
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


# --- lists, tars and tables, wherever they lie


def put(location: str, data: bytes) -> str:
    with fsspec.open(location, "wb", auto_mkdir=True) as file:
        file.write(data)
    return location


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder here and on a store, of two tars of two pictures each."""
    location = str(tmp_path / "in") if request.param == "local" else f"memory://{request.node.originalname}"
    for tar in range(2):
        members = {f"{tar}{n}.{end}": data for n in range(2) for end, data in (("png", encoded(n)), ("txt", b"red"))}
        put(f"{location}/{tar:03d}.tar", tarred(members))
    return location


TARRED = ["000.tar/00.png", "000.tar/01.png", "001.tar/10.png", "001.tar/11.png"]


def test_tars_by_folder_glob_range_and_alone(root):
    for location in (root, f"{root}/*.tar", f"{root}/{{000..001}}.tar"):
        assert names(location) == TARRED
    assert names(f"{root}/001.tar") == TARRED[2:]
    assert [source.index for source in read_sources(root, 3)] == [3]
    assert [source.name for source in read_sources(root, 3)] == TARRED[3:]
    assert {source.caption for source in read_sources(root)} == {"red"}
    with pytest.raises(FileNotFoundError, match=r"002.tar"):
        names(f"{root}/{{000..002}}.tar")
    with pytest.raises(FileNotFoundError, match="fits no file"):
        names(f"{root}/x*.tar")


def test_a_folder_of_pictures_is_that_whatever_else_is_in_it(root):
    put(f"{root}/sub/a.png", b"x")
    assert names(root) == ["sub/a.png"]


def test_tars_before_tables(root):
    put(f"{root}/000.parquet", b"what img2dataset says of the pictures")
    assert names(root) == TARRED


def test_a_compressed_tar_is_refused(tmp_path):
    for name in ("a.tar.gz", "b.zip", "c.tgz"):
        (tmp_path / name).touch()
        with pytest.raises(ValueError, match="compressed archive"):
            names(tmp_path / name)


def test_several_lists_are_one_source(tmp_path):
    for part in "ab":
        (tmp_path / f"{part}.jsonl").write_text(f'{{"file": "{part}1.jpg"}}\n{{"file": "{part}2.jpg"}}\n')
    assert names(tmp_path / "*.jsonl") == ["a1.jpg", "a2.jpg", "b1.jpg", "b2.jpg"]
    assert [source.name for source in read_sources(str(tmp_path / "*.jsonl"), 3)] == ["b2.jpg"]


def test_a_remote_folder_is_read_as_a_local_one(tmp_path):
    wanted = ["a-b/c.png", "a.jpg", "a/b.JPG", "z.gif"]
    rows = "".join(json.dumps({"file": name, "caption": name.upper()}) + "\n" for name in wanted[:2])
    for root in (str(tmp_path), "memory://folder"):
        for name in (*wanted, "a/b.depth.png", ".hidden/d.jpg", "notes.txt"):
            put(f"{root}/{name}", b"x")
        put(f"{root}/captions.jsonl", rows.encode())
        assert names(root) == names(f"{root}/") == wanted
        assert [source.caption for source in read_sources(root)] == ["A-B/C.PNG", "A.JPG", None, None]
        assert names(f"{root}/**/*.png") == ["a-b/c.png"]
        assert names(f"{root}/a.jpg") == ["a.jpg"]
        assert [source.name for source in read_sources(root, 2)] == wanted[2:]
        with pytest.raises(FileNotFoundError, match="nowhere"):
            names(f"{root}/nowhere")
    assert next(read_sources("memory://folder")).path == Extent("memory://folder/a-b/c.png")
    assert summed(read_sources(str(tmp_path))) == summed(read_sources("memory://folder"))


def stamp_of(location):
    return read_sources(location).stamp()


def test_a_stamp_stays_while_the_lists_do(root):
    before = stamp_of(root)
    assert before is not None
    assert stamp_of(root) == before
    put(f"{root}/001.tar", tarred({"new.png": b"1"}))
    changed = stamp_of(root)
    assert changed != before
    put(f"{root}/002.tar", tarred({"new.png": b"1"}))
    assert stamp_of(root) not in (before, changed)
    put(f"{root}/a.png", b"x")
    for pictures in (root, f"{root}/a.png", f"{root}/*.png"):
        assert stamp_of(pictures) is None


def test_credits_and_pictures_travel_from_a_bucket_into_the_samples(tmp_path):
    """On S3, once as a list of files, once as a tar: the paintings are the same, but for their seeds' names."""
    with pytest.MonkeyPatch.context() as patch, s3_server(patch):
        where = f"s3://{BUCKET}/in"
        for number in range(3):
            put(f"{where}/pictures/{number}.png", encoded(number))
        rows = [{"file": f"pictures/{n}.png", "license": "CC0-1.0", "title": f"No. {n}"} for n in range(4)]
        put(f"{where}/l.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
        put(f"{where}/s.tar", tarred({f"{number}.png": encoded(number) for number in range(3)}))
        corpora = []
        for name in ("l.jsonl", "s.tar", "pictures"):
            out = tmp_path / name.partition(".")[0]
            config = SMALL | {"source": f"{where}/{name}", "out": out, "store_target": True}
            assert quietly(GenerateConfig(**config)).complete
            corpora.append(Corpus(out))
        listed, tar, folder = ([sample.record() for sample in corpus] for corpus in corpora)
        assert [(r["license"], r["title"]) for r in listed] == [("CC0-1.0", f"No. {n}") for n in range(3)]
        assert not any("license" in record for record in tar + folder)
        assert [record["source"] for record in tar] == ["s.tar/0.png", "s.tar/1.png", "s.tar/2.png"]
        targets = [[sample.member("target.webp") for sample in corpus] for corpus in corpora]
        assert targets[0] == targets[1] == targets[2]
        (missing,) = json.loads((tmp_path / "l" / "000000.json").read_bytes())["failures"]
        assert (missing["source"], missing["reason"]) == ("pictures/3.png", "missing")


def told(location: object) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Names and captions of a source, and what is noted of it."""
    stream = read_sources(str(location))
    return [(source.name, source.caption) for source in stream], list(stream.notes.lines())


def test_captions_of_models_come_after_those_of_people_and_are_told_apart(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        put(f"{tmp_path}/{name}", b"x")
        put(f"{tmp_path}/{name[0]}.caption.json", b'{"caption": "by\\n a model", "caption_model": "blip 01"}')
    put(f"{tmp_path}/b.txt", b"by a person")
    for location in (str(tmp_path), f"{tmp_path}/*.jpg"):
        sources = read_sources(location)
        assert [(source.caption, source.credits) for source in sources] == [
            ("by a model", (("caption_model", "blip 01"),)),
            ("by a person", ()),
        ]
        assert list(sources.notes.lines()) == []
    assert [source.caption for source in read_sources(f"{tmp_path}/a.jpg")] == ["by a model"]
    for content in (b"{", b"[]", b'{"caption": "a"}', b'{"caption": 1, "caption_model": "b"}'):
        put(f"{tmp_path}/a.caption.json", content)
        with pytest.raises(ValueError, match=r"a.caption.json is no caption of a model .*: remove it"):
            list(read_sources(str(tmp_path)))


def test_captions_lie_beside_pictures_in_folders_patterns_and_alone(tmp_path):
    for root in (str(tmp_path / "in"), "memory://beside"):
        for name, text in (
            ("a.txt", " a red\nbarn"),
            ("b.caption", "größe"),
            ("c.txt", " \n"),
            ("x/d.txt", "not this"),
        ):
            put(f"{root}/{name}", text.encode())
        for name in ("a.jpg", "b.png", "c.png", "x/d.png", "x/e.png"):
            put(f"{root}/{name}", b"x")
        wanted = [
            ("a.jpg", "a red barn"),
            ("b.png", "größe"),
            ("c.png", None),
            ("x/d.png", "not this"),
            ("x/e.png", None),
        ]
        assert told(root) == (wanted, [])
        assert told(f"{root}/**/*.png")[0] == wanted[1:]
        assert told(f"{root}/a.jpg")[0] == wanted[:1]
        rows = '{"file": "x/d.png", "caption": "this"}\n{"file": "gone.png"}\n{"file": "a.jpg", "license": "CC0"}\n'
        put(f"{root}/captions.jsonl", rows.encode())
        found, lines = told(root)
        assert found == [*wanted[:3], ("x/d.png", "this"), wanted[4]]
        assert lines == [
            "caption files that aren't read, as a list in the folder has those captions: 1, x/d.txt",
            f"rows of captions that name no picture in {root}: 1, gone.png",
        ]
        put(f"{root}/a.txt", b"\xe9")
        with pytest.raises(ValueError, match=r"a.txt is no text in UTF-8 .*: save it as UTF-8"):
            told(root)


def test_a_picture_may_have_the_longest_name_there_is(tmp_path):
    name = "z" * 251 + ".png"
    touch(tmp_path, name)
    assert names(tmp_path / name) == names(tmp_path) == [name]


def test_files_that_are_not_read_are_counted_by_their_endings(tmp_path, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.pictures.names.PICTURE_SUFFIXES", PICTURE_SUFFIXES - {".heic"})
    touch(tmp_path, "a.jpg", "b.PSD", "c/d.heic", "c/e.heic", "README", "notes.txt", "a.depth.png", ".hidden.cr2")
    line = (
        "passed over, by their endings: 2 .heic, 1 without an ending, 1 .psd, 1 .txt; "
        "HEIC needs pip install 'underpaint[heic]'"
    )
    assert told(tmp_path) == ([("a.jpg", None)], [line])
    assert told(tmp_path / "**" / "*") == told(tmp_path)
    for name in ("a.jpg", "a.depth.png"):
        (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=r"no picture in .*, but 2 .heic, 1 without an ending"):
        told(tmp_path)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("list.json", "write one object in each line, and call it .jsonl"),
        ("list.txt", "call it .csv and put a line `file` first"),
        ("list.xlsx", "save it as .csv"),
        ("list.yaml", "make it a .jsonl, .csv or .parquet"),
        ("clip.mp4", "recordings are for `underpaint-data import`"),
        ("picture.psd", "files ending in .apng"),
        ("nothing", "files ending in .apng"),
    ],
)
def test_what_is_no_source_is_refused_with_what_to_do(tmp_path, name, fix):
    (tmp_path / name).write_text("a.jpg\n")
    with pytest.raises(ValueError, match=f"{name}' is not a picture, nor a list that is read: {fix}"):
        told(tmp_path / name)


def test_a_picture_without_an_ending_is_one_by_its_content(tmp_path):
    (tmp_path / "IMG_1").write_bytes(encoded(0))
    assert names(tmp_path / "IMG_1") == ["IMG_1"]


def test_an_empty_list_says_that(tmp_path):
    (tmp_path / "l.csv").write_text("file,caption\n")
    with pytest.raises(ValueError, match=r"no picture in .*l.csv': there is no row in it"):
        told(tmp_path / "l.csv")


BAD_NAMES = [
    "2\0.png", "z" * 300 + ".png", "nosuch://x/y.png", "a.png/b.png", "in", "loop.png", "file:///none.png",
    "http://[::1/a.png", "github://x/y.png", "zip://a::b.png", "/" + "a/" * 3000 + "b.png", "\udcff.png", "..", "a\nb",
]  # fmt: skip


def test_a_name_that_leads_nowhere_is_its_picture_s_failure(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    (tmp_path / "loop.png").symlink_to("loop.png")
    rows = [
        {"file": "a.png", "text": "a barn", "rating": 5},
        *({"file": name} for name in BAD_NAMES),
        {"file": "b.png"},
    ]
    (tmp_path / "l.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(encoded(0, size=(32, 32)))
    config = GenerateConfig(**SMALL | {"source": str(tmp_path / "l.jsonl"), "out": tmp_path / "out", "shard_size": 99})
    result = quietly(config)
    assert result.complete
    assert [sample.entry.source for sample in Corpus(tmp_path / "out")] == ["a.png", "b.png"]
    failures = json.loads((tmp_path / "out" / "000000.json").read_bytes())["failures"]
    assert [failure["index"] for failure in failures] == list(range(1, len(BAD_NAMES) + 1))
    assert {failure["reason"] for failure in failures} == {"missing", "unreadable"}
    assert all("\n" not in failure["detail"] for failure in failures)
    # What was read of the list is said, and stays known when it isn't read again.
    assert any(record.getMessage().endswith("l.jsonl: not read: rating") for record in caplog.records)
    for again in (result, quietly(config)):
        console = Console(file=io.StringIO(), width=200)
        console.print(summary_table(again))
        assert re.search(rf"captions +│ 1 of {len(rows)} pictures", console.file.getvalue())


def test_names_that_are_not_utf_8_leave_a_corpus_readable(tmp_path):
    """As Hugging Face's datasets read it; two names that become one stay two samples."""
    names = [b"a.png", b"\xfe.png", b"\xff.png"]
    (tmp_path / "in").mkdir()
    for number, name in enumerate(names):
        (tmp_path / "in" / os.fsdecode(name)).write_bytes(encoded(number, size=(32, 32)))
    config = SMALL | {"source": str(tmp_path / "in"), "out": tmp_path / "out"}
    assert quietly(GenerateConfig(**config)).complete
    corpus = Corpus(tmp_path / "out")
    assert [sample.record()["source"] for sample in corpus] == ["a.png", "\ufffd.png", "\ufffd.png"]
    seeds = [sample.entry.seed for sample in corpus]
    assert seeds == [sample_seed(0, os.fsdecode(name), "bezier") for name in names]
    assert not verify(tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert b"\\udc" not in path.read_bytes()
    dedupe(str(tmp_path / "in"), tmp_path / "in" / "list.jsonl")
    assert quietly(
        GenerateConfig(**config | {"source": str(tmp_path / "in" / "list.jsonl"), "out": tmp_path / "b"})
    ).complete
    assert [sample.entry.seed for sample in Corpus(tmp_path / "b")] == seeds
