import json

import pytest

from underpaint.datagen.format.manifest import media_of, summed
from underpaint.datagen.storage.sidecars import read_sidecars, write_manifest


def test_the_manifest_can_be_made_again_from_the_sidecars_alone(corpus):
    before = (corpus / "manifest.json").read_bytes()
    (corpus / "manifest.json").unlink()
    (corpus / "job.json").unlink()
    for tar in corpus.glob("*.tar"):
        tar.unlink()
    write_manifest(corpus)
    assert (corpus / "manifest.json").read_bytes() == before


def test_totals(finished):
    manifest = json.loads((finished / "manifest.json").read_bytes())
    sidecars = list(read_sidecars(finished))
    psnrs = [sample.psnr for sidecar in sidecars for sample in sidecar.samples]
    assert manifest["samples"] == 10 == len(psnrs)
    assert manifest["psnr"] == pytest.approx(sum(psnrs) / 10, abs=1e-4)
    assert manifest["bytes"] == sum(path.stat().st_size for path in finished.glob("*.tar"))
    assert [shard["count"] for shard in manifest["shards"]] == [4, 4, 2]
    assert manifest["failures"] == {}
    assert summed(sidecars).seconds.keys() == {"decode", "paint", "frames", "encode", "write"}


def test_media_are_those_of_its_samples(finished, in_two_media, tmp_path):
    assert media_of(finished) == ["bezier"]
    assert media_of(in_two_media) == ["bezier", "charcoal"]
    assert media_of(tmp_path) == []


def test_totals_by_renderer(in_two_media):
    manifest = json.loads((in_two_media / "manifest.json").read_bytes())
    sidecars = list(read_sidecars(in_two_media))
    samples = [sample for sidecar in sidecars for sample in sidecar.samples]
    assert manifest["samples"] == 20 == len(samples)
    assert list(manifest["renderers"]) == ["bezier", "charcoal"]
    for name, share in manifest["renderers"].items():
        psnrs = [sample.psnr for sample in samples if sample.key.endswith(f"-{name}")]
        assert share["samples"] == len(psnrs) == 10
        assert share["psnr"] == pytest.approx(sum(psnrs) / 10, abs=1e-4)
    assert manifest["strokes"] == sum(share["strokes"] for share in manifest["renderers"].values())


def test_no_shards_are_no_error(tmp_path):
    assert write_manifest(tmp_path).total.psnr is None
    assert json.loads((tmp_path / "manifest.json").read_bytes())["samples"] == 0
