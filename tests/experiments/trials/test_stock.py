from __future__ import annotations

from typing import Any

from underpaint.experiments.trials.stock import stock_trial


def test_stock_paints_the_same(studio: Any) -> None:
    finding = stock_trial(studio)
    assert finding.figures["difference"] < 1e-3
