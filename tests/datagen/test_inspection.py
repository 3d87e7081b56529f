import io

from rich.console import Console

from datagen.corpus import Corpus
from datagen.inspection import corpus_tables, sample_tables, summary_table
from tests.datagen.helpers import quietly


def shown(*tables: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    for table in tables:
        console.print(table)
    return console.file.getvalue()


def test_a_corpus_at_a_glance(finished):
    text = shown(*corpus_tables(Corpus(finished), limit=3))
    for part in ("bezier.ground", "samples", "10", "3 of 10", "00000002-p1-bezier", "dB", "paint"):
        assert part in text
    assert "00000003" not in text
    assert "Skipped" not in text


def test_a_corpus_without_its_plan(corpus):
    (corpus / "job.json").unlink()
    assert "job.json is missing" in shown(*corpus_tables(Corpus(corpus)))


def test_one_sample(finished):
    text = shown(*sample_tables(Corpus(finished).find("alter")))
    for part in ("00000000-alter-baum-bezier", "more/Älter Baum.jpg", "picture 9", "target.webp", "[48, 48]", "24"):
        assert part in text


def test_skipped_pictures_are_listed(configure, tmp_path, pictures):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "[red]bad.jpg").write_text("no")
    (tmp_path / "in" / "good.png").write_bytes((pictures / "p1.png").read_bytes())
    result = quietly(configure(tmp_path / "out", source=str(tmp_path / "in")))
    text = shown(summary_table(result), *corpus_tables(Corpus(tmp_path / "out")))
    assert "1 (1 not-a-picture)" in text
    assert "[red]bad.jpg" in text
