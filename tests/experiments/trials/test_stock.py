from __future__ import annotations

from typing import Any

from underpaint.experiments.trials.stock import stock_trial


def test_stock_paints_the_same(context: Any) -> None:
    finding = stock_trial(context)
    assert finding.figures["difference"] < 1e-3
