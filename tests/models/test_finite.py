"""What is no number is found, wherever it stands."""

import math

import pytest
import torch

from underpaint.models.finite import check_finite, first_non_finite


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_number_among_many_is_found(kind: torch.dtype, value: float) -> None:
    bad = torch.ones(3, 5)
    bad[2, 4] = value
    tensors = {"a": torch.ones(2).to(kind), "b": bad.to(kind), "c": bad.to(kind)}
    assert first_non_finite(tensors) == "b"
    with pytest.raises(ValueError, match=r"here: b holds"):
        check_finite(tensors, "here")


def test_numbers_are_no_trouble() -> None:
    tensors = {
        "whole": torch.tensor([1, 2]),
        "largest": torch.tensor([torch.finfo(torch.float32).max]),
        "no": torch.zeros(0),
    }
    assert first_non_finite(tensors) is None
    check_finite(tensors, "here")
