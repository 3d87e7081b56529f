from __future__ import annotations

from numba import njit

from underpaint.renderers.compiling import telling_of_compilation


def test_compiling_is_told_once_and_what_is_compiled_already_is_no_news() -> None:
    @njit
    def doubled(x: int) -> int:
        return 2 * x

    told: list[str] = []
    with telling_of_compilation("oil", told.append):
        doubled(2)
        doubled(2.0)
    assert told[0] == "compiling the kernels of oil, once on this machine: about a minute"
    assert told[1:] == [told[-1]]
    assert told[-1].startswith("compiled 2 kernels of oil in ")
    with telling_of_compilation("oil", told.append):
        doubled(3)
    assert len(told) == 2
