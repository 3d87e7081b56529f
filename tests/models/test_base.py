from __future__ import annotations

from typing import Any

import pytest

from underpaint.models.base import check_size


def test_sizes_that_do_not_fit_are_refused(base: Any) -> None:
    check_size(base, 64)
    for size in (8, 72):
        with pytest.raises(ValueError, match=f"size {size} doesn't fit base nano: it takes multiples of 16 px"):
            check_size(base, size)
