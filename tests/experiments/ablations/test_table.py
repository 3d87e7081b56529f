from __future__ import annotations

import pytest

pytest.importorskip("diffusers")

from underpaint.experiments.ablations.table import table


def test_rows_are_sides_differences_seed_by_seed_and_real_processes() -> None:
    rows = {
        "painter": [{"human": 0.25, "loss": 0.5, "real/human": 0.75}, {"human": 0.75, "loss": 0.7, "real/human": 0.75}],
        "error": [{"human": 0.0, "loss": 0.4, "real/human": 0.0}, {"human": 0.5, "loss": 0.6, "real/human": 0.0}],
    }
    assert table(rows, ("human", "loss")).splitlines() == [
        "| | inside people's bands | error |",
        "| --- | ---: | ---: |",
        "| painter | 50 ± 35 % | 0.6000 ± 0.1414 |",
        "| error | 25 ± 35 % | 0.5000 ± 0.1414 |",
        "| difference: error | -25 ± 0 % | -0.1000 ± 0.0000 |",
        "| real processes, painter | 75 % |  |",
        "| real processes, error | 0 % |  |",
    ]


def test_what_cannot_be_said_of_real_processes_has_no_row_for_them() -> None:
    rows = {"learned": [{"own_better": 0.98, "larger": 4.6}], "letters": [{"own_better": 0.64, "larger": 1.33}]}
    assert table(rows, ("own_better", "larger")).splitlines()[2:] == [
        "| learned | 98 % | 4.60 times |",
        "| letters | 64 % | 1.33 times |",
        "| difference: letters | -34 % | -3.27 times |",
    ]
