from __future__ import annotations

import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from underpaint.pipelines.evaluation.weights import on, read_weights  # noqa: E402


def test_both_kinds_of_file(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(3.0)}
    torch.save(tensors, tmp_path / "a.pth")
    save_file(tensors, tmp_path / "a.safetensors")
    for name in ("a.pth", "a.safetensors"):
        assert torch.equal(read_weights(tmp_path / name)["a"], tensors["a"])


class Trap:
    """Would make a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    torch.save({"a": Trap(tmp_path / "sprung")}, tmp_path / "new.pth")
    (tmp_path / "old.pth").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    for name in ("new.pth", "old.pth"):
        with pytest.raises(ValueError, match="no weights that can be read safely"):
            read_weights(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="don't exist"):
        read_weights(tmp_path / "a.pth")
    for name in ("a.pth", "a.safetensors"):
        (tmp_path / name).write_bytes(b"text")
        with pytest.raises(ValueError, match="no weights"):
            read_weights(tmp_path / name)
    torch.save({"a": 1}, tmp_path / "numbers.pth")
    with pytest.raises(ValueError, match="something else than tensors"):
        read_weights(tmp_path / "numbers.pth")


def test_devices() -> None:
    assert on("cpu") == "cpu"
    assert on("auto") in ("cpu", "cuda")
    with pytest.raises(ValueError, match="device is 'abacus'"):
        on("abacus")
