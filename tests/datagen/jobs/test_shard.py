import errno
import hashlib
import io
import itertools
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underpaint import renderers
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.format.tar import Span, TarStream
from underpaint.datagen.jobs.shard import ShardFailed, ShardTask, write_shard
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import batches

files = st.dictionaries(st.sampled_from(["webp", "json", "strokes.npz", "x"]), st.binary(max_size=1500), min_size=1)


def stream_bytes(contents: list[dict[str, bytes]]) -> tuple[bytes, list[Span], int, str]:
    buffer = io.BytesIO()
    stream = TarStream(buffer)
    spans = [stream.add(Sample(key=f"{index:08d}-k", files=each, record={})) for index, each in enumerate(contents)]
    size, digest = stream.close()
    return buffer.getvalue(), spans, size, digest


@given(st.lists(files, max_size=4))
def test_every_member_lies_where_its_span_says(contents):
    data, spans, size, digest = stream_bytes(contents)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (size, digest)
    position = 0
    for content, span in zip(contents, spans, strict=True):
        assert span.offset == position
        assert span.bytes % 512 == 0
        position += span.bytes
        for extension, (offset, length) in span.members.items():
            assert data[offset : offset + length] == content[extension]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = [(member.name, tar.extractfile(member).read()) for member in tar]
    wanted = [(f"{i:08d}-k.{name}", value) for i, content in enumerate(contents) for name, value in content.items()]
    assert found == wanted
    assert stream_bytes(contents)[0] == data


def test_headers_tell_nothing_of_where_they_were_written():
    data = stream_bytes([{"json": b"{}"}])[0]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        member = tar.getmembers()[0]
    assert (member.mtime, member.uid, member.gid, member.uname, member.gname, member.mode) == (0, 0, 0, "", "", 0o644)
    assert data[257:265] == b"ustar\x0000"


@pytest.fixture
def task(pictures, configure, tmp_path):
    sources = next(batches(read_sources(str(pictures)), 4))
    return ShardTask(index=3, sources=sources, maker=PaintingMaker(with_options(configure(tmp_path))), fingerprint="f")


def test_a_shard_and_its_sidecar(task, tmp_path):
    reports = []
    record = write_shard(task, lambda done, skipped: reports.append((done, skipped)))
    assert reports == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000003.json", "000003.tar"]
    assert json.loads((tmp_path / "000003.json").read_bytes()) == json.loads(json.dumps(record))
    data = (tmp_path / "000003.tar").read_bytes()
    assert record["sha256"] == hashlib.sha256(data).hexdigest()
    assert record["bytes"] == len(data)
    assert (record["first"], record["last"], record["count"], record["fingerprint"]) == (0, 3, 4, "f")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
    keys = [name.split(".", 1)[0] for name in names]
    assert [key for key, _ in itertools.groupby(keys)] == [sample["key"] for sample in record["samples"]]


def test_nothing_shows_before_all_is_done(task, tmp_path):
    def look(done: int, skipped: int) -> None:
        assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []

    write_shard(task, look)


def test_an_interrupted_shard_leaves_nothing(task, tmp_path):
    def interrupt(done: int, skipped: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shard(task, interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_renderer_that_paints_nothing_fails_the_shard(task, tmp_path, monkeypatch):
    def fail(*args: object, **options: object) -> None:
        raise OSError("no cache")

    monkeypatch.setattr(renderers, "paint", fail)
    with pytest.raises(ShardFailed, match=r"bezier could paint none of the pictures on .*; OSError: no cache"):
        write_shard(task, lambda done, skipped: None)
    assert list(tmp_path.iterdir()) == []


def test_a_renderer_that_fails_once_doesn_t(task, monkeypatch):
    paint, calls = renderers.paint, itertools.count()

    def fail_first(*args: object, **options: object) -> object:
        if next(calls) == 0:
            raise OSError("odd")
        return paint(*args, **options)

    monkeypatch.setattr(renderers, "paint", fail_first)
    record = write_shard(task, lambda done, skipped: None)
    assert record["count"] == 3
    assert record["failures"] == [
        {
            "source": "more/Älter Baum.jpg",
            "index": 0,
            "renderer": "bezier",
            "reason": "not-painted",
            "detail": "OSError: odd",
        }
    ]


def test_pictures_that_nobody_can_paint_don_t_fail_the_shard(task, monkeypatch):
    paint = renderers.paint

    def fail_but_for_the_test_picture(picture, **options: object) -> object:
        if picture.shape != (32, 32, 3):
            raise ZeroDivisionError("poison")
        return paint(picture, **options)

    monkeypatch.setattr(renderers, "paint", fail_but_for_the_test_picture)
    record = write_shard(task, lambda done, skipped: None)
    assert record["count"] == 0
    assert [failure["reason"] for failure in record["failures"]] == ["not-painted"] * 4


@pytest.fixture
def two_media(task, charcoal):
    return replace(task, maker=PaintingMaker(with_options(replace(task.maker.config, renderer="bezier,charcoal"))))


def test_every_picture_in_every_medium(two_media, tmp_path):
    reports = []
    record = write_shard(two_media, lambda done, skipped: reports.append((done, skipped)))
    assert reports == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert record["count"] == 8
    assert [sample["renderer"] for sample in record["samples"]] == ["bezier", "charcoal"] * 4
    assert [sample["key"][:8] for sample in record["samples"]] == [f"{index:08d}" for index in range(4) for _ in "ab"]


def test_a_shard_is_the_same_whatever_order_its_pictures_were_drawn_in(two_media, tmp_path):
    mixed = replace(two_media, maker=PaintingMaker(replace(two_media.maker.config, mix=True)))
    drawn = {sample["source"]: sample["renderer"] for sample in write_shard(mixed, lambda *_: None)["samples"]}
    assert len(set(drawn.values())) == 2
    backwards = replace(mixed, sources=mixed.sources[::-1])
    again = {sample["source"]: sample["renderer"] for sample in write_shard(backwards, lambda *_: None)["samples"]}
    assert again == drawn


def test_a_renderer_that_fails_once_is_a_failure_of_that_sample(two_media, charcoal, monkeypatch):
    fit, calls = charcoal.fit, itertools.count()

    def fail_second(*args: object, **options: object) -> object:
        if next(calls) == 1:
            raise OSError("odd")
        return fit(*args, **options)

    monkeypatch.setattr(charcoal, "fit", fail_second)
    reports = []
    record = write_shard(two_media, lambda done, skipped: reports.append((done, skipped)))
    assert reports == [(1, 0), (2, 1), (3, 1), (4, 1)]
    assert record["count"] == 7
    assert [(f["index"], f["renderer"], f["reason"]) for f in record["failures"]] == [(1, "charcoal", "not-painted")]


def test_one_of_two_renderers_that_paints_nothing_fails_the_shard(two_media, charcoal, monkeypatch, tmp_path):
    def fail(*args: object, **options: object) -> None:
        raise OSError("no cache")

    monkeypatch.setattr(charcoal, "fit", fail)
    with pytest.raises(ShardFailed, match=r"charcoal could paint none .*; OSError: no cache"):
        write_shard(two_media, lambda done, skipped: None)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_out_of_reach_fails_the_shard_or_is_skipped(task, monkeypatch):
    monkeypatch.setattr(Path, "open", refusing_one(Path.open))
    with pytest.raises(ShardFailed, match=r"p2\.png is out of reach: Input/output error"):
        write_shard(task, lambda done, skipped: None)
    skipping = replace(task, maker=PaintingMaker(replace(task.maker.config, unreachable="skip")))
    assert [f["reason"] for f in write_shard(skipping, lambda *_: None)["failures"]] == ["unreachable"]


def refusing_one(real):
    def open_(path, *arguments, **options):
        if path.name == "p2.png":
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *arguments, **options)

    return open_


def test_a_source_that_is_unmounted_in_the_middle_fails_the_shard(task, tmp_path, pictures):
    root = tmp_path / "mounted"
    shutil.copytree(pictures, root)
    sources = next(batches(read_sources(str(root)), 4))
    mounted = replace(task, sources=sources, root=root)
    assert write_shard(mounted, lambda *_: None)["count"] == 4
    sources[0].path.unlink()
    assert [f["reason"] for f in write_shard(mounted, lambda *_: None)["failures"]] == ["missing"]
    for is_empty in (True, False):
        shutil.rmtree(root)
        if is_empty:
            root.mkdir()
        with pytest.raises(ShardFailed, match=r"mounted is gone or empty on .*: is it mounted"):
            write_shard(mounted, lambda *_: None)
