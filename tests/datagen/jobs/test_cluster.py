import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from underpaint import renderers
from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.jobs import cluster
from underpaint.datagen.jobs.cluster import (
    check_needs,
    ray_session,
    remote_options,
    runtime_environment,
    shard_needs,
    slots,
    sockets_folder,
)


def config(**changes: object) -> CorpusConfig:
    return CorpusConfig(**({"source": "a", "out": "b"} | changes))


def a_ray(**there: float) -> SimpleNamespace:
    """Just enough of Ray: what the cluster's machines have."""
    return SimpleNamespace(cluster_resources=lambda: there)


def test_a_shard_takes_a_core_and_what_is_asked_for():
    assert shard_needs(config()) == {"CPU": 1}
    assert shard_needs(config(resources="GPU=0.25, memory=4e9")) == {"CPU": 1, "GPU": 0.25, "memory": 4e9}
    assert shard_needs(config(resources={"CPU": 0, "big": 2})) == {"CPU": 0, "big": 2}


def test_ray_is_asked_in_its_own_words():
    assert remote_options({"CPU": 1, "GPU": 0.25, "memory": 4e9, "big": 2}) == {
        "num_cpus": 1,
        "num_gpus": 0.25,
        "memory": 4_000_000_000,
        "resources": {"big": 2},
    }
    assert isinstance(remote_options({"memory": 4e9})["memory"], int)


@pytest.mark.parametrize(
    ("needs", "count"),
    [({"CPU": 1}, 8), ({"CPU": 3}, 2), ({"CPU": 1, "GPU": 0.25}, 4), ({"CPU": 0, "GPU": 0.1}, 10), ({"TPU": 1}, 0)],
)
def test_slots_are_bound_by_what_is_scarcest(needs, count):
    assert slots(a_ray(CPU=8.0, GPU=1.0), needs) == count


@pytest.fixture
def short(monkeypatch):
    """A folder with a short name, and the only one to go to."""
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="u") as folder:
        monkeypatch.setattr(cluster, "_SHORT_FOLDERS", (folder,))
        yield Path(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets")
def test_ray_gets_a_folder_whose_sockets_have_short_names(short, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(short))
    assert sockets_folder() is None
    long, file = short / ("x" * 40), short / "file"
    long.mkdir()
    file.touch()
    for bad in (long, short / "gone", file, "relative"):
        monkeypatch.setenv("TMPDIR", str(bad))
        assert sockets_folder() == f"{short}/ray-{os.getuid()}"
    monkeypatch.setattr(cluster, "LEAST_FREE", 1 << 60)
    with pytest.raises(ValueError, match="for its sockets"):
        sockets_folder()
    monkeypatch.setattr(cluster, "_SHORT_FOLDERS", ("/gone",))
    with pytest.raises(ValueError, match=r"Ray can't use relative for its sockets, nor /gone: set RAY_TMPDIR"):
        sockets_folder()


def test_what_a_machine_hasn_t_got_is_reported_at_once(caplog):
    needs = {"CPU": 1.0, "GPU": 0.5}
    with pytest.raises(ValueError, match=r"takes CPU=1, GPU=0.5, but this machine has CPU=2, GPU=0: ask for less"):
        check_needs(a_ray(CPU=2.0), needs, config(workers=2))
    check_needs(a_ray(CPU=2.0), needs, config(address="auto"))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "waiting for it to grow" in caplog.text
    check_needs(a_ray(CPU=2.0, GPU=1.0), needs, config(address="auto"))
    assert len(caplog.records) == 1


def test_workers_get_one_thread_each_and_perhaps_our_code(monkeypatch):
    assert set(runtime_environment(ship_code=False)) == {"env_vars"}
    assert runtime_environment(ship_code=False)["env_vars"]["NUMBA_NUM_THREADS"] == "1"
    shipped = runtime_environment(ship_code=True)["py_modules"]
    assert [path.rsplit("/", 1)[-1] for path in shipped] == ["underpaint"]
    assert "*.safetensors" not in runtime_environment(ship_code=True, networks=True)["excludes"]
    monkeypatch.setattr(renderers, "is_portable", lambda: True)
    assert "1" in runtime_environment(ship_code=False)["env_vars"]["UNDERPAINT_PORTABLE"]


@pytest.mark.slow
def test_shipped_code_arrives_where_workers_import_from():
    pytest.importorskip("ray")

    def packages() -> set[str]:
        """What lies in the shipped folder; on this machine the driver's own folder comes before it."""
        shipped = [Path(folder) for folder in sys.path if "py_modules_files" in folder]
        assert not [path for folder in shipped for path in folder.rglob("*.safetensors")]
        return {str(path.relative_to(folder).parent) for folder in shipped for path in folder.glob("*/*/__init__.py")}

    with ray_session(config(workers=1, ship_code=True)) as ray:
        assert ray.get(ray.remote(packages).remote()) >= {
            "underpaint/datagen",
            "underpaint/renderers",
            "underpaint/pipelines",
        }
