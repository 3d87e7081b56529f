from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests.pictures import save_pictures
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture
from underpaint.datagen.trust.verify import verify
from underpaint.datagen.writing import (
    ImportConfig,
    Source,
    Stopwatch,
    failure,
    painted_sample,
    read_sidecars,
    read_sources,
    sample_seed,
    write_corpus,
)


@dataclass(frozen=True)
class Fades:
    """The example of the module's docstring: pictures that come out of the white."""

    config: ImportConfig

    def sources(self, first: int = 0) -> Iterator[Source]:
        return read_sources(self.config.source, first)

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        try:
            with watch.step("read"):
                picture = decode_picture(source.path, self.config.canvas)
        except BadPicture as bad:
            yield failure(source, None, bad)
            return
        frames = np.linspace(np.full_like(picture.pixels, 255), picture.pixels, self.config.frames, dtype=np.uint8)
        seed = sample_seed(0, source.name, "fade")
        yield painted_sample(source, frames, caption=source.caption, seed=seed, painting={"by": "fade"})

    def with_absolute_paths(self) -> Fades:
        return replace(self, config=self.config.with_absolute_paths())


def written(folder: Path, name: str = "corpus") -> Path:
    config = ImportConfig(source=str(folder / "photos"), out=folder / name, size=32, frames=4, shard_size=2, workers=0)
    assert write_corpus(Fades(config), stream=io.StringIO()).complete
    return folder / name


def test_another_generator_s_processes_become_a_corpus(tmp_path: Path) -> None:
    save_pictures(tmp_path / "photos", count=3)
    (tmp_path / "photos" / "broken.png").write_bytes(b"no picture")
    out = written(tmp_path)
    assert verify(out) == []
    samples = list(Corpus(out))
    assert [sample.entry.source for sample in samples] == ["cat-0.png", "flower-0.png", "temple-0.png"]
    assert samples[0].frames().shape == (4, 32, 32, 3)
    record = samples[0].record()
    assert record["about"] == {
        "kind": "painted",
        "recorded": 4,
        "size": [32, 32],
        "crop": None,
        "painting": {"by": "fade"},
    }
    assert record["seed"] == sample_seed(0, "cat-0.png", "fade")
    assert record["psnr"] is None
    assert record["frames"][0]["psnr"] < record["frames"][2]["psnr"]
    (failed,) = (each for sidecar in read_sidecars(out) for each in sidecar.failures)
    assert (failed.source, failed.reason) == ("broken.png", "not-a-picture")


def test_the_same_command_goes_on(tmp_path: Path) -> None:
    save_pictures(tmp_path / "photos", count=3)
    out = written(tmp_path)
    before = {path.name: path.read_bytes() for path in out.glob("*.tar")}
    (out / "000001.json").unlink()
    (out / "000001.tar").unlink()
    written(tmp_path)
    assert {path.name: path.read_bytes() for path in out.glob("*.tar")} == before
