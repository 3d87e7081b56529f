import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.datagen.helpers import quietly
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.storage.sidecars import read_sidecars
from underpaint.datagen.summary.statistics import PROGRESS, corpus_statistics, size_text


def test_distributions_come_from_sidecars_alone(in_two_media, tmp_path):
    for path in in_two_media.glob("0*.json"):
        shutil.copy(path, tmp_path)
    record = corpus_statistics(tmp_path, samples=0)
    samples = [sample for sidecar in read_sidecars(in_two_media) for sample in sidecar.samples]
    assert (record["shards"], record["pictures"], record["samples"]) == (3, 10, 20)
    assert record["bytes"] == sum(path.stat().st_size for path in in_two_media.glob("*.tar"))
    for name, group in record["renderers"].items():
        psnrs = [sample.psnr for sample in samples if sample.renderer == name]
        assert group["psnr"]["mean"] == pytest.approx(np.mean(psnrs), abs=1e-3)
        assert group["psnr"]["median"] == pytest.approx(np.median(psnrs), abs=1e-3)
        assert (group["psnr"]["min"], group["psnr"]["max"]) == (min(psnrs), max(psnrs))
        sizes = [sample.members["webp"][1] for sample in samples if sample.renderer == name]
        assert group["members"]["webp"] == sum(sizes)
        assert "curves" not in group
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_curves_come_from_the_samples(finished):
    curves = corpus_statistics(finished)["renderers"]["bezier"]["curves"]
    assert curves["samples"] == 10
    psnrs = np.array([[frame["psnr"] for frame in sample.record()["frames"]] for sample in Corpus(finished)])
    at = np.linspace(0, 1, 5)
    assert curves["psnr"] == pytest.approx(np.interp(PROGRESS, at, psnrs.mean(axis=0)), abs=2e-3)
    frames = np.stack([sample.frames() for sample in Corpus(finished)]).astype(float)
    change = np.abs(np.diff(frames, axis=1)).mean(axis=(0, 2, 3, 4))
    assert curves["change"][0] is None
    assert curves["change"][-1] == pytest.approx(change[-1], abs=2e-3)
    assert curves["change"][5] == pytest.approx(change[1], abs=2e-3)  # half of the way is the third of five frames


def test_a_few_samples_are_drawn_the_same_every_time(finished):
    few = corpus_statistics(finished, samples=3)
    assert few == corpus_statistics(finished, samples=3)
    assert few["renderers"]["bezier"]["curves"]["samples"] == 3
    with pytest.raises(ValueError, match="samples is -1"):
        corpus_statistics(finished, samples=-1)


def test_failures_by_reason_and_renderer(configure, pictures, tmp_path):
    folder = Path(shutil.copytree(pictures, tmp_path / "pictures"))
    (folder / "p3.png").write_bytes(b"no picture")
    (folder / "p4.png").write_bytes(b"")
    (folder / "p5.png").write_bytes(b"")
    quietly(configure(tmp_path / "out", source=str(folder)))
    record = corpus_statistics(tmp_path / "out")
    assert record["failures"] == {"empty": 2, "not-a-picture": 1}
    assert record["failures_by_renderer"] == {"any": {"empty": 2, "not-a-picture": 1}}
    assert (record["pictures"], record["samples"]) == (10, 7)


def test_recordings_have_no_strokes_and_no_psnr(recorded):
    group = corpus_statistics(recorded)["renderers"]["recorded"]
    assert group["psnr"] is None
    assert group["strokes"]["max"] == 0
    assert group["curves"]["psnr"][-1] is None  # the last frame is the target itself
    assert group["curves"]["psnr"][0] > 0


def test_sums_are_those_of_the_manifest(in_two_media):
    record = corpus_statistics(in_two_media, samples=0)
    manifest = json.loads((in_two_media / "manifest.json").read_bytes())
    assert (record["shards"], record["samples"]) == (len(manifest["shards"]), manifest["samples"])
    assert (record["bytes"], record["failures"]) == (manifest["bytes"], manifest["failures"])
    for name, share in manifest["renderers"].items():
        assert record["renderers"][name]["samples"] == share["samples"]
        assert record["renderers"][name]["psnr"]["mean"] == pytest.approx(share["psnr"], abs=1e-3)


def test_no_corpus(tmp_path):
    with pytest.raises(FileNotFoundError, match="no finished shard"):
        corpus_statistics(tmp_path)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.0 kB"),
        (900, "0.9 kB"),
        (999_999, "1000.0 kB"),
        (45_500_000, "45.5 MB"),
        (2 * 10**9, "2.0 GB"),
        (3 * 10**12, "3.0 TB"),
    ],
)
def test_sizes(size, text):
    assert size_text(size) == text
