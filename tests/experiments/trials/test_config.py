from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from underpaint.experiments.trials.config import USUAL


def test_trials_are_named_with_commas_or_as_a_list(configure: Callable[..., Any], tmp_path: Path) -> None:
    assert configure(tmp_path).only == USUAL
    assert configure(tmp_path, only="text, stock").only == ["text", "stock"]
    assert configure(tmp_path, only=["text"]).only == ["text"]


def test_where_findings_go_has_no_say_in_them(configure: Callable[..., Any], tmp_path: Path) -> None:
    one, two = configure(tmp_path / "a", only="text"), configure(tmp_path / "b")
    assert one.settings() == two.settings()
    assert one.settings() != configure(tmp_path, steps=3).settings()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"only": "reconstruct,dance"}, "only is 'dance': use reconstruct"),
        ({"pictures": 0}, "pictures is 0: use 1 or more"),
        ({"plain": -1}, "plain is -1"),
        ({"words": 1}, "words is 1: use 2 or more"),
        ({"sampler": "euler"}, "sampler is .euler."),
        ({"validation": 0.0}, "validation is 0"),
    ],
)
def test_what_is_out_of_range_is_refused(
    changes: dict[str, Any], message: str, configure: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        configure(tmp_path, **changes)
