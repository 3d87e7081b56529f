import io
import json

from rich.console import Console

from tests.datagen.helpers import KEY, quietly, with_json, without_phases
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.manifest import Share
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.format.sidecar import SampleEntry
from underpaint.datagen.summary.statistics import corpus_statistics
from underpaint.datagen.summary.tables import corpus_tables, mean_psnr, sample_tables, statistics_tables, summary_table


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


def test_several_media_at_a_glance(in_two_media):
    corpus = Corpus(in_two_media)
    text = shown(*corpus_tables(corpus, limit=3))
    for part in (
        "bezier.ground",
        "charcoal.paper",
        "by bezier",
        "by charcoal",
        "10 samples, mean PSNR",
        "bezier,charcoal",
    ):
        assert part in text
    text = shown(*sample_tables(corpus.find("alter-baum-charcoal")))
    for part in ("'paper': 'rough'", "phase", "bands", "upper", "[0, 1]", "PSNR"):
        assert part in text


def test_an_older_sample_has_no_phases(corpus):
    without_phases(corpus)
    text = shown(*sample_tables(Corpus(corpus).find(KEY)))
    assert "PSNR" in text
    assert "phase" not in text


def test_failures_of_one_renderer_are_told(configure, tmp_path, pictures, charcoal):
    options = {"charcoal": charcoal.options(order="depth")}
    config = configure(tmp_path / "out", source=str(pictures / "p1.png"), renderer="bezier,charcoal", options=options)
    result = quietly(config)
    text = shown(summary_table(result), *corpus_tables(Corpus(tmp_path / "out")))
    assert "1 (1 missing-guide)" in text
    assert "no p1.depth.png beside the picture" in text
    row = next(line for line in text.splitlines() if "p1.depth.png" in line)
    assert "charcoal" in row


def test_skipped_pictures_are_listed(configure, tmp_path, pictures):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "[red]bad.jpg").write_text("no")
    (tmp_path / "in" / "good.png").write_bytes((pictures / "p1.png").read_bytes())
    result = quietly(configure(tmp_path / "out", source=str(tmp_path / "in")))
    text = shown(summary_table(result), *corpus_tables(Corpus(tmp_path / "out")))
    assert "1 (1 not-a-picture)" in text
    assert "[red]bad.jpg" in text


def test_tables_say_it_all(in_two_media, recorded):
    for folder in (in_two_media, recorded):
        console = Console(width=200, record=True, file=io.StringIO())
        record = corpus_statistics(folder)
        for table in statistics_tables(record):
            console.print(table)
        text = console.export_text()
        assert all(name in text for name in (*record["renderers"], "median", "PSNR in dB", "100%"))


def test_a_terminal_obeys_no_text_of_a_corpus(corpus):
    with_json(corpus, caption="\x1b]0;title\x07\x1b[2J [red]caption[/red]\nsecond")
    path = corpus / "000000.json"
    record = json.loads(path.read_bytes())
    record["failures"] = [{"source": "[b]\x1b", "index": 0, "renderer": None, "reason": "\x9b2J", "detail": "\u202e"}]
    path.write_bytes(sealed_bytes(record))
    text = shown(*sample_tables(Corpus(corpus).find(KEY)), *corpus_tables(Corpus(corpus)))
    assert r"\x1b]0;title\x07\x1b[2J [red]caption[/red]\nsecond" in text
    assert r"[b]\x1b" in text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


def test_statistics_fit_80_columns(in_two_media):
    console = Console(file=io.StringIO(), width=80)
    record = corpus_statistics(in_two_media)
    media = dict(zip(("bezier", "charcoal", "ink", "oil", "region"), [*record["renderers"].values()] * 3, strict=False))
    for table in statistics_tables(record | {"renderers": media}):
        console.print(table)
    text = console.file.getvalue()
    assert "…" not in text
    for part in ("bezier", "charcoal", "PSNR, dB", "size, kB", "median", "p95", "100%"):
        assert part in text
    numbers = [line.split() for line in text.splitlines() if line.startswith("  100%")]
    assert [len(row) for row in numbers] == [6, 6], "each figure of a row stands in one line"


def test_a_mean_says_of_how_many_it_is():
    share = Share()
    entries = [SampleEntry("0-a", "a", "a", 1, psnr, 0, 0, 0, {}) for psnr in (10.0, None, 20.0)]
    assert mean_psnr(share) == "-"
    share.add(entries[1])
    assert mean_psnr(share) == "-", "media that show their pictures as they are have none"
    share.add(entries[0])
    share.add(entries[2])
    assert mean_psnr(share) == "15.00 dB, of the 2 that have one"
