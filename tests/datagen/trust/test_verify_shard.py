import json

import fsspec

from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.jobs.plan import Part
from underpaint.datagen.storage.store import Store
from underpaint.datagen.trust.verify_shard import Fault, ShardCheck, check_shard


def check(folder, **changes):
    store = Store(str(folder))
    values = {"store": store, "shard": "000001", "part": None, "size": store.size("000001.tar")} | changes
    return check_shard(ShardCheck(**values))


def test_a_whole_shard(finished):
    part = Part(json.loads((finished / "job.json").read_bytes()))
    checked = check(finished, part=part)
    assert (checked.shard, checked.faults) == ("000001", [])
    assert checked.sidecar.count == 4


def test_how_much_is_read(corpus):
    path = corpus / "000001.tar"
    data = bytearray(path.read_bytes())
    data[600] ^= 1  # in the pixels of the first sample
    path.write_bytes(data)
    assert check(corpus, read=False).faults == []
    assert [fault.kind for fault in check(corpus, replay=False).faults] == ["checksum"]
    kinds = [fault.kind for fault in check(corpus).faults]
    assert kinds[0] == "checksum"
    assert len(kinds) > 1


def test_a_remote_shard_is_fetched_once(finished):
    memory = fsspec.filesystem("memory")
    for name in ("000001.json", "000001.tar"):
        memory.pipe_file(f"/verify-shard/{name}", (finished / name).read_bytes())
    remote = Store("memory://verify-shard")
    assert check(finished, store=remote).faults == []
    memory.pipe_file("/verify-shard/000001.tar", (finished / "000000.tar").read_bytes())
    assert check(finished, store=remote).faults[0].kind == "checksum"


def test_no_tar_and_no_sidecar(corpus):
    assert [fault.kind for fault in check(corpus, size=None).faults] == ["missing-tar"]
    (corpus / "000001.tar").unlink()  # between the listing and the look
    assert [fault.kind for fault in check(corpus, size=1).faults][-1] == "tar"
    (corpus / "000001.json").unlink()
    checked = check(corpus)
    assert checked.sidecar is None
    assert [fault.kind for fault in checked.faults] == ["sidecar"]


def test_pictures_that_this_side_of_a_split_hasn_t(finished, corpus):
    job = json.loads((finished / "job.json").read_bytes())
    faults = check(finished, part=Part(job, draws=(0.0, 0.3))).faults
    assert {fault.kind for fault in faults} == {"side"}
    path = corpus / "000001.json"
    sidecar = json.loads(path.read_bytes())
    path.write_bytes(sealed_bytes(sidecar | {"first": 5}))
    assert "count" in {fault.kind for fault in check(corpus, part=Part(job)).faults}


def test_a_fault_in_one_line():
    assert str(Fault("000001", "k", "psnr", "is wrong")) == "000001/k: psnr: is wrong"
    assert str(Fault("", "", "job", "is gone")) == "corpus: job: is gone"
