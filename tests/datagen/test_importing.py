import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import tar_bytes
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.export import export
from underpaint.datagen.filmstrip import filmstrip
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.importing import Importer, import_recordings
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.recordings.recorded import make_recorded
from underpaint.datagen.trust.verify import verify


def config(recordings, out, **changes):
    values = {"source": str(recordings), "out": out, "size": 48, "frames": 5, "shard_size": 2, "workers": 0}
    return ImportConfig(**(values | changes))


def quietly(config):
    return import_recordings(config, stream=io.StringIO())


def test_videos_and_folders_become_a_corpus(recorded):
    corpus = Corpus(recorded)
    assert corpus.keys() == tuple(f"0000000{i}-{name}-recorded" for i, name in ((0, "barn"), (2, "short"), (3, "tree")))
    assert verify(recorded) == []
    sample = corpus.find("barn")
    assert sample.record()["caption"] == "sks, a red barn"
    assert sample.frames().shape == (5, 48, 48, 3)
    assert len(corpus.find("short").frames()) == 3
    (failure,) = (failure for sidecar in corpus.sidecars for failure in sidecar.failures)
    assert (failure.source, failure.reason, failure.renderer) == ("broken.mkv", "not-a-video", None)
    manifest = json.loads((recorded / "manifest.json").read_bytes())
    assert (manifest["samples"], manifest["psnr"], manifest["failures"]) == (3, None, {"not-a-video": 1})
    assert manifest["renderers"] == {"recorded": {"samples": 3, "strokes": 0, "psnr": None}}


def test_interrupted_and_continued(recorded, recordings, tmp_path):
    out = tmp_path / "corpus"
    shutil.copytree(recorded, out)
    (out / "000001.json").unlink()
    stream = io.StringIO()
    result = import_recordings(config(recordings, out, trigger="sks"), stream=stream)
    assert result.complete
    assert (result.meter.resumed, result.meter.painted) == (2, 2)
    assert "4/4 recordings" in stream.getvalue()
    assert tar_bytes(out) == tar_bytes(recorded)
    assert (out / "manifest.json").read_bytes() == (recorded / "manifest.json").read_bytes()


def test_another_configuration_is_refused(recorded, recordings, tmp_path):
    out = tmp_path / "corpus"
    shutil.copytree(recorded, out)
    with pytest.raises(ValueError, match="another configuration") as refusal:
        quietly(config(recordings, out, trigger="xyz", crop="none"))
    assert str(refusal.value).splitlines()[1:3] == ['  crop: "auto" -> "none"', '  trigger: "sks" -> "xyz"']
    (recordings / "more").mkdir()
    try:
        Image.new("RGB", (20, 20)).save(recordings / "more" / "1.png")
        with pytest.raises(ValueError, match=r"sources.count: 4 -> 5"):
            quietly(config(recordings, out, trigger="sks"))
    finally:
        shutil.rmtree(recordings / "more")


def test_generate_and_import_keep_out_of_each_other_s_corpora(recorded, finished, recordings, configure):
    from underpaint.datagen.generate import generate

    with pytest.raises(ValueError, match='renderer: "bezier" -> "recorded"'):
        quietly(config(recordings, finished))
    with pytest.raises(ValueError, match='renderer: "recorded" -> "bezier"'):
        generate(configure(recorded), stream=io.StringIO())


def test_looking_at_it(recorded, tmp_path):
    samples = list(Corpus(recorded))
    assert filmstrip(samples, columns=4, height=32, captions=True).height > 3 * 32
    export(samples[0], tmp_path / "a.mp4")
    export(samples[0], tmp_path / "a.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), samples[0].frames()[-1])
    with pytest.raises(ValueError, match=r"00000000-barn-recorded has no strokes.npz, only json, webp"):
        export(samples[0], tmp_path / "a.svg")


def test_no_source_leaves_no_corpus(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        quietly(config(tmp_path / "nowhere", tmp_path / "out"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no recording in"):
        quietly(config(tmp_path / "empty", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ray_writes_the_same_bytes(recorded, recordings, tmp_path, monkeypatch):
    monkeypatch.chdir(recordings.parent)
    out = tmp_path / "corpus"
    assert quietly(config(recordings.name, out, trigger="sks", workers=1)).complete
    assert tar_bytes(out) == tar_bytes(recorded)


def test_an_importer_takes_the_recordings_of_its_source(recordings, tmp_path, monkeypatch):
    importer = Importer(ImportConfig(source=str(recordings), out="out", size=48, frames=4))
    assert [source.name for source in importer.sources(2)] == ["short", "tree"]
    tree = next(importer.sources(3))
    (made,) = importer.make(tree, Stopwatch())
    assert made == make_recorded(tree, importer.config, Stopwatch())
    monkeypatch.chdir(tmp_path)
    assert importer.with_absolute_paths().config.out == tmp_path / "out"
