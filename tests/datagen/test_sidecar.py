import pytest

from datagen.sidecar import read_sidecar, read_sidecars


def test_entries_know_the_number_of_their_picture(finished):
    sidecars = list(read_sidecars(finished))
    assert [sidecar.shard for sidecar in sidecars] == ["000000", "000001", "000002"]
    assert [entry.index for sidecar in sidecars for entry in sidecar.samples] == list(range(10))
    assert [sidecar.shard for sidecar in read_sidecars(finished, ["000001.json"])] == ["000001"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b'{"format": 1, "samples": 3}'])
def test_a_damaged_sidecar_is_named(tmp_path, content):
    (tmp_path / "000000.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"000000.json is not a sidecar"):
        read_sidecar(tmp_path / "000000.json")


def test_a_newer_format_is_refused(tmp_path):
    (tmp_path / "000000.json").write_bytes(b'{"format": 2}')
    with pytest.raises(ValueError, match="has format 2, this program reads 1: update it"):
        read_sidecar(tmp_path / "000000.json")
