from __future__ import annotations

import torch

from underpaint.models.seeding import seeded


def test_draws_come_from_the_seed_and_leave_no_trace() -> None:
    before = torch.get_rng_state()
    with seeded(4):
        first = torch.randn(3)
    with seeded(4):
        assert torch.equal(first, torch.randn(3))
    with seeded(5):
        assert not torch.equal(first, torch.randn(3))
    assert torch.equal(before, torch.get_rng_state())
