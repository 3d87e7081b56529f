from pathlib import Path

from underpaint.renderers.vision.identity import identity


def test_a_file_is_its_name_and_its_content(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.onnx").write_bytes(b"weights")
    first = identity(tmp_path / "a" / "net.onnx")
    assert first.startswith("net.onnx ")
    assert len(first) == len("net.onnx ") + 16
    assert identity(tmp_path / "b" / "net.onnx") == first
    (tmp_path / "b" / "net.onnx").write_bytes(b"other weights")
    assert identity(tmp_path / "b" / "net.onnx") != first


def test_a_folder_is_what_decides_what_the_model_gives(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    first = identity(tmp_path)
    (tmp_path / "README.md").write_text("a model")
    assert identity(tmp_path) == first
    (tmp_path / "preprocessor_config.json").write_text("{}")
    assert identity(tmp_path) != first
