import json

import pytest

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.jobs.plan import JOB_FILE, Part, Plan, fingerprint_of, read_plan
from underpaint.datagen.storage.store import Store


@pytest.fixture
def job(finished):
    return json.loads((finished / JOB_FILE).read_bytes())


def test_the_plan_of_a_single_job(finished, job):
    plan = read_plan(Store(str(finished)))
    assert plan.is_plain
    assert (plan.shards, plan.pictures) == (3, 10)
    assert plan.fingerprint == job["fingerprint"] == fingerprint_of(job)
    assert plan.record() == job
    part = plan.part_of(2)
    assert part == Part(job)
    assert part.pictures_of(2) == (8, 9)
    assert part.media_of("p0.png") == ("bezier",)
    assert plan.part_of(3) is None


def test_several_parts_are_read_as_they_were_written(job, tmp_path):
    parts = (Part(job), Part(job, first_shard=3, first_picture=10, draws=(0.25, 1.0)))
    plan, store = Plan(parts), Store(str(tmp_path))
    store.write(JOB_FILE, canonical_json(plan.record(), indent=1))
    assert read_plan(store) == plan
    assert (plan.shards, plan.pictures) == (6, 20)
    assert plan.part_of(4) == parts[1]
    assert parts[1].pictures_of(4) == (14, 17)
    for name in ("p0.png", "p1.png", "p2.png", "p3.png"):
        assert parts[1].has(name) == (validation_draw(name) >= 0.25)
        assert parts[0].has(name)
    assert plan.fingerprint not in (job["fingerprint"], Plan(parts[:1]).fingerprint)


def test_the_settings_of_several_parts_are_those_they_share(job):
    other = json.loads(json.dumps(job))
    other["config"] |= {"renderer": "bezier,oil", "seed": 7}
    config = Plan((Part(job), Part(other, first_shard=3))).record()["config"]
    assert config["renderer"] == "bezier,oil"
    assert config["size"] == 48
    assert "seed" not in config


@pytest.mark.parametrize(
    "change",
    [
        lambda job: job["config"].update(strokes=25),
        lambda job: job["sources"].update(count=11),
        lambda job: job.update(fingerprint="0"),
        lambda job: job.update(version="0"),
        lambda job: job["config"].pop("shard_size"),
        lambda job: job["config"].update(shard_size=0),
        lambda job: job.pop("sources"),
        lambda job: job.update(parts=[{}]),
        lambda job: job.update(parts=[{"job": {**job}, "first_shard": 1}]),
    ],
)
def test_damage_is_noticed(job, tmp_path, change):
    change(job)
    store = Store(str(tmp_path))
    store.write(JOB_FILE, canonical_json(job))
    with pytest.raises(ValueError, match="is damaged"):
        read_plan(store)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"3", b"\xff", b"null"])
def test_no_job_at_all(tmp_path, data):
    store = Store(str(tmp_path))
    with pytest.raises(ValueError, match="is missing"):
        read_plan(store)
    store.write(JOB_FILE, data)
    with pytest.raises(ValueError, match="is damaged"):
        read_plan(store)
