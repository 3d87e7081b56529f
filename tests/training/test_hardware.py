from __future__ import annotations

import pytest
import torch

from underpaint.training.hardware import Hardware, quick_precision


def test_16_bits_are_taken_where_there_are_instructions_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, precision in ((True, "bf16"), (False, "no")):
        monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda there=there: there)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, there=there: there)
        assert quick_precision("cuda") == precision
        assert quick_precision("cpu") == (precision if torch.backends.mkldnn.is_available() else "no")


def test_memory_is_told_without_a_gpu() -> None:
    values = Hardware(torch.device("cpu"), "no", 1e9).values(10.0, 1)
    assert set(values) == {"memory_gib"}
    assert 0.05 < values["memory_gib"] < 64


def test_the_share_of_a_gpu_s_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 2**31)
    hardware = Hardware(torch.device("cuda"), "bf16", 989e12)
    assert hardware.values(1.0, 2) == {"memory_gib": 2.0, "mfu": 0.5}
