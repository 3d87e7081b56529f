import pytest
import torch
from torch import nn

from underpaint.pipelines.placement import DevicePlacement
from underpaint.pipelines.settings import ComputeConfig


def test_networks_are_placed_and_cast():
    machine, network = DevicePlacement(ComputeConfig(device="cpu", precision="bf16")), nn.Linear(2, 2)
    machine.place(network, machine.dtype)
    assert network.weight.dtype == torch.bfloat16
    assert not network.weight.requires_grad


def test_16_bits_are_usual_on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DevicePlacement(ComputeConfig(device="cpu")).precision == "fp32"
    monkeypatch.setattr("torch.empty", lambda *arguments, **options: None)
    assert DevicePlacement(ComputeConfig(device="cuda")).dtype == torch.float16
    assert DevicePlacement(ComputeConfig(device="cuda", precision="fp32")).dtype == torch.float32


def test_offloaded_networks_are_on_the_device_while_they_are_used():
    machine, network = DevicePlacement(ComputeConfig(device="meta", offload=True)), nn.Linear(2, 2)
    machine.place(network, torch.float32)
    assert network.weight.device.type == "cpu"
    with machine.using(None):
        assert network.weight.device.type == "cpu"
    with pytest.raises(NotImplementedError), machine.using(network):  # nothing comes back from meta
        assert network.weight.device.type == "meta"


def test_the_best_device_is_found_and_others_refused():
    assert DevicePlacement(ComputeConfig()).device.type in ("cpu", "cuda", "mps")
    for device in ("cuda:99", "abacus"):
        with pytest.raises(ValueError, match=f"device is '{device}', which torch can't use here"):
            DevicePlacement(ComputeConfig(device=device))
