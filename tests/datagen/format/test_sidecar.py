import json

import pytest

from underpaint.datagen.format.sidecar import parse_sidecar, sidecar_paths
from underpaint.datagen.storage.sidecars import existing_sidecars, read_sidecars
from underpaint.datagen.storage.store import Store


def test_entries_know_the_number_of_their_picture(finished):
    sidecars = list(read_sidecars(finished))
    assert [sidecar.shard for sidecar in sidecars] == ["000000", "000001", "000002"]
    assert [entry.index for sidecar in sidecars for entry in sidecar.samples] == list(range(10))
    assert [sidecar.shard for sidecar in read_sidecars(finished, ["000001.json"])] == ["000001"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b'{"format": 1, "samples": 3}'])
def test_a_damaged_sidecar_is_named(tmp_path, content):
    with pytest.raises(ValueError, match=r"^there is not a sidecar"):
        parse_sidecar(content, "there")
    (tmp_path / "000000.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"000000.json is not a sidecar"):
        list(read_sidecars(tmp_path))


def test_a_newer_format_is_refused():
    with pytest.raises(ValueError, match="there has format 2, this program reads 1: update it"):
        parse_sidecar(b'{"format": 2}', "there")


def test_sidecars_are_told_from_other_json(tmp_path):
    for name in (
        "job.json",
        "manifest.json",
        "000010.json",
        "000002.json",
        "1000000.json",
        "12-a.json",
        ".000003.json",
    ):
        (tmp_path / name).touch()
    assert [path.name for path in sidecar_paths(tmp_path)] == ["000002.json", "000010.json", "1000000.json"]
    assert existing_sidecars(Store(str(tmp_path))) == ["000002.json", "000010.json", "1000000.json"]


def test_nothing_there(tmp_path):
    (tmp_path / "job.json").touch()
    with pytest.raises(FileNotFoundError, match="holds no finished shard"):
        existing_sidecars(Store(str(tmp_path)))


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (("samples", 0, "members", "webp"), [512, 1 << 40]),
        (("samples", 0, "members", "webp"), [-1, 5]),
        (("samples", 0, "offset"), 1e18),
        (("samples", 0, "key"), 7),
        (("samples", 0, "source"), ["a"]),
        (("samples", 0, "strokes"), True),
        (("count",), "10"),
        (("bytes",), 1 << 63),
        (("samples",), 3),
    ],
)
def test_values_that_no_sidecar_has_are_refused(finished, names, value):
    record = json.loads((finished / "000000.json").read_bytes())
    inner = record
    for name in names[:-1]:
        inner = inner[name]
    inner[names[-1]] = value
    with pytest.raises(ValueError, match="here is not a sidecar: "):
        parse_sidecar(json.dumps(record).encode(), "here")


@pytest.mark.parametrize("data", [b"[" * 100_000, b"\xff", b"[]", b"3", b'{"format": NaN}', b'{"format": 1}', b""])
def test_what_is_no_sidecar_is_said(data):
    with pytest.raises(ValueError, match="here is not a sidecar: "):
        parse_sidecar(data, "here")
