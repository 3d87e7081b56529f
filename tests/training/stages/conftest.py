"""What the tests of the stages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def _judged_by_little() -> Iterator[None]:
    """Judge by less than runs do: else that is most of what these few steps of nano take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.validation._MOST_TURNS", 1)
        patch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 1)
        yield
