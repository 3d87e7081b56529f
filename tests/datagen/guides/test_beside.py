import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import synthetic
from underpaint.datagen.guides.beside import Beside
from underpaint.datagen.pictures.places import Cell, Extent
from underpaint.datagen.sources.source import Source


def beside(path) -> Beside:
    return Beside(Source(0, "a.b.jpg", path))


def test_a_map_is_written_where_it_is_read(tmp_path):
    place = beside(tmp_path / "a.b.jpg")
    assert place.state("depth", "model 1") == "missing"
    place.write_map("depth", np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30), "model 1")
    with Image.open(tmp_path / "a.b.depth.png") as image:
        assert (image.size, image.mode, image.getextrema()) == ((30, 20), "I;16", (0, 65535))
    assert place.state("depth", "model 1") == "done"
    assert place.state("depth", "model 2") == "other"
    for content in (b"", b"no picture"):
        (tmp_path / "a.b.depth.png").write_bytes(content)
        assert place.state("depth", "model 1") == "own"


def test_maps_lie_on_stores_too():
    place = beside(Extent("memory://maps-on-a-store/a.b.jpg"))
    assert place.state("saliency", "model 1") == "missing"
    place.write_map("saliency", np.ones((4, 4), np.float32), "modèle 1 ☃")
    assert place.state("saliency", "modèle 1 ☃") == "done"


def test_names_that_are_no_utf_8(tmp_path):
    path = tmp_path / b"caf\xe9.png".decode("utf-8", "surrogateescape")
    try:
        synthetic(1).save(path)
    except OSError:
        pytest.skip("this file system takes no such names")
    place = beside(path)
    place.write_map("saliency", np.ones((4, 4), np.float32), "model 1")
    assert place.state("saliency", "model 1") == "done"


def test_what_is_no_file_has_nothing_beside_it():
    for path in (Extent("a.tar", 512, 100), Cell("a.parquet", 0, 0, "image")):
        with pytest.raises(ValueError, match="unpack it"):
            beside(path)
