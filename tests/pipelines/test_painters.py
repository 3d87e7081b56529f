from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.pipelines.conftest import FRAMES, SIZE
from underpaint.datagen.format.sample import Failure
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.paint_jobs import paint_job, subjects
from underpaint.pipelines.painters import LocalPainter, RayPainter


def config(pictures: Path, small: Path, **values: Any) -> PaintConfig:
    given = {"task": "reconstruct", "subjects": [str(pictures)], "out": Path("out"), "models": small, "steps": 2}
    return PaintConfig(**(given | {"device": "cpu"} | values))


def paint(painter: Any, given: PaintConfig) -> list[Any]:
    return list(painter.paint([paint_job(source, given, ()) for source in subjects(given)]))


def test_batches_give_what_single_paintings_give(folder_of_pictures: Path, small: Path) -> None:
    results = []
    for batch in (1, 3):
        given = config(folder_of_pictures, small, batch=batch)
        painter = LocalPainter(given)
        assert painter.portion == batch
        results.append(paint(painter, given))
    for one, other in zip(*results, strict=True):
        assert type(one) is type(other)
        if isinstance(one, Failure):
            assert one == other
        else:
            assert np.abs(one.frames.astype(int) - other.frames).max() <= 1
    broken, *painted = results[0]
    assert (broken.source, broken.reason) == ("broken.png", "not-a-picture")
    assert [each.frames.shape[1:3] for each in painted] == [(SIZE, SIZE), (SIZE, 48), (SIZE, SIZE)]


def test_facts_are_checked_before_any_picture_is_read(folder_of_pictures: Path, small: Path) -> None:
    spec = LocalPainter(config(folder_of_pictures, small, size="60x40")).spec()
    assert (spec.frames, spec.size) == (FRAMES, 40)
    assert spec.models["base"]["name"] == str(small / "base")
    with pytest.raises(ValueError, match="frame 9 is out of range"):
        LocalPainter(config(folder_of_pictures, small, frame=["9=nowhere.png"])).spec()


def test_a_medium_is_checked_too(folder_of_pictures: Path, small: Path) -> None:
    assert LocalPainter(config(folder_of_pictures, small)).spec().media == ()
    with pytest.raises(ValueError, match="medium is 'oil', but the captions that these networks were trained with"):
        LocalPainter(config(folder_of_pictures, small, medium="oil")).spec()


@pytest.mark.parametrize("ship_code", [False, True])
def test_workers_get_our_code_if_it_is_shipped(
    folder_of_pictures: Path, small: Path, monkeypatch: pytest.MonkeyPatch, ship_code: bool
) -> None:
    started: dict[str, Any] = {}
    ray = SimpleNamespace(
        is_initialized=lambda: False,
        init=lambda **options: started.update(options),
        cluster_resources=lambda: {"CPU": 4.0},
        nodes=lambda: [{}, {}],
        remote=lambda **options: lambda cls: SimpleNamespace(remote=lambda given: given),
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    painter = RayPainter(config(folder_of_pictures, small, address="auto", ship_code=ship_code))
    assert len(painter.workers) == 2
    shipped = started["runtime_env"].get("py_modules", [])
    assert [Path(path).name for path in shipped] == ["underpaint"] * ship_code
    assert started["runtime_env"]["env_vars"]["OMP_NUM_THREADS"] == "1"


@pytest.mark.slow
def test_shipped_code_arrives_where_workers_import_from(folder_of_pictures: Path, small: Path) -> None:
    import ray

    def packages() -> set[str]:
        """What lies in the shipped folder; on this machine the driver's own folder comes before it."""
        shipped = [Path(folder) for folder in sys.path if "py_modules_files" in folder]
        return {str(path.relative_to(folder).parent) for folder in shipped for path in folder.glob("*/*/__init__.py")}

    try:
        RayPainter(config(folder_of_pictures, small, address="local", ship_code=True))
        assert ray.get(ray.remote(packages).remote()) >= {"underpaint/pipelines", "underpaint/models"}
    finally:
        ray.shutdown()


@pytest.mark.slow
def test_a_cluster_paints_the_same(folder_of_pictures: Path, small: Path) -> None:
    given = config(folder_of_pictures, small, address="local")
    import ray

    try:
        cluster = RayPainter(given)
        assert cluster.spec().frames == FRAMES
        assert cluster.portion >= 8
        theirs = paint(cluster, given)
        with pytest.raises(ValueError, match="frame 9 is out of range"):
            RayPainter(config(folder_of_pictures, small, address="local", frame=["9=p0.png"])).spec()
    finally:
        ray.shutdown()
    ours = paint(LocalPainter(given), given)
    assert isinstance(theirs[0], Failure)
    for one, other in zip(theirs[1:], ours[1:], strict=True):
        assert np.abs(one.frames.astype(int) - other.frames).max() <= 1
