import json
from dataclasses import replace

import fsspec
import pytest

from underpaint.datagen.format.sample import Failure
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.format.sidecar import SampleEntry, Sidecar
from underpaint.datagen.jobs.plan import Part
from underpaint.datagen.storage.store import Store
from underpaint.datagen.trust.verify_shard import Fault, ShardCheck, account_faults, check_shard


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


# --- whether a sidecar accounts for every painting of its pictures

BOTH = ("bezier", "oil")


def entry(index: int, renderer: str) -> SampleEntry:
    return SampleEntry(
        key=f"{index:08d}-p{index}-{renderer}",
        source=f"p{index}.png",
        renderer=renderer,
        strokes=1,
        psnr=None,
        seed=0,
        offset=0,
        bytes=0,
        members={},
    )


def failure(index: int, renderer: str | None) -> Failure:
    return Failure(source=f"p{index}.png", index=index, renderer=renderer, reason="r", detail="d")


def sidecar(samples: list[SampleEntry], failures: list[Failure]) -> Sidecar:
    return Sidecar(
        shard="000001",
        fingerprint="f",
        first=4,
        last=6,
        count=len(samples),
        bytes=0,
        sha256="",
        samples=tuple(samples),
        failures=tuple(failures),
        seconds={},
        versions={},
    )


GOOD = sidecar(
    [entry(4, "bezier"), entry(4, "oil"), entry(5, "oil")],
    [failure(5, "bezier"), failure(6, None)],
)


def faults(changed: Sidecar) -> list[tuple[str, str]]:
    return list(account_faults(changed, lambda source: BOTH))


def test_every_picture_has_a_sample_or_a_failure_for_each_of_its_renderers():
    assert faults(GOOD) == []
    assert list(account_faults(GOOD, None)) == []


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"count": 4}, ["count"]),
        ({"samples": GOOD.samples[:2], "count": 2}, ["renderers"]),
        ({"samples": (*GOOD.samples, entry(6, "oil")), "count": 4}, ["renderers"]),
        ({"samples": (*GOOD.samples, entry(5, "oil")), "count": 4}, ["renderers"]),
        ({"samples": (*GOOD.samples[1:], entry(4, "ink"))}, ["renderers"]),
        ({"failures": GOOD.failures[:1]}, ["count"]),
        ({"failures": (GOOD.failures[0], failure(7, None))}, ["count"]),
        ({"failures": (*GOOD.failures, failure(6, None))}, ["renderers"]),
        ({"failures": (*GOOD.failures, failure(4, "oil"))}, ["renderers"]),
        ({"samples": (*GOOD.samples[:2], replace(entry(5, "oil"), key="x-p5-oil"))}, ["key", "renderers"]),
        ({"samples": (*GOOD.samples[:2], replace(entry(5, "oil"), key="00000005-p5-ink"))}, ["key"]),
    ],
)
def test_what_is_too_few_or_too_many_is_found(changes, kinds):
    assert [kind for kind, _ in faults(replace(GOOD, **changes))] == kinds


def test_the_renderer_must_be_the_one_that_was_drawn():
    drawn = {"p4.png": "oil", "p5.png": "bezier", "p6.png": "oil"}
    good = sidecar([entry(4, "oil"), entry(5, "bezier")], [failure(6, None)])
    assert list(account_faults(good, lambda source: (drawn[source],))) == []
    other = sidecar([entry(4, "bezier"), entry(5, "bezier")], [failure(6, None)])
    ((kind, detail),) = account_faults(other, lambda source: (drawn[source],))
    assert (kind, detail) == ("renderers", "picture 4 (p4.png) has samples or failures of bezier instead of oil")


def test_without_a_job_any_renderers_will_do_but_none_twice():
    twice = replace(GOOD, samples=(*GOOD.samples, entry(5, "oil")), count=4)
    assert [kind for kind, _ in account_faults(twice, None)] == ["renderers"]
