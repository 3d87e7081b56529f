from __future__ import annotations

import json
import re
import shutil

import pytest

import underpaint.datagen.report.build
from tests.datagen.helpers import KEY, rewrite_one
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.report.build import ReportConfig, report_html, write_report
from underpaint.datagen.storage.store import Store


def data(page: str):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_every_sample_is_listed(hostile, tmp_path):
    size = write_report(Corpus(hostile), tmp_path / "new" / "report.html")
    page = (tmp_path / "new" / "report.html").read_text()
    assert len(page.encode()) == size
    found = data(page)
    assert [row[0] for row in found["rows"]] == list(Corpus(hostile).keys())
    assert [group["name"] for group in found["groups"]] == ["bezier", "oil"]
    assert found["gallery"] == list(range(12))
    assert found["films"].keys() == {str(number) for number in range(12)}
    assert found["columns"] == 6
    assert [rows[0] for rows in found["worst"]] == [*sorted_worst(found, 0), *sorted_worst(found, 1)]


def sorted_worst(found, group):
    members = [(row[5], number) for number, row in enumerate(found["rows"]) if row[3] == group]
    return [number for _, number in sorted(members)[:4]]


def test_it_asks_nobody_for_anything(hostile):
    page = report_html(Corpus(hostile), ReportConfig())
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]', page.split('id="data"')[0])
    assert "default-src &#39;none&#39;" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_what_comes_from_the_corpus_stays_text(hostile):
    page = report_html(Corpus(hostile), ReportConfig())
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b onclick" not in page
    assert "&lt;b onclick=alert(3)&gt;bad.jpg" in page
    assert "corpus &lt;i&gt;" in page
    assert page.count("</script>") == 2
    captions = {row[2] for row in data(page)["rows"]}
    assert {"<script>alert(1)</script>", None} <= captions


def test_the_same_corpus_gives_the_same_page(finished):
    assert report_html(Corpus(finished), ReportConfig()) == report_html(Corpus(finished), ReportConfig())


def test_a_share_of_the_films(finished):
    page = report_html(Corpus(finished), ReportConfig(samples=3))
    found = data(page)
    assert len(found["gallery"]) == 3
    assert len(found["rows"]) == 10
    assert "3 of 10: all media of pictures" in page
    assert "Change from frame to frame" in page
    none = report_html(Corpus(finished), ReportConfig(samples=0))
    assert data(none)["gallery"] == []
    assert "Change from frame to frame" not in none


def test_a_share_of_the_samples(finished):
    page = report_html(Corpus(finished), ReportConfig(rows=4))
    assert len(data(page)["rows"]) == 4
    assert "4 of 10 samples, drawn at random" in page


def test_a_page_never_grows_too_large(finished, monkeypatch):
    whole = data(report_html(Corpus(finished), ReportConfig()))
    monkeypatch.setattr(underpaint.datagen.report.build, "FILM_BYTES", 12_000)
    found = data(report_html(Corpus(finished), ReportConfig()))
    assert 0 < len(found["films"]) < len(whole["films"])
    shown = {*found["gallery"], *(number for number, _ in found["worst"] + found["odd"])}
    assert shown == {int(number) for number in found["films"]}
    # The worst come first.
    assert found["worst"] == whole["worst"][: len(found["worst"])]


def test_recorded_processes(recorded):
    page = report_html(Corpus(recorded), ReportConfig())
    found = data(page)
    assert [group["name"] for group in found["groups"]] == ["video", "pictures"]
    assert found["worst"] == []
    assert "The worst" not in page
    assert "not-a-video" in page


def test_a_damaged_sample_is_named(corpus, tmp_path):
    rewrite_one(corpus, webp=lambda data: data[:60])
    with pytest.raises(ValueError, match=f"{KEY}: .*; run verify"):
        write_report(Corpus(corpus), tmp_path / "report.html")
    assert list(tmp_path.glob("*report*")) == []


def test_without_its_plan(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy", ignore=shutil.ignore_patterns("job.json"))
    assert "job.json is missing or damaged" in report_html(Corpus(tmp_path / "copy"), ReportConfig())


def test_progress_is_told(finished):
    told: list[tuple[int, int]] = []
    report_html(Corpus(finished), ReportConfig(), lambda done, of: told.append((done, of)))
    assert told == [(number, 10) for number in range(1, 11)]


def test_a_remote_corpus_gives_the_same_page(finished):
    there = Store("memory://reports/corpus")
    for path in finished.iterdir():
        if not path.name.startswith("."):
            there.write(path.name, path.read_bytes())
    assert report_html(Corpus(there), ReportConfig()) == report_html(Corpus(finished), ReportConfig())


@pytest.mark.parametrize(("values", "message"), [({"samples": -1}, "samples is -1"), ({"rows": 0}, "rows is 0")])
def test_values_out_of_range(values, message):
    with pytest.raises(ValueError, match=message):
        ReportConfig(**values)


def test_a_report_without_films_is_allowed():
    assert ReportConfig(samples=0, rows=1).samples == 0


def test_half_an_emoji_is_no_reason_to_write_no_page(hostile, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(hostile, corpus)
    path = corpus / "000000.json"
    record = json.loads(path.read_bytes())
    record["failures"].append(
        {"source": "half \ud83d", "index": 9, "renderer": None, "reason": "odd", "detail": "\x1b</td>"}
    )
    path.write_bytes(sealed_bytes(record))
    write_report(Corpus(corpus), tmp_path / "report.html", ReportConfig(samples=0))
    assert "half \ufffd" in (tmp_path / "report.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"ends in \.tar: give the page a name that ends in \.html"):
        write_report(Corpus(corpus), corpus / "000000.tar")
