import json
import os

import pytest

from underpaint.datagen.jobs.job import committed_shards, differences, examined, missing_shards, open_job
from underpaint.datagen.jobs.snapshot import open_source
from underpaint.datagen.painting.painter import PaintingMaker, with_options


def opened(config):
    maker = PaintingMaker(with_options(config))
    return open_job(maker, open_source(maker))


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def test_a_job_is_planned_once(configure, out):
    job = opened(configure(out))
    plan = (out / "job.json").read_bytes()
    assert (job.shards, [job.shard_sources(index) for index in range(3)]) == (3, [4, 4, 2])
    again = opened(configure(out, workers=2, max_retries=0))
    assert (again.sources.total, again.fingerprint) == (job.sources.total, job.fingerprint)
    assert (out / "job.json").read_bytes() == plan
    assert json.loads(plan)["fingerprint"] == job.fingerprint


def test_another_configuration_is_refused_key_by_key(configure, out):
    opened(configure(out))
    with pytest.raises(ValueError, match="another configuration") as refusal:
        opened(configure(out, strokes=99, background="black"))
    lines = str(refusal.value).splitlines()
    assert lines[1:3] == ['  background: "white" -> "black"', "  strokes: 24 -> 99"]
    assert "--out" in lines[-1]


def test_other_pictures_are_refused(configure, pictures, out, tmp_path):
    opened(configure(out))
    (tmp_path / "one.jsonl").write_text(json.dumps({"file": str(pictures / "p1.png")}))
    with pytest.raises(ValueError, match=r"sources.count: 10 -> 1"):
        opened(configure(out, source=str(tmp_path / "one.jsonl")))


def test_another_version_is_refused(configure, out):
    opened(configure(out))
    plan = json.loads((out / "job.json").read_bytes())
    (out / "job.json").write_text(json.dumps(plan | {"version": "0.0.1"}))
    with pytest.raises(ValueError, match=r'version: "0.0.1" -> '):
        opened(configure(out))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_plan_is_not_overwritten(configure, out, content):
    (out / "job.json").write_bytes(content)
    with pytest.raises(ValueError, match="job"):
        opened(configure(out))
    assert (out / "job.json").read_bytes() == content


def test_what_is_done_is_what_has_a_sidecar_and_a_tar(configure, corpus):
    job = opened(configure(corpus, store_target=True))
    assert committed_shards(job) == {0, 1, 2}
    assert list(job.tasks({0, 1, 2})) == []
    (corpus / "000000.json").unlink()
    (corpus / "000001.tar").unlink()
    (corpus / "000002.json").write_bytes(b'{"half')
    assert committed_shards(job) == set()
    assert missing_shards(job, {1}) == ["000000", "000002"]
    assert [task.index for task in job.tasks({1})] == [0, 2]
    assert [source.index for task in job.tasks({1}) for source in task.sources] == [0, 1, 2, 3, 8, 9]


def test_a_truncated_tar_is_not_done(configure, corpus):
    job = opened(configure(corpus, store_target=True))
    tar = corpus / "000001.tar"
    os.truncate(tar, tar.stat().st_size - 512)  # the sidecar is whole, as after a crash of a disk
    assert committed_shards(job) == {0, 2}
    assert [(sidecar.shard, done) for sidecar, done in examined(job) if not done] == [("000001", False)]


def test_shards_without_a_plan_must_be_ours(configure, corpus):
    (corpus / "job.json").unlink()
    with pytest.raises(ValueError, match=r"000000.json belongs to another job"):
        opened(configure(corpus, seed=5))
    assert not (corpus / "job.json").exists()
    opened(configure(corpus, store_target=True))
    assert (corpus / "job.json").exists()


def test_a_list_that_changes_meanwhile_changes_nothing_or_is_noticed(configure, out, tmp_path):
    manifest = tmp_path / "list.jsonl"
    manifest.write_text(json.dumps({"file": "a.png"}) + "\n")
    new, old = opened(configure(out, source=str(manifest))), opened(configure(out, source=str(manifest)))
    manifest.write_text(json.dumps({"file": "other.png"}) + "\n")
    assert [source.name for task in new.tasks(set()) for source in task.sources] == ["a.png"]  # it has kept the list
    with pytest.raises(ValueError, match="changed while the job ran"):
        list(old.tasks(set()))
    with pytest.raises(ValueError, match=r"sources\.digest"):
        opened(configure(out, source=str(manifest)))


def test_differences_of_json_values():
    old, new = {"a": 1, "b": {"c": [1, 2], "d": None}}, {"a": 1, "b": {"c": (1, 2), "e": "x"}}
    assert differences(old, new) == ['b.e: null -> "x"']
