import io

from rich.console import Console

from underpaint.datagen.summary.statistics import corpus_statistics
from underpaint.datagen.summary.statistics_tables import statistics_tables


def test_tables_say_it_all(in_two_media, recorded):
    for folder in (in_two_media, recorded):
        console = Console(width=200, record=True, file=io.StringIO())
        record = corpus_statistics(folder)
        for table in statistics_tables(record):
            console.print(table)
        text = console.export_text()
        assert all(name in text for name in (*record["renderers"], "median", "PSNR, dB, over the process", "100%"))
