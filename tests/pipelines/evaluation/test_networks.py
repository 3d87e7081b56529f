from __future__ import annotations

import sys
from pathlib import Path

import pytest

from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.networks import MeasureNetworks, load_networks
from underpaint.pipelines.evaluation.run import evaluate


def test_without_weights_nothing_is_loaded_and_each_is_named() -> None:
    networks, notes = load_networks(EvaluateConfig(process=Path("a")))
    assert networks == MeasureNetworks()
    assert [note.split(":")[0] for note in notes] == ["no LPIPS", "no CLIP", "no DINO", "no FID"]


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "underpaint.pipelines.evaluation.embeddings", raising=False)
    with pytest.raises(ValueError, match=r"a learned measure needs torch: pip install 'underpaint\[eval\]'"):
        load_networks(EvaluateConfig(process=Path("a"), clip="owner/b"))


def test_all_learned_measures_of_a_corpus(with_targets: Path, tmp_path: Path) -> None:
    for module in ("torch", "torchvision", "transformers"):
        pytest.importorskip(module)
    from tests.pipelines.evaluation.networks import save_clip, save_dino, save_inception, save_lpips

    lpips, backbone = save_lpips(tmp_path, "alexnet")
    config = EvaluateConfig(
        process=with_targets,
        reference=with_targets,
        lpips=lpips,
        lpips_backbone=backbone,
        clip=save_clip(tmp_path / "clip"),
        dino=save_dino(tmp_path / "dino"),
        fid=save_inception(tmp_path / "inception.safetensors"),
        device="cpu",
    )
    report = evaluate(config)
    for score in report.scores:
        assert score.metrics["lpips"] > 0
        assert score.metrics["lpips_profile_distance"] == 0
        assert score.metrics["lpips_changed_iou"] == 1
        assert -1 <= score.metrics["clip"] <= 1
        assert -1 <= score.metrics["dino"] <= 1
    assert report.whole["fid"] > 0
    assert report.notes == ("FID over 2 pictures: it is too high below some ten thousand",)


def test_fid_of_one_process_is_left_out_with_a_reason(with_targets: Path, tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    from tests.pipelines.evaluation.canvases import save_frames
    from tests.pipelines.evaluation.networks import save_inception
    from underpaint.datagen.corpus import Corpus

    frames = next(iter(Corpus(with_targets))).frames()
    folder = save_frames(tmp_path / "one", frames)
    fid = save_inception(tmp_path / "inception.safetensors")
    report = evaluate(EvaluateConfig(process=folder, target=folder / "3.png", fid=fid, device="cpu"))
    assert report.whole == {}
    assert report.notes[-1] == "no FID: it compares sets, and 1 process with a target is none"
