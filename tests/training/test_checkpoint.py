from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator
from errno import ENOSPC
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from underpaint.datagen.format.atomic import atomic_folder
from underpaint.models import weights
from underpaint.training.checkpoint import Checkpoint, load_last, save, steps


def checkpoint(step: int, phase: str = "motion") -> Checkpoint:
    tensors = {"weights": {"a.b": torch.full((2, 3), float(step))}, "optimiser": {"a.b.step": torch.tensor(1.0)}}
    return Checkpoint(phase=phase, step=step, tensors=tensors, extra={"window": {"errors": [0.1]}})


def test_the_last_of_a_phase_comes_back(tmp_path: Path) -> None:
    assert load_last(tmp_path / "none", "motion") is None
    for step in (9, 10):
        save(tmp_path, checkpoint(step), keep=5)
    found = load_last(tmp_path, "motion")
    assert found is not None
    assert (found.step, found.extra) == (10, {"window": {"errors": [0.1]}})
    assert torch.equal(found.tensors["weights"]["a.b"], torch.full((2, 3), 10.0))
    assert load_last(tmp_path, "artist") is None


def test_only_the_last_ones_are_kept_and_none_of_another_phase(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(50, "spatial"), keep=2)
    for step in range(1, 5):
        save(tmp_path, checkpoint(step), keep=2)
    assert steps(tmp_path, "motion") == [3, 4]
    assert steps(tmp_path, "spatial") == []


def test_what_a_killed_run_left_half_written_doesn_t_exist(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1), keep=2)

    def die() -> None:
        with atomic_folder(tmp_path / "motion-00000002") as folder:
            (folder / "weights.safetensors").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert steps(tmp_path, "motion") == [1]
    save(tmp_path, checkpoint(2), keep=2)
    assert steps(tmp_path, "motion") == [1, 2]


def test_a_damaged_one_is_named(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(7), keep=2)
    (tmp_path / "motion-00000007" / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"motion-00000007 is damaged.*delete it"):
        load_last(tmp_path, "motion")


def test_there_is_no_pickle(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1), keep=1)
    assert {path.suffix for path in (tmp_path / "motion-00000001").iterdir()} == {".safetensors", ".json"}


def test_a_disk_that_is_full_at_any_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write, sync and rename in turn."""
    save(tmp_path, checkpoint(1), keep=2)
    failed = 0
    for write in count(1):
        turns = count(1)

        def full(real: Callable[..., Any], turns: Iterator[int] = turns, write: int = write) -> Callable[..., Any]:
            def maybe(*args: Any, **others: Any) -> Any:
                if next(turns) >= write:
                    raise OSError(ENOSPC, os.strerror(ENOSPC))
                return real(*args, **others)

            return maybe

        with monkeypatch.context() as patch:
            patch.setattr("underpaint.models.weights.save_file", full(weights.save_file))
            patch.setattr(Path, "write_text", full(Path.write_text))
            patch.setattr(os, "fsync", full(os.fsync))
            patch.setattr(Path, "replace", full(Path.replace))
            patch.setattr(Path, "rename", full(Path.rename))
            try:
                save(tmp_path, checkpoint(2), keep=2)
                break
            except OSError:
                failed += 1
        found = load_last(tmp_path, "motion")
        assert found is not None
        if found.step == 2:  # only the folder's own sync was left to do
            shutil.rmtree(tmp_path / "motion-00000002")
        assert [path.name for path in tmp_path.iterdir()] == ["motion-00000001"]
    assert failed >= 8
    assert steps(tmp_path, "motion") == [1, 2]


def test_nothing_that_is_no_number_is_stored(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1), keep=2)
    bad = checkpoint(2)
    bad.tensors["weights"]["a.b"][1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"weights\.safetensors holds numbers that are not finite.* in a\.b"):
        save(tmp_path, bad, keep=2)
    assert [path.name for path in tmp_path.iterdir()] == ["motion-00000001"]


def test_neither_is_it_loaded(tmp_path: Path) -> None:
    save(tmp_path, checkpoint(1), keep=2)
    save_file({"a.b": torch.tensor([1.0, math.nan])}, tmp_path / "motion-00000001" / "weights.safetensors")
    with pytest.raises(
        ValueError, match=r"motion-00000001 is damaged \(weights\.safetensors holds .* in a\.b\).*delete it"
    ):
        load_last(tmp_path, "motion")


@pytest.mark.parametrize(
    "state", ["[]", "{}", "{", "[" * 100_000, '{"step": 2, "extra": {}}', '{"step": 1, "extra": [], "parts": []}']
)
def test_a_state_that_is_none_is_named(tmp_path: Path, state: str) -> None:
    save(tmp_path, checkpoint(1), keep=2)
    (tmp_path / "motion-00000001" / "state.json").write_text(state)
    with pytest.raises(ValueError, match=r"motion-00000001 is damaged.*delete it"):
        load_last(tmp_path, "motion")
