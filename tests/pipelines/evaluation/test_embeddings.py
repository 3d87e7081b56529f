from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from PIL import Image  # noqa: E402

from tests.pipelines.evaluation.canvases import noise  # noqa: E402
from tests.pipelines.evaluation.networks import save_clip, save_dino  # noqa: E402
from underpaint.pipelines.evaluation.embeddings import CLIP, DINO, Embedder  # noqa: E402


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_dino(tmp_path_factory.mktemp("dino"))


def test_equal_pictures_are_alike_and_others_less(clip: str, dino: str) -> None:
    a, b = noise(0, 2, size=(40, 60))
    for embedder in (Embedder(clip, CLIP, "cpu"), Embedder(dino, DINO, "cpu")):
        assert embedder.similarity(a, a) == pytest.approx(1)
        assert -1 <= embedder.similarity(a, b) < 1
        assert embedder.similarity(a, b) == pytest.approx(embedder.similarity(b, a))


def test_clip_gives_the_embedding_of_clip(clip: str) -> None:
    """The cosine is that of the image embeddings that CLIP itself compares with texts."""
    a, b = noise(1, 2, size=(32, 32))
    model = transformers.CLIPModel.from_pretrained(clip).eval()
    processor = transformers.CLIPImageProcessor.from_pretrained(clip)
    pixels = processor(images=[Image.fromarray(a), Image.fromarray(b)], return_tensors="pt").pixel_values
    ids = torch.zeros(1, 4, dtype=torch.long)
    with torch.no_grad():
        ours, theirs = model(pixel_values=pixels, input_ids=ids).image_embeds.numpy()
    assert Embedder(clip, CLIP, "cpu").similarity(a, b) == pytest.approx(float(np.dot(ours, theirs)), abs=1e-5)


def test_dino_gives_the_class_token(dino: str) -> None:
    a, b = noise(2, 2, size=(32, 32))
    model = transformers.AutoModel.from_pretrained(dino).eval()
    processor = transformers.AutoImageProcessor.from_pretrained(dino)
    pixels = processor(images=[Image.fromarray(a), Image.fromarray(b)], return_tensors="pt").pixel_values
    with torch.no_grad():
        tokens = model(pixels).last_hidden_state[:, 0]
    cosine = float(torch.nn.functional.cosine_similarity(tokens[:1], tokens[1:]))
    assert Embedder(dino, DINO, "cpu").similarity(a, b) == pytest.approx(cosine, abs=1e-5)


def test_other_models_are_refused(clip: str, dino: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it is a dinov2 model, not one of clip"):
        Embedder(dino, CLIP, "cpu")
    with pytest.raises(ValueError, match="it is a clip model"):
        Embedder(clip, DINO, "cpu")
    with pytest.raises(ValueError, match="can't be used"):
        Embedder(str(tmp_path), CLIP, "cpu")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = Path(save_dino(tmp_path / "dino"))
    state = transformers.AutoModel.from_pretrained(folder).state_dict()
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="can't be used"):
        Embedder(str(folder), DINO, "cpu")
