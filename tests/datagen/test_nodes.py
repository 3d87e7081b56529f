"""Three nodes on this machine, of which one is lost twice."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.datagen.helpers import ROOT, SMALL, quietly, synthetic, tar_bytes
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.jobs.writing import Result, write_corpus
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.sources.source import Source
from underpaint.datagen.trust.verify import verify

pytestmark = pytest.mark.slow


class WaitingPainter(PaintingMaker):
    """Takes its time with the last pictures until a file `go` lies beside the corpus, so that there is work to lose."""

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        gate = Path(self.config.out).with_name("go")
        end = time.monotonic() + (2.0 if source.index >= 12 else 0.0)
        while time.monotonic() < end and not gate.exists():
            time.sleep(0.05)
        return super().make(source, watch)


@pytest.fixture
def cluster(monkeypatch) -> Iterator[Any]:
    """A head and two more nodes, of one core each."""
    ray = pytest.importorskip("ray")
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the workers unpickle what is defined here
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = cluster_utils.Cluster()
    try:
        for _ in range(3):
            add_node(made)
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def add_node(cluster: Any) -> Any:
    """Add a node of one core; the first one is the head."""
    try:
        return cluster.add_node(num_cpus=1, object_store_memory=80 * 1024**2, include_dashboard=False)
    except Exception as error:
        if "timed out during startup" in str(error):
            pytest.skip("this machine is so busy that Ray gives up starting a node after 30 s")
        raise


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def test_a_node_lost_twice_changes_nothing(cluster, tmp_path, capsys):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(24):
        synthetic(number, (40, 36)).save(pictures / f"{number:02d}.png")
    settings = SMALL | {"source": str(pictures), "size": 32, "strokes": 8, "frames": 3, "shard_size": 2}
    assert quietly(GenerateConfig(**settings, out=tmp_path / "undisturbed")).complete

    out = tmp_path / "out"
    # Bezier's kernels are compiled here, for all nodes: they are one machine.
    config = GenerateConfig(**settings | {"workers": None, "address": cluster.address}, out=out)
    results: list[Result] = []
    with (tmp_path / "log").open("w") as log:
        job = threading.Thread(
            target=lambda: results.append(write_corpus(WaitingPainter(with_options(config)), stream=log))
        )
        job.start()
        wait_until(lambda: len(sidecars(out)) >= 2)
        first = next(iter(cluster.worker_nodes))
        cluster.remove_node(first, allow_graceful=False)
        again = add_node(cluster)
        time.sleep(2)  # so that the node has work to lose when it is lost again
        wait_until(lambda: len(sidecars(out)) >= 4)
        cluster.remove_node(again, allow_graceful=False)
        at_loss = len(sidecars(out))
        (tmp_path / "go").touch()
        job.join(timeout=240)
    assert not job.is_alive()
    (result,) = results
    assert result.complete, result.errors
    assert at_loss < 12
    assert tar_bytes(out) == tar_bytes(tmp_path / "undisturbed")
    assert (out / "manifest.json").read_bytes() == (tmp_path / "undisturbed" / "manifest.json").read_bytes()
    assert verify(out) == []
    with capsys.disabled():
        print(f"\n3 nodes, 1 lost twice, the second time after {at_loss} of 12 shards: complete, and the same bytes")


def sidecars(out: Path) -> list[Path]:
    return list(out.glob("[0-9]*.json"))
