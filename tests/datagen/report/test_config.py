from __future__ import annotations

import pytest

from underpaint.datagen.report.config import ReportConfig


@pytest.mark.parametrize(("values", "message"), [({"samples": -1}, "samples is -1"), ({"rows": 0}, "rows is 0")])
def test_values_out_of_range(values, message):
    with pytest.raises(ValueError, match=message):
        ReportConfig(**values)


def test_a_report_without_films_is_allowed():
    assert ReportConfig(samples=0, rows=1).samples == 0
