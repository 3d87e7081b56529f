"""What the tests of the stages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.training.runs import no_cost


@pytest.fixture(scope="package", autouse=True)
def _small_sheets_and_no_costs() -> Iterator[None]:
    """Paint small sheets, and don't count what a step costs: else these take most of the few steps' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 1)
        patch.setattr("underpaint.training.run.cost_of", no_cost)
        yield
