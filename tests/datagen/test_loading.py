"""docs/loading.md: each of its blocks runs, and what the loaders give is the corpus to the byte."""

import json
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tests.datagen.helpers import KEY, ROOT, quietly, rewrite_one, with_fingerprint
from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.reorder import reorder
from underpaint.datagen.format.decoding import ProcessDecoder
from underpaint.datagen.format.frames import format_of
from underpaint.datagen.format.index import read_index
from underpaint.datagen.report.server import Site
from underpaint.datagen.summary.card import write_card
from underpaint.datagen.trust.verify import verify

DOCUMENT, FORMAT = ((ROOT / "docs" / name).read_text() for name in ("loading.md", "format.md"))


def block(heading: str = "") -> str:
    """The first block below a heading, or of the page."""
    section = DOCUMENT[DOCUMENT.index(f"\n## {heading}\n") if heading else 0 :]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]


@pytest.fixture
def run(corpus, monkeypatch):
    """Run a block beside the corpus, with what it reads of each batch gathered."""
    monkeypatch.chdir(corpus.parent)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(corpus.parent / "cache"))

    def run(code: str) -> tuple[list[Any], dict[str, Any]]:
        code = re.sub(r"^    batch\b.*$", "    batches.append(batch)", code, flags=re.MULTILINE)
        names: dict[str, Any] = {"batches": [], "__name__": "example"}
        exec(compile(code, "loading.md", "exec", dont_inherit=True), names)
        assert names["batches"]
        return names["batches"], names

    return run


def assert_whole(found, corpus):
    """(caption, frames) of every sample are those of the corpus, in whatever order."""
    captions = [caption for caption, _ in found]
    assert sorted(captions) == sorted(sample.caption for sample in Corpus(corpus))
    by_caption = {sample.caption: sample for sample in Corpus(corpus)}
    indices = [0, 1, 3, 4]  # four of five, evenly
    for caption, frames in found:
        np.testing.assert_array_equal(np.asarray(frames), by_caption[caption].frames()[indices])


def pairs(batches):
    return [
        (caption, frames)
        for batch in batches
        for caption, frames in zip(batch["caption"], batch["frames"], strict=True)
    ]


def test_pytorch(run, corpus):
    batches, _ = run(block())
    assert_whole(pairs(batches), corpus)
    batches, _ = run(block("PyTorch"))
    strokes = {key: program for batch in batches for key, program in zip(batch["key"], batch["program"], strict=True)}
    for sample in Corpus(corpus):
        np.testing.assert_array_equal(strokes[sample.key]["strokes"], sample.program().strokes)


def test_webdataset(run, corpus):
    pytest.importorskip("webdataset")
    batches, _ = run(block("webdataset"))
    assert_whole(pairs(batches), corpus)


def test_hugging_face_datasets(run, corpus):
    pytest.importorskip("datasets", minversion="5.0")
    batches, _ = run(block("Hugging Face datasets"))
    assert_whole([(row["caption"], row["frames"]) for batch in batches for row in batch], corpus)


@pytest.mark.slow
def test_energon(run, corpus):
    pytest.importorskip("megatron.energon")
    (command,) = re.findall(r"```sh\nenergon (.*?)```", DOCUMENT, re.DOTALL)
    energon = [sys.executable, "-m", "megatron.energon.cli.main", *command.split()[:-1], "--num-workers", "1"]
    subprocess.run([*energon, str(corpus)], check=True, capture_output=True)
    batches, _ = run(block("Megatron-Energon"))
    assert_whole(
        [(caption, frames) for batch in batches for caption, frames in zip(batch.caption, batch.frames, strict=True)],
        corpus,
    )
    assert verify(corpus) == []


def test_python(run, corpus):
    code = block("Python, without a loader")
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["sample"].key == names["sample"].record()["key"]
    for name in ("source", "renderer", "strokes", "psnr", "seed", "caption"):
        assert getattr(names["sample"], name) == names["sample"].record()[name], name


@pytest.mark.parametrize("frame_format", ["png-sequence", "mp4"])
def test_every_reader_reads_every_frame_format(configure, finished, tmp_path, frame_format):
    """A corpus in another format is the same corpus: frames, checks, index, decoder, card, report and reordering."""
    out, again = tmp_path / "corpus", tmp_path / "again"
    for folder in (out, again):
        quietly(configure(folder, shard_size=10, frame_format=frame_format))
    assert (out / "000000.tar").read_bytes() == (again / "000000.tar").read_bytes()
    assert verify(out) == []
    (index,) = read_index(out, lambda source, renderer: True)
    site = Site(Corpus(out))
    for number, (sample, ours) in enumerate(zip(Corpus(out), Corpus(finished), strict=True)):
        assert format_of(sample.entry.members) == frame_format
        np.testing.assert_array_equal(sample.frames(), ours.frames())
        found = ProcessDecoder()({"__key__": sample.key, **index.members(number)})
        np.testing.assert_array_equal(found["frames"], ours.frames())
        stored, record = index.read(number)
        assert record == sample.member("json")
        assert ([stored] if isinstance(stored, bytes) else stored) == sample.stored_frames()
    names: dict[str, Any] = {}
    reader = re.findall(r"```python\n(.*?)```", FORMAT, re.DOTALL)[-1]
    exec(reader.split("\nfor about, frames, program in")[0], names)
    for (about, frames, _), sample in zip(names["read_corpus"](out), Corpus(finished), strict=True):
        assert about["key"] == sample.key
        np.testing.assert_array_equal(frames, sample.frames())
    assert site.answer("/sample/0/film.webp")[2] == Corpus(finished)[0].member("webp")
    assert f"`{'mp4' if frame_format == 'mp4' else '0004.png'}`" in write_card(out)


@pytest.mark.parametrize("frame_format", ["png-sequence", "mp4"])
def test_a_reordered_corpus_keeps_its_frame_format(configure, tmp_path, frame_format):
    options = {"bezier": renderers.options_class("bezier")(manner="error")}
    quietly(configure(tmp_path / "old", strokes=12, shard_size=10, options=options, frame_format=frame_format))
    reorder(tmp_path / "old", tmp_path / "new")
    assert {format_of(sample.entry.members) for sample in Corpus(tmp_path / "new")} == {frame_format}
    assert verify(tmp_path / "new") == []


def test_a_frame_too_few_and_another_frame_format_are_faults(configure, tmp_path):
    corpus = tmp_path / "corpus"
    quietly(configure(corpus, shard_size=10, frame_format="png-sequence"))
    rewrite_one(corpus, **{"0003_png": None})
    found = verify(corpus)
    assert [(fault.key, fault.kind) for fault in found] == [(KEY, "member"), (KEY, "frames")]
    assert "0004.png where 0003.png is expected" in found[1].detail
    job = json.loads((corpus / "job.json").read_bytes())
    job["config"]["frame_format"] = "mp4"
    with_fingerprint(corpus, job)
    details = [fault.detail.rpartition(" instead of ")[2] for fault in verify(corpus) if fault.kind == "member"]
    assert details == ["json, mp4, strokes.npz"] * 10


def test_jobs_from_before_there_was_a_choice_of_formats_go_on(configure, tmp_path):
    assert "frame_format" not in configure(tmp_path).determines_bytes()
    assert configure(tmp_path, frame_format="mp4").determines_bytes()["frame_format"] == "mp4"
