from __future__ import annotations

import json
import shutil

import pytest

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report import words
from underpaint.datagen.report.rows import read_rows
from underpaint.datagen.storage.store import Store


def facts(location):
    corpus = Corpus(location)
    return {name: (value, note) for name, value, note in words.header_figures(corpus, list(read_rows(list(corpus))))}


def test_the_figures_of_the_header(hostile):
    found = facts(hostile)
    assert found["samples"] == ("12", "of 8 sources")
    assert found["skipped"] == ("2", "2 reasons")
    assert found["with a caption"] == ("83 %", "17 % with a licence")
    assert found["mean strokes"][0] == "24"
    assert found["mean PSNR"][0].endswith(" dB")
    assert found["size"][1].endswith("kB a sample, 2 shards")


def test_without_licences(finished):
    assert facts(finished)["with a caption"] == ("100 %", "")


def test_recordings_have_no_strokes(recorded):
    found = facts(recorded)
    assert found["samples"] == ("3", "of 4 sources")
    assert not {"mean PSNR", "mean strokes"} & found.keys()


def test_how_it_was_made_in_one_line(finished, recorded):
    line = words.subtitle(Store(str(finished)), [(48, 48), (48, 48)])
    assert line == "bezier · 48 × 48 px · up to 24 strokes · 5 frames · by change · draft"
    assert words.subtitle(Store(str(finished)), [(48, 48), (48, 64)]).startswith("bezier · 48 px · ")
    assert words.subtitle(Store(str(recorded))) == "recorded · 48 px · 5 frames"


def test_without_its_plan(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy", ignore=shutil.ignore_patterns("job.json"))
    assert words.subtitle(Store(str(tmp_path / "copy"))) == ""


@pytest.mark.parametrize(("location", "expected"), [("memory://a/barns", "barns"), ("memory://barns/", "barns")])
def test_the_title_of_a_remote_corpus(finished, location, expected):
    there = Store(location)
    for path in finished.glob("0*"):
        there.write(path.name, path.read_bytes())
    assert words.title(Corpus(location)) == expected


def test_the_title_of_the_folder_that_we_are_in(finished, monkeypatch):
    monkeypatch.chdir(finished)
    assert words.title(Corpus(".")) == "corpus"


def test_reasons_by_number(hostile, tmp_path):
    found = words.reasons(Corpus(hostile))
    assert [(reason.name, reason.count) for reason in found] == [("empty", 1), ("not-a-picture", 1)]
    assert found[1].examples[0].source == "<b onclick=alert(3)>bad.jpg"
    assert words.skipped_text(found).startswith("2 in all")
    assert words.skipped_text([]) == "Nothing was skipped."


def test_of_many_failures_the_first_are_named(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    sidecar = json.loads((folder / "000000.json").read_bytes())
    failure = {"index": 0, "renderer": None, "reason": "empty", "detail": "0 bytes"}
    sidecar["failures"] = [failure | {"source": f"{number}.jpg"} for number in range(words.EXAMPLES + 5)]
    sidecar.pop("seal", None)
    (folder / "000000.json").write_text(json.dumps(sidecar))
    (reason,) = words.reasons(Corpus(folder))
    assert (reason.count, len(reason.examples), reason.share) == (words.EXAMPLES + 5, words.EXAMPLES, 100)
