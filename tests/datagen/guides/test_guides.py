from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import SMALL, quietly, synthetic
from tests.renderers.vision.models import save_blip, save_depth, save_onnx
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.guides import making
from underpaint.datagen.guides.config import GuidesConfig
from underpaint.datagen.guides.guides import GuidesResult, guides
from underpaint.datagen.trust.verify import verify
from underpaint.renderers.vision.identity import identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, one of them in a folder below, one with a caption."""
    (tmp_path / "in" / "b").mkdir(parents=True)
    for index, name in enumerate(("a.jpg", "b/c.png", "d.webp")):
        synthetic(index, (80, 64)).save(tmp_path / "in" / name)
    (tmp_path / "in" / "a.txt").write_text("a red barn")
    return tmp_path / "in"


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return save_onnx(tmp_path / "u2net.onnx", gain=3.0)


def made(folder: Path, **settings: object) -> GuidesResult:
    given = {"source": str(folder), "workers": 0, "device": "cpu", "size": 32, "caption_tokens": 8} | settings
    return guides(GuidesConfig(**given), stream=io.StringIO())  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pictures_get_maps_and_captions_and_painting_takes_them(folder: Path, network: Path, tmp_path: Path) -> None:
    depth, blip = save_depth(tmp_path / "depth"), save_blip(tmp_path / "blip")
    models = {"saliency": network, "depth": depth, "captions": blip}
    before = contents(folder)
    result = made(folder, **models)
    assert (dict(result.made), dict(result.there)) == ({"saliency": 3, "depth": 3, "captions": 2}, {"captions": 1})
    assert (result.pictures, result.failures, result.errors) == (3, [], [])
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == sorted(
        [f"{stem}.{guide}.png" for stem in ("a", "b/c", "d") for guide in ("saliency", "depth")]
        + ["b/c.caption.json", "d.caption.json"]
    )
    for guide, mode in (("saliency", "L"), ("depth", "I;16")):
        with Image.open(folder / f"a.{guide}.png") as image:
            assert (image.size, image.mode, image.info["Model"]) == ((40, 32), mode, identity(models[guide]))
    assert json.loads(after["d.caption.json"])["caption_model"] == identity(blip)
    # The same again has nothing to do, and reads no weights for it.
    again = made(folder, **models)
    assert (dict(again.made), dict(again.there)) == ({}, {"saliency": 3, "depth": 3, "captions": 3})
    assert contents(folder) == after

    config = GenerateConfig(**SMALL | {"source": str(folder), "out": tmp_path / "out", "renderer": "region"})
    assert quietly(config).complete
    assert verify(tmp_path / "out") == []
    records = [sample.record() for sample in Corpus(tmp_path / "out")]
    assert [record["guides"] for record in records] == [{"saliency": identity(network)}] * 3
    assert [record["about"]["saliency"] for record in records] == ["file"] * 3
    assert records[0]["caption"] == "a red barn"
    assert [record.get("caption_model") for record in records] == [None, identity(blip), identity(blip)]
    assert all("barn" in record["caption"] for record in records)


def test_only_what_is_missing_is_made(folder: Path, network: Path) -> None:
    made(folder, saliency=network)
    whole = contents(folder)
    (folder / "b" / "c.saliency.png").unlink()
    result = made(folder, saliency=network)
    assert (result.made["saliency"], result.there["saliency"]) == (1, 2)
    assert contents(folder) == whole  # to the byte


def test_what_another_model_made_is_made_again_when_asked_only(folder: Path, network: Path, tmp_path: Path) -> None:
    made(folder, saliency=network)
    Image.new("L", (40, 32), 200).save(folder / "d.saliency.png")  # by a person
    before = contents(folder)
    other = save_onnx(tmp_path / "isnet.onnx", gain=-3.0)
    with pytest.raises(ValueError, match=r"have made 2 of saliency, such as a.*: --remake") as told:
        made(folder, saliency=other)
    assert "\n" not in str(told.value)
    assert contents(folder) == before
    result = made(folder, saliency=other, remake=True)
    assert (result.made["saliency"], result.there["saliency"]) == (2, 1)
    after = contents(folder)
    assert {name for name in before if after[name] != before[name]} == {"a.saliency.png", "b/c.saliency.png"}


def test_captions_of_people_are_kept_whatever_is_asked(folder: Path, tmp_path: Path) -> None:
    first, other = save_blip(tmp_path / "blip"), save_blip(tmp_path / "other")
    (folder / "b" / "c.caption").write_text("a tree")
    rows = [{"file": "d.webp", "caption": "a house"}]
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) for row in rows))
    before = contents(folder)
    assert made(folder, captions=first).there["captions"] == 3
    assert contents(folder) == before
    (folder / "captions.jsonl").unlink()
    assert made(folder, captions=first).made["captions"] == 1  # that of d.webp
    with pytest.raises(ValueError, match=r"have made 1 of captions, such as d.caption.json of d.webp"):
        made(folder, captions=other)
    assert made(folder, captions=other, remake=True).made["captions"] == 1
    assert json.loads((folder / "d.caption.json").read_text())["caption_model"] == identity(other)
    assert (folder / "a.txt").read_text() == "a red barn"
    (folder / "d.txt").write_text(" ")  # who wants no caption gets none, and not a new one each time
    assert (made(folder, captions=other).made["captions"], made(folder, captions=other).there["captions"]) == (0, 3)


def test_pictures_that_fail_are_named_and_the_others_go_on(
    folder: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "0.jpg").write_bytes(b"\xff\xd8\xff no picture")
    result = made(folder, saliency=network, batch=2)
    assert [str(failure) for failure in result.failures] == ["0.jpg: damaged: its header can't be read"]
    assert result.made["saliency"] == 3

    def fail(*_: object) -> None:
        raise RuntimeError("odd\x07 numbers")

    monkeypatch.setattr(making, "made_map", fail)
    (folder / "a.saliency.png").unlink()
    result = made(folder, saliency=network)
    assert str(result.failures[-1]) == r"a.jpg: saliency, RuntimeError: odd\x07 numbers"
    assert not (folder / "a.saliency.png").exists()


def test_a_map_is_never_half_written(folder: Path, network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from underpaint.datagen.format import atomic

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "sync_file", full)
    before = contents(folder)
    result = made(folder, saliency=network, max_retries=0)
    assert "No space left on device" in result.errors[0]
    assert contents(folder) == before


def test_one_map_serves_one_picture(folder: Path, network: Path) -> None:
    made(folder, saliency=network)
    synthetic(9, (64, 64)).save(folder / "a.png")
    result = made(folder, saliency=network)
    assert [(failure.source, failure.made) for failure in result.failures] == [("a.png", "saliency")]
    assert "called the same but for its ending: rename one" in result.failures[0].why
    (folder / "a.jpg").unlink()
    assert made(folder, saliency=network).failures == []  # a.jpg was made a.png of


def test_a_map_has_the_pixels_of_its_picture_upright(tmp_path: Path, network: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = np.zeros((24, 60, 3), np.uint8)
    picture[:, :12, 0] = 255  # upright, this is above
    Image.fromarray(picture).save(tmp_path / "a.png", exif=exif)
    made(tmp_path / "a.png", saliency=network)
    with Image.open(tmp_path / "a.saliency.png") as image:
        values = np.asarray(image)
    assert values.shape == (60, 24)  # not larger than the picture
    assert values[:8].min() > 200 > 50 > values[20:].max()


def test_parts_of_larger_files_have_nothing_beside_them(folder: Path, network: Path, tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(folder / "a.jpg", "a.jpg")
    with pytest.raises(ValueError, match=r"a.tar/a.jpg is part of a larger file.*unpack it"):
        made(tmp_path / "a.tar", saliency=network)


def test_what_a_worker_gets_is_what_the_driver_has(folder: Path, network: Path) -> None:
    from underpaint.datagen.guides.making import GuidePortion
    from underpaint.datagen.jobs.shard import ShardFailed

    config = GuidesConfig(source=str(folder), saliency=network, workers=0)
    portion = GuidePortion(index=0, sources=(), config=config, models={"saliency": "u2net.onnx 0123456789abcdef"})
    with pytest.raises(ShardFailed, match=r"saliency of .* is u2net.onnx .*, not u2net.onnx 0123456789abcdef"):
        portion.do(lambda *_: None)
