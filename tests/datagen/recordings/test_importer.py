from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.recordings.importer import Importer
from underpaint.datagen.recordings.recorded import make_recorded


def test_an_importer_takes_the_recordings_of_its_source(recordings, tmp_path, monkeypatch):
    importer = Importer(ImportConfig(source=str(recordings), out="out", size=48, frames=4))
    assert [source.name for source in importer.sources(2)] == ["short", "tree"]
    tree = next(importer.sources(3))
    (made,) = importer.make(tree, Stopwatch())
    assert made == make_recorded(tree, importer.config, Stopwatch())
    monkeypatch.chdir(tmp_path)
    assert importer.with_absolute_paths().config.out == tmp_path / "out"
