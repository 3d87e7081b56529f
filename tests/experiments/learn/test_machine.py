from __future__ import annotations

from importlib.metadata import version

import pytest
import torch

from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.learn.machine import Machine, describe, find_machine
from underpaint.training import hardware


def test_a_cpu_has_up_to_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = find_machine(LearnConfig())
    assert found.device == "cpu"
    assert 1 <= found.processes <= min(2, found.cores)
    assert find_machine(LearnConfig(processes=1)).processes == 1


def test_a_gpu_is_used_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(hardware, "quick_precision", {"cuda": "no", "cpu": "bf16"}.get)
    assert find_machine(LearnConfig()).precision == "no"
    assert find_machine(LearnConfig(device="cpu")).precision == "bf16"
    assert (find_machine(LearnConfig()).device, find_machine(LearnConfig()).processes) == ("cuda", 1)
    assert find_machine(LearnConfig(device="cpu")).device == "cpu"


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="torch finds no GPU"):
        find_machine(LearnConfig(device="cuda"))


def test_the_description_names_processor_and_versions() -> None:
    rows = dict(describe(Machine(device="cpu", processes=2, cores=1)))
    assert rows["machine"].endswith("1 core")
    assert rows["training"] == "2 processes, a thread each"
    assert f"torch {version('torch')}" in rows["versions"]
