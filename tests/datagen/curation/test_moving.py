import json

import pytest

from underpaint.datagen.curation.moving import Move, OtherBytes, move_shard
from underpaint.datagen.jobs.plan import Part
from underpaint.datagen.storage.store import Store


@pytest.fixture
def move(finished, tmp_path):
    job = json.loads((finished / "job.json").read_bytes())

    def build(**changes):
        values = {"source": Store(str(finished)), "index": 1, "target": Store(str(tmp_path)), "shard": 1}
        return Move(**(values | {"part": Part(job)} | changes))

    return build


def test_a_shard_that_keeps_its_numbers_keeps_its_bytes(move, finished, tmp_path):
    move_shard(move())
    for name in ("000001.tar", "000001.json"):
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes()


def test_other_numbers_and_back_again(move, finished, tmp_path):
    job = json.loads((finished / "job.json").read_bytes())
    record = move_shard(move(shard=8, part=Part(job, first_shard=7, first_picture=99_999_990)))
    assert (record["shard"], record["first"], record["last"]) == ("000008", 99_999_994, 99_999_997)
    assert record["samples"][0]["key"].startswith("99999994-")
    there, back = Store(str(tmp_path)), Store(str(tmp_path / "back"))
    back.make()
    move_shard(move(source=there, index=8, target=back))
    for name in ("000001.tar", "000001.json"):
        assert (tmp_path / "back" / name).read_bytes() == (finished / name).read_bytes()


def test_numbers_that_need_more_digits(move, finished, tmp_path):
    job = json.loads((finished / "job.json").read_bytes())
    record = move_shard(move(part=Part(job, first_picture=99_999_994)))
    assert [sample["key"].partition("-")[0] for sample in record["samples"]] == [
        "99999998",
        "99999999",
        "100000000",
        "100000001",
    ]


def test_other_bytes_than_expected_are_left_out(move, tmp_path):
    with pytest.raises(OtherBytes, match="instead of 00"):
        move_shard(move(sha256="00"))
    assert list(tmp_path.iterdir()) == []


def test_a_shard_without_a_picture_is_a_shard(move, finished, tmp_path):
    job = json.loads((finished / "job.json").read_bytes())
    record = move_shard(move(part=Part(job, draws=(0.0, 0.0))))
    assert (record["count"], record["samples"], record["bytes"]) == (0, [], 10240)
    assert (tmp_path / "000001.tar").stat().st_size == 10240
