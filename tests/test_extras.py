from __future__ import annotations

import gc
import pickle
import sys

import pytest

from underpaint.extras import MissingExtra, missing, needing, quick_imports


def test_a_missing_module_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagehash", None)
    with (
        pytest.raises(MissingExtra, match=r"^dedupe needs imagehash: pip install 'underpaint\[dedupe\]'$") as told,
        needing("dedupe", "dedupe"),
    ):
        import imagehash  # noqa: F401
    assert told.value.name == "imagehash"


def test_a_part_of_a_package_counts_as_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match="--plot needs matplotlib:"), needing("--plot", "eval"):
        from matplotlib.figure import Figure  # noqa: F401


def test_what_no_extra_brings_stays_as_it_is() -> None:
    with pytest.raises(ModuleNotFoundError) as told, needing("dedupe", "dedupe"):
        import there_is_no_such_module  # type: ignore[import-not-found] # noqa: F401
    assert not isinstance(told.value, MissingExtra)


def test_the_inner_of_two_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match="sam needs torch"), needing("training", "train"), needing("sam", "sam"):
        import torch  # noqa: F401


def test_it_comes_back_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(missing("a", "torch", "sam")))
    assert isinstance(error, ValueError)
    assert (str(error), error.name) == ("a needs torch: pip install 'underpaint[sam]'", "torch")


def test_no_garbage_is_looked_for_while_torch_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with quick_imports():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert frozen == [False]
    monkeypatch.setitem(sys.modules, "torch", sys)
    with quick_imports():
        assert gc.isenabled()
    assert frozen == [False]
