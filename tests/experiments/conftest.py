"""Pictures, a corpus and networks that have learned nothing, for all tests of the chain and of its trials."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.datagen.helpers import quietly, synthetic
from tests.pipelines.conftest import FRAMES, SIZE, small  # noqa: F401, a fixture

# The plain install has no torch.
_THERE = all(map(importlib.util.find_spec, ("diffusers", "peft", "matplotlib")))
collect_ignore_glob = [] if _THERE else ["gpu/*", "trials/*", "learn/test_[!b]*.py", "ablations/test_listening.py"]

MEDIA = ("bezier", "ink", "oil", "region")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Threads that share too few cores wait for each other ten times as long as they compute."""
    if _THERE:
        import torch

        torch.set_num_threads(1)


def write_source(folder: Path, count: int) -> Path:
    """A folder of synthetic pictures, with captions for all but the last."""
    folder.mkdir(parents=True)
    for number in range(count):
        synthetic(number).save(folder / f"Hill_{number}.png")
    rows = [{"file": f"Hill_{number}.png", "caption": f"a hill, number {number}"} for number in range(count - 1)]
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """6 pictures; not to be changed."""
    return write_source(tmp_path_factory.mktemp("source") / "hills", 6)


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Path:
    """A folder of pictures/ (18, 6 of them unseen) and corpus/ in all media, frames of 32 px; not to be changed."""
    from underpaint.datagen.config import GenerateConfig
    from underpaint.experiments.learn import pictures

    folder = tmp_path_factory.mktemp("painted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "MOST_CROPS", 3)
        pictures.store_pictures(str(source), folder, 100)
    config = GenerateConfig(
        source=str(folder / "pictures"),
        out=folder / "corpus",
        renderer=",".join(MEDIA),
        size=SIZE,
        frames=FRAMES + 1,
        strokes=24,
        quality="draft",
        workers=0,
    )
    assert quietly(config).complete
    return folder


@pytest.fixture(scope="session")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.experiments.learn.chains import write_recipes
    from tests.pipelines.conftest import thin_base
    from underpaint.models.loading import save_base

    folder = tmp_path_factory.mktemp("recipes")
    save_base(folder / "thin", thin_base())
    return write_recipes(folder / "configs", folder / "thin")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, source: Path, recipes: Path) -> dict[str, Any]:
    """A chain that was stopped while it trained the replication network, and went on."""
    from tests.experiments.learn.chains import in_this_process, run_chain

    out = tmp_path_factory.mktemp("chain") / "learned"
    with pytest.MonkeyPatch.context() as patch:
        begun = in_this_process(patch, fail="replication")
        with pytest.raises(KeyboardInterrupt):
            run_chain(out, source, recipes)
    with pytest.MonkeyPatch.context() as patch:
        continued = in_this_process(patch)
        page, told = run_chain(out, source, recipes)
    return {"out": out, "page": page, "told": told, "begun": begun, "continued": continued}


@pytest.fixture(scope="session")
def configure(painted: Path, small: Path) -> Callable[..., Any]:  # noqa: F811
    """`configure(out, **changes)`: a small config of trials."""
    from underpaint.experiments.trials.config import TrialsConfig

    def build(out: Path, **changes: Any) -> Any:
        given = {"models": small, "corpus": painted / "corpus", "source": str(painted / "pictures"), "out": out}
        little = {"pictures": 3, "plain": 2, "completed": 3, "prompts": 2, "noisy": 2, "steps": 2, "device": "cpu"}
        return TrialsConfig(**(given | little | changes))

    return build


@pytest.fixture(scope="session")
def loaded(configure: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What trials work with; not to be changed."""
    from underpaint.experiments.trials.context import TrialContext

    return TrialContext(configure(tmp_path_factory.mktemp("loaded")))


@pytest.fixture
def context(tmp_path: Path, loaded: Any) -> Any:
    """The same, with a folder of one's own."""
    return like(loaded, out=tmp_path / "trials")


def finish(context: Any, *trials: str) -> None:
    """Have trials found something with a context's settings."""
    from underpaint.experiments.findings import Finding, write_finding

    for name in trials:
        write_finding(context.folder(name), context.settings, Finding(title=name, words="w", table=[]))


def like(context: Any, **changes: Any) -> Any:
    """A trial's context with another config, without loading networks and pictures once more."""
    changed = type(context)(dataclasses.replace(context.config, **changes))
    changed.__dict__.update({name: getattr(context, name) for name in ("pipeline", "processes", "pictures")})
    return changed
