"""Pictures and a small corpus that the tests of datagen share."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.datagen.helpers import SMALL, quietly, second_medium, synthetic
from tests.datagen.videos import painting, with_bars, write_pictures, write_video
from tests.pictures import save_photos
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.importing import import_recordings
from underpaint.renderers.medium import Medium

Configure = Callable[..., GenerateConfig]


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 18 JPEGs of odd sizes, cut from real pictures; no two look alike."""
    folder = tmp_path_factory.mktemp("photos")
    save_photos(folder, 18)
    return folder


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of ten pictures with captions, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "more").mkdir()
    names = [f"p{index}.png" for index in range(9)] + ["more/Älter Baum.jpg"]
    for index, name in enumerate(names):
        synthetic(index).save(folder / name)
    rows = [{"file": name, "caption": f"picture {index}"} for index, name in enumerate(names)]
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="session")
def configure(pictures: Path) -> Configure:
    """Build a config of a small job on the ten pictures."""

    def build(out: Path, **changes: object) -> GenerateConfig:
        return GenerateConfig(**({"source": str(pictures), "out": out} | SMALL | changes))

    return build


@pytest.fixture(scope="session")
def finished(configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete corpus of ten samples in three shards; not to be changed."""
    out = tmp_path_factory.mktemp("finished") / "corpus"
    assert quietly(configure(out, store_target=True)).complete
    return out


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four recordings, one of them broken."""
    folder = tmp_path_factory.mktemp("recordings")
    write_video(folder / "barn.mp4", with_bars(painting(30), 0, 24))
    (folder / "barn.txt").write_text("a red barn")
    (folder / "broken.mkv").write_bytes(b"no video" * 40)
    write_pictures(folder / "short", painting(3))
    write_pictures(folder / "tree", painting(11))
    return folder


@pytest.fixture(scope="session")
def recorded(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete corpus of recordings, three samples in two shards; not to be changed."""
    out = tmp_path_factory.mktemp("recorded") / "corpus"
    config = ImportConfig(source=str(recordings), out=out, size=48, frames=5, shard_size=2, workers=0, trigger="sks")
    assert import_recordings(config, stream=io.StringIO()).complete
    return out


@pytest.fixture
def charcoal() -> Iterator[Medium]:
    """Have a second medium beside `bezier`, whatever other media there are."""
    with second_medium() as medium:
        yield medium


@pytest.fixture(scope="session")
def in_two_media(configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete corpus of the ten pictures, each in bezier and in charcoal, in three shards; not to be changed."""
    out = tmp_path_factory.mktemp("media") / "corpus"
    with second_medium():
        assert quietly(configure(out, renderer="bezier,charcoal")).complete
    return out


@pytest.fixture
def charcoal_corpus(in_two_media: Path, tmp_path: Path, charcoal: Medium) -> Path:
    """A copy of the corpus in two media, for damaging."""
    return Path(shutil.copytree(in_two_media, tmp_path / "two-media"))


@pytest.fixture
def corpus(finished: Path, tmp_path: Path) -> Path:
    """A copy of the complete corpus, for damaging."""
    return Path(shutil.copytree(finished, tmp_path / "corpus"))
