"""docs/format.md is enough to read a corpus, and so are the tools that people have."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from datagen.corpus import Corpus
from datagen.decode import Reason
from tests.datagen.helpers import ROOT

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


def test_every_reason_is_documented():
    page = (ROOT / "docs" / "datagen.md").read_text()
    for reason in Reason.__args__:
        assert f"`{reason}`" in DOCUMENT
        assert f"| `{reason}` |" in page


def test_every_key_is_documented(finished):
    sidecar = json.loads((finished / "000000.json").read_bytes())
    about = next(iter(Corpus(finished))).record()
    plan = json.loads((finished / "job.json").read_bytes())
    manifest = json.loads((finished / "manifest.json").read_bytes())
    for key in (*sidecar, *sidecar["samples"][0], *about, *plan, *manifest):
        assert f"`{key}`" in DOCUMENT, key
