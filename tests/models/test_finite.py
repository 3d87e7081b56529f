from __future__ import annotations

import pytest
import torch

from underpaint.models.finite import check_finite, first_non_finite


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.complex64])
def test_the_first_tensor_with_such_a_number_is_named(number: float, kind: torch.dtype) -> None:
    bad = torch.zeros(3, 2, dtype=kind)
    bad[1, 1] = number
    assert first_non_finite({"fine": torch.ones(2), "bad": bad, "worse": bad}) == "bad"


def test_eight_bit_floats_are_looked_at() -> None:
    bad = torch.tensor([1.0, float("nan")]).to(torch.float8_e4m3fn)
    assert first_non_finite({"bad": bad}) == "bad"
    assert first_non_finite({"fine": torch.ones(2).to(torch.float8_e5m2)}) is None


def test_large_numbers_integers_and_nothing_are_finite() -> None:
    large = torch.full((4,), torch.finfo(torch.float16).max, dtype=torch.float16)
    assert first_non_finite({"large": large, "int": torch.ones(2, dtype=torch.int8), "none": torch.empty(0)}) is None
    check_finite({"large": large}, "a.safetensors")


def test_the_message_names_the_file_and_the_tensor() -> None:
    with pytest.raises(ValueError, match=r"x\.safetensors holds numbers that are not finite.* in conv\.weight"):
        check_finite({"conv.weight": torch.tensor([float("nan")])}, "x.safetensors")
