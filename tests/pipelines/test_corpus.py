from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.pipelines.conftest import FRAMES, SIZE
from tests.pipelines.test_run import last_frame, paint
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.index import read_index
from underpaint.datagen.trust.verify import verify


@pytest.fixture
def written(small: Path, folder_of_pictures: Path, tmp_path: Path) -> Path:
    out = tmp_path / "corpus"
    outcome = paint(small, out, folder_of_pictures, format="corpus", shard_size=3, batch=2)
    assert outcome.written == [out]
    assert [each.source for each in outcome.failures] == ["broken.png"]
    return out


def test_it_is_a_corpus(written: Path, small: Path, folder_of_pictures: Path) -> None:
    assert verify(written) == []
    assert len(list(written.glob("[0-9]*.tar"))) == 2
    corpus = Corpus(written)
    assert corpus.keys() == ("00000001-p0-recorded", "00000002-p1-recorded", "00000003-p2-recorded")
    sample = corpus.find("p1")
    record = sample.record()
    assert sample.frames().shape == (FRAMES, SIZE, 48, 3)
    assert (record["caption"], record["about"]["kind"], record["psnr"]) == ("a lake", "painted", None)
    assert record["about"]["painting"]["seed"] == record["seed"]
    alone = paint(small, written.parent / "a.webp", folder_of_pictures / "p1.png", prompt="a lake").written[0]
    assert np.abs(last_frame(alone).astype(int) - sample.frames()[-1]).max() <= 1
    assert len(read_index(written, lambda source, renderer: True)[0]) == 3


def test_it_goes_on_where_it_was(written: Path, small: Path, folder_of_pictures: Path) -> None:
    before = {path.name: path.read_bytes() for path in written.glob("*.tar")}
    (written / "000001.json").unlink()
    paint(small, written, folder_of_pictures, format="corpus", shard_size=3, batch=2)
    assert {path.name: path.read_bytes() for path in written.glob("*.tar")} == before
    assert verify(written) == []


def test_a_medium_is_part_of_what_a_corpus_is(small: Path, tmp_path: Path) -> None:
    taught = tmp_path / "taught"
    shutil.copytree(small, taught)
    record = json.loads((taught / "motion" / "underpaint.json").read_text())
    record["recipe"] = {"name_medium": True, "renderer": ["ink", "oil"]}
    (taught / "motion" / "underpaint.json").write_text(json.dumps(record))
    given = {"task": "text", "format": "corpus"}
    for prompt, usual, caption in (("a hill", {"oil"}, "oil, a hill"), ("ink, a hill", set(), "ink, a hill")):
        paint(taught, tmp_path / caption, prompt, **given)
        painting = json.loads((tmp_path / caption / "job.json").read_text())["config"]["painting"]
        assert {value for name, value in painting.items() if "medium" in name} == usual
        assert next(iter(Corpus(tmp_path / caption))).record()["caption"] == caption
    paint(taught, tmp_path / "c", "a hill", **given, medium="oil")
    assert next(iter(Corpus(tmp_path / "c"))).record()["caption"] == "oil, a hill"
    with pytest.raises(ValueError, match=r'painting\.medium: "oil" -> "ink"'):
        paint(taught, tmp_path / "c", "a hill", **given, medium="ink")


def test_other_settings_are_refused(written: Path, small: Path, folder_of_pictures: Path) -> None:
    for values, name in (({"steps": 3}, r"painting\.sampling\.steps: 2 -> 3"), ({"seed": 1}, r"painting\.seed")):
        with pytest.raises(ValueError, match=name):
            paint(small, written, folder_of_pictures, **({"format": "corpus", "shard_size": 3} | values))
    assert "painting" in json.loads((written / "job.json").read_text())["config"]


def test_prompts(small: Path, tmp_path: Path) -> None:
    paint(small, tmp_path / "c", "a hill, 3.5 m", "a hill, 3.5 m", task="text", format="corpus")
    assert verify(tmp_path / "c") == []
    one, two = Corpus(tmp_path / "c")
    assert one.record()["caption"] == "a hill, 3.5 m"
    assert np.array_equal(one.frames(), two.frames())
