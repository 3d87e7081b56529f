"""docs/format.md is enough to read a corpus, and so are the tools that people have."""

import hashlib
import io
import json
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tests.datagen.helpers import ROOT, quietly
from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.split import split
from underpaint.datagen.format.draws import validation_draw
from underpaint.datagen.pictures.picture import Reason
from underpaint.datagen.seeds import renderers_of
from underpaint.datagen.trust.verify import verify

DOCUMENT = (ROOT / "docs" / "format.md").read_text()


def test_the_reader_in_the_document_reads_a_corpus(finished, tmp_path):
    code = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[-1]
    (tmp_path / "reader.py").write_text(code)
    command = [sys.executable, "-I", str(tmp_path / "reader.py"), str(finished)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    keys = [line.split()[0] for line in done.stdout.splitlines()]
    assert keys == list(Corpus(finished).keys())
    assert "(5, 48, 48, 3)" in done.stdout


def test_the_reader_in_the_document_gets_every_byte(finished):
    code = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[-1]
    names: dict[str, object] = {}
    exec(code.split("\nfor about, frames, program in")[0], names)
    found = list(names["read_corpus"](finished))  # type: ignore[operator]
    for (about, frames, program), sample in zip(found, Corpus(finished), strict=True):
        assert about == sample.record()
        np.testing.assert_array_equal(frames, sample.frames())
        np.testing.assert_array_equal(program["strokes"], sample.program().strokes)


def test_plain_webdataset_reads_a_corpus(finished):
    webdataset = pytest.importorskip("webdataset")
    shards = str(finished / "{000000..000002}.tar")
    samples = list(webdataset.WebDataset(shards, shardshuffle=False))
    assert [sample["__key__"] for sample in samples] == list(Corpus(finished).keys())
    for sample, ours in zip(samples, Corpus(finished), strict=True):
        assert json.loads(sample["json"]) == ours.record()
        assert {name for name in sample if not name.startswith("__")} == set(ours.entry.members)
        assert sample["webp"] == ours.member("webp")


def test_hugging_face_datasets_reads_a_corpus(finished, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ours = list(Corpus(finished))
    files = {"train": str(finished / "*.tar")}
    guessed = datasets.load_dataset("webdataset", data_files=files, streaming=True, cache_dir=str(tmp_path))["train"]
    columns = {"__key__": datasets.Value("string"), "webp": datasets.Image()}
    if hasattr(datasets, "Json"):  # from 5.0 on; before, the types of `json` can only be guessed
        columns["json"] = datasets.Json()
    features = datasets.Features(columns)
    told = datasets.load_dataset(
        "webdataset", data_files=files, features=features, streaming=True, cache_dir=str(tmp_path)
    )["train"]
    for dataset in (guessed, told):
        for read, sample in zip(dataset, ours, strict=True):
            assert read["__key__"] == sample.entry.key
            if "json" in read:
                assert read["json"]["strokes"] == sample.entry.strokes
            last = read["webp"].n_frames - 1
            read["webp"].seek(last)
            np.testing.assert_array_equal(np.asarray(read["webp"].convert("RGB")), sample.frames()[-1])
    read = next(iter(guessed))
    np.testing.assert_array_equal(read["strokes.npz"]["strokes"], ours[0].program().strokes)


def test_hugging_face_datasets_reads_a_folder_with_its_card(corpus, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets", minversion="5.0")
    from underpaint.datagen.summary.card import write_card

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    write_card(corpus)
    dataset = datasets.load_dataset(str(corpus), streaming=True, cache_dir=str(tmp_path))["train"]
    assert [sample["__key__"] for sample in dataset] == list(Corpus(corpus).keys())
    assert dataset.features.keys() == {"__key__", "webp", "json", "target.webp"}


@pytest.mark.slow
def test_megatron_energon_prepares_and_lints_a_corpus(corpus):
    pytest.importorskip("megatron.energon")
    energon = [sys.executable, "-m", "megatron.energon.cli.main"]
    fields = '{"image": "webp", "caption": "json[caption]"}'
    options = ["--non-interactive", "--num-workers", "1", "--split-ratio", "2,1,0"]
    kind = ["--sample-type", "CaptioningSample", "--field-map", fields]
    subprocess.run([*energon, "prepare", *options, *kind, str(corpus)], check=True, capture_output=True)
    subprocess.run([*energon, "lint", str(corpus)], check=True, capture_output=True)
    assert verify(corpus) == []


def test_every_reason_is_documented():
    page = (ROOT / "docs" / "datagen.md").read_text()
    for reason in Reason.__args__:
        assert f"`{reason}`" in DOCUMENT
        assert f"| `{reason}` |" in page


def test_every_key_is_documented(finished, configure, tmp_path):
    empty = tmp_path / "none.jpg"
    empty.touch()
    quietly(configure(tmp_path / "out", source=str(empty)))
    (failure,) = json.loads((tmp_path / "out" / "000000.json").read_bytes())["failures"]
    sidecar = json.loads((finished / "000000.json").read_bytes())
    about = next(iter(Corpus(finished))).record()
    plan = json.loads((finished / "job.json").read_bytes())
    manifest = json.loads((finished / "manifest.json").read_bytes())
    share = manifest["renderers"]["bezier"]
    frame, program = about["frames"][0], np.load(io.BytesIO(next(iter(Corpus(finished))).member("strokes.npz")))
    for key in (*sidecar, *sidecar["samples"][0], *failure, *about, *frame, *plan, *manifest, *share, *program):
        assert f"`{key}`" in DOCUMENT, key


def test_every_key_of_a_recorded_sample_is_documented(recorded):
    section = DOCUMENT[DOCUMENT.index("### Recorded samples") : DOCUMENT.index("## A shard")]
    sample = next(iter(Corpus(recorded)))
    about = sample.record()
    for key in (*about, *about["about"], *about["frames"][0]):
        assert f"`{key}`" in section, key
    for member in sample.entry.members:
        assert f"`KEY.{member}`" in section, member
    plan = json.loads((recorded / "job.json").read_bytes())
    for key in (*plan, *json.loads((recorded / "000000.json").read_bytes())):
        assert f"`{key}`" in DOCUMENT, key


def test_the_reader_in_the_document_and_webdataset_read_recordings(recorded):
    code = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[-1]
    names: dict[str, Any] = {}
    exec(code.split("\nfor about, frames, program in")[0], names)
    found = list(names["read_corpus"](recorded))
    for (about, frames, program), sample in zip(found, Corpus(recorded), strict=True):
        assert (about, program) == (sample.record(), {})
        np.testing.assert_array_equal(frames, sample.frames())
    webdataset = pytest.importorskip("webdataset")
    shards = webdataset.WebDataset(str(recorded / "{000000..000001}.tar"), shardshuffle=False)
    for read, ours in zip(shards, Corpus(recorded), strict=True):
        assert read["__key__"] == ours.entry.key
        assert {name for name in read if not name.startswith("__")} == {"webp", "json"}


def test_the_phases_and_columns_of_bezier_are_documented():
    program = renderers.paint(np.zeros((16, 16, 3), np.uint8), strokes=1)
    for name in (*program.program.phases, *program.program.columns):
        assert f"`{name}`" in DOCUMENT


def test_the_draw_of_a_mix_is_the_one_in_the_document():
    code = next(block for block in re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL) if "def drawn" in block)
    names: dict[str, Any] = {}
    exec(code, names)
    media = ("bezier", "ink", "oil")
    for index in range(50):
        source = f"größe/{index}.jpg"
        assert names["drawn"](3, source, media) == renderers_of(source, media, mix=True, run_seed=3)[0]


def test_the_draw_of_a_split_and_the_checksum_are_those_in_the_document(finished):
    code = next(block for block in re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL) if "drawn_for" in block)
    names: dict[str, Any] = {}
    exec(code, names)
    for index in range(50):
        assert names["drawn_for_validation"](f"größe/{index}.jpg") == validation_draw(f"größe/{index}.jpg")
    sidecar = json.loads((finished / "000000.json").read_bytes())
    checksum = sidecar.pop("checksum")
    text = json.dumps(sidecar, sort_keys=True, separators=(",", ":")) + "\n"
    assert hashlib.sha256(text.encode("ascii")).hexdigest() == checksum


def test_the_plan_of_a_split_corpus_is_documented(finished, tmp_path):
    split(finished, tmp_path, validation=0.3)
    plan = json.loads((tmp_path / "train" / "job.json").read_bytes())
    for key in (*plan, *plan["parts"][0]):
        assert f"`{key}`" in DOCUMENT, key
