from pathlib import Path

from underpaint.datagen.format.sample import Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.medium import with_options
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.painting.painter import Painter


def test_a_painter_paints_the_pictures_of_its_source(configure, tmp_path, monkeypatch):
    config = with_options(configure(Path("out")))
    painter = Painter(config)
    source = next(painter.sources())
    made, same = (next(maker) for maker in (painter.make(source, Stopwatch()), make_samples(source, config)))
    assert isinstance(made, Sample)
    assert made == same
    monkeypatch.chdir(tmp_path)
    assert painter.with_absolute_paths().config.out == tmp_path / "out"
