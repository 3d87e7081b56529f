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
