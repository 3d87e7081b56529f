"""Checkpoints: those of the published sizes, a small one, and files that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.renderers.segment.checkpoint import PUBLISHED, build_model, load_checkpoint, model_type


def registered(torch: Any, name: str) -> Any:
    """The package's own model of this size, on the meta device: shapes without numbers."""
    from segment_anything import sam_model_registry

    with torch.device("meta"):
        return sam_model_registry[name]()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes_are_told_from_their_shapes(torch: Any, name: str) -> None:
    theirs = registered(torch, name)
    weights = theirs.state_dict()
    assert model_type(weights) == name
    with torch.device("meta"):
        ours = build_model(weights)
    assert {key: value.shape for key, value in ours.state_dict().items()} == {
        key: value.shape for key, value in weights.items()
    }
    # What no shape shows: the order of the parts and their settings.
    assert str(ours) == str(theirs)
    for mine, other in zip(ours.image_encoder.blocks, theirs.image_encoder.blocks, strict=True):
        assert (mine.window_size, mine.attn.num_heads) == (other.window_size, other.attn.num_heads)
    for mine, other in zip(ours.modules(), theirs.modules(), strict=True):
        assert getattr(mine, "num_heads", None) == getattr(other, "num_heads", None)
        assert getattr(mine, "eps", None) == getattr(other, "eps", None)
    assert torch.equal(ours.pixel_mean.cpu(), torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1))


def test_weights_come_back_from_a_file(torch: Any, small_sam: Any, small_checkpoint: Path) -> None:
    model, kind = load_checkpoint(small_checkpoint)
    assert kind == "custom"
    assert not model.training
    for key, value in small_sam.state_dict().items():
        assert torch.equal(model.state_dict()[key], value), key
    picture = torch.rand(1, 3, 128, 128)
    with torch.no_grad():
        assert torch.equal(model.image_encoder(picture), small_sam.image_encoder(picture))
    assert torch.equal(model.pixel_std, small_sam.pixel_std)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_file_of_a_published_size_loads(torch: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / "published.pth"
    shapes = {key: value.shape for key, value in registered(torch, name).state_dict().items()}
    # One file of full size (375 MB) will do: the larger ones repeat a single zero, which takes a second instead of 25.
    weights = {key: torch.zeros(shape if name == "vit_b" else 1).expand(shape) for key, shape in shapes.items()}
    weights["mask_decoder.iou_token.weight"] = torch.full((1, 256), 0.25)
    torch.save(weights, path)
    del weights
    model, kind = load_checkpoint(path)
    path.unlink()
    assert kind == name
    assert all(not value.is_meta for value in model.state_dict().values())
    assert (model.mask_decoder.iou_token.weight == 0.25).all()


def test_missing_file_says_what_to_download(torch: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no") as caught:
        load_checkpoint(tmp_path / "sam.pth")
    for file in PUBLISHED.values():
        assert file.url in str(caught.value)
        assert file.sha256 in str(caught.value)


class Harmful:
    """An object whose unpickling would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("wrong", ["text", "empty", "truncated", "objects", "other weights", "missing key", "list"])
def test_wrong_files_are_refused_and_nothing_in_them_runs(
    torch: Any, small_sam: Any, small_checkpoint: Path, tmp_path: Path, wrong: str
) -> None:
    path, written = tmp_path / "wrong.pth", tmp_path / "written"
    weights = dict(small_sam.state_dict())
    if wrong == "text":
        path.write_text("<html>404 Not Found</html>")
    elif wrong == "empty":
        path.touch()
    elif wrong == "truncated":
        data = small_checkpoint.read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif wrong == "objects":
        torch.save({**weights, "harmful": Harmful(written)}, path)
    elif wrong == "other weights":
        torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    elif wrong == "missing key":
        del weights["mask_decoder.iou_token.weight"]
        torch.save(weights, path)
    else:
        torch.save([1, 2, 3], path)
    with pytest.raises(ValueError, match=r"is no Segment Anything checkpoint, or a damaged one \(.*sha256") as caught:
        load_checkpoint(path)
    assert PUBLISHED["vit_b"].sha256 in str(caught.value)
    assert not written.exists()
