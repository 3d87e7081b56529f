from pathlib import Path

import pytest

from underpaint.datagen.guides.config import GuidesConfig

MODEL = Path("u2net.onnx")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "nothing to do: give --saliency"),
        ({"saliency": MODEL, "size": 3}, "size"),
        ({"saliency": MODEL, "batch": 0}, "batch"),
        ({"saliency": MODEL, "device": "tpu"}, "unknown device 'tpu'"),
        ({"saliency": MODEL, "resources": "GPU"}, "write them as CPU=1,GPU=0.25"),
        ({"saliency": MODEL, "workers": 2, "address": "auto"}, "give only one of the two"),
        ({"saliency": MODEL, "source": "https://example.org/a.jpg"}, "nothing can be written there"),
        ({"captions": MODEL, "source": "list.jsonl"}, "captions of a list stand in the list"),
        ({"captions": MODEL, "source": "lists/{0..3}.jsonl"}, "captions of a list stand in the list"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GuidesConfig(**({"source": "in"} | settings))  # type: ignore[arg-type]


def test_models_are_told_by_what_they_make() -> None:
    config = GuidesConfig(source="in", depth=Path("d"), saliency=MODEL)
    assert config.models == {"saliency": MODEL, "depth": Path("d")}
