from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from underpaint.models.motion import with_motion
from underpaint.models.replication import condition, denoise, load_replication_network, save_replication_network


class BatchedProducts(TorchDispatchMode):
    """Counts products of batches of matrices: those of attention, and those of weights that are copied for each."""

    count = 0

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
        self.count += "bmm" in str(function)
        return function(*arguments, **(options or {}))


@pytest.mark.parametrize("loaded", [False, True])
def test_weights_are_not_copied_for_each_place_of_a_single_process(
    loaded: bool, base: Any, motion: Any, replication: Any, record: Any, tmp_path: Any
) -> None:
    if loaded:
        save_replication_network(tmp_path / "network", replication, record("replication"))
        replication, _ = load_replication_network(tmp_path / "network")
    unet = with_motion(base.unet, motion).requires_grad_(False)
    replication = copy.deepcopy(replication).requires_grad_(False)
    noisy, steps, text = torch.randn(2, 4, 4, 16, 16), torch.tensor([10, 20]), torch.randn(2, 77, 128)
    made = []
    for count in (1, 2):
        seen = condition(noisy[:count], torch.ones(count, 4, dtype=torch.bool))
        with torch.no_grad(), BatchedProducts() as products:
            denoise(unet, noisy[:count], steps[:count], text[:count], replication, seen)
        made.append(products.count)
    assert made[0] == made[1]
