from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import ROOT
from tests.pictures import load_picture
from tests.pipelines.evaluation.canvases import columns, save_animation, save_frames
from underpaint.datagen.corpus import Corpus
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.report import Report
from underpaint.pipelines.evaluation.run import evaluate


def judged(process: Path, **settings: Any) -> Report:
    return evaluate(EvaluateConfig(process=process, **settings))


def test_a_process_alone(tmp_path: Path) -> None:
    report = judged(save_frames(tmp_path / "barn", columns(4)))
    (score,) = report.scores
    assert (score.name, score.frames, score.size) == ("barn", 5, (16, 24))
    assert score.profile == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    assert score.changed == [0.25] * 4
    assert "psnr" not in score.metrics
    assert "changed_iou" not in score.metrics
    assert report.notes[:2] == (
        "barn without a target: no errors of the last frame; give --target",
        "barn without a reference: no comparison of the order; give --reference",
    )
    assert report.notes[2:] == (
        "no LPIPS: its weights come with --lpips and --lpips-backbone",
        "no CLIP: its weights come with --clip",
        "no DINO: its weights come with --dino",
        "no FID: its weights come with --fid",
    )


def test_the_same_process_in_another_file_is_a_perfect_match(tmp_path: Path) -> None:
    reference = save_frames(tmp_path / "barn", columns(4))
    report = judged(save_animation(tmp_path / "barn.webp", columns(4)), reference=reference)
    (score,) = report.scores
    assert (score.reference, score.target) == ("barn", "reference")
    assert score.metrics["changed_iou"] == 1
    assert score.metrics["profile_distance"] == 0
    assert score.metrics["psnr"] == 100
    assert score.reference_profile == score.profile
    assert "last frames of references are the targets of 1 of 1" in report.notes


def test_a_given_target_goes_before_the_reference(tmp_path: Path) -> None:
    process, target = save_frames(tmp_path / "barn", columns(4)), tmp_path / "target.png"
    Image.new("RGB", (24, 16), (51, 51, 51)).save(target)
    (score,) = judged(process, reference=process, target=target).scores
    assert score.target == "given"
    assert score.metrics["l1"] == pytest.approx(0.2)


def test_a_corpus_against_another_of_fewer_pictures_smaller_size_and_fewer_frames(
    corpus: Path, with_targets: Path, tmp_path: Path
) -> None:
    report = judged(corpus, reference=with_targets, out=tmp_path / "out")
    assert [score.reference is None for score in report.scores] == [False] * 4 + [True] * 2
    assert all(score.size == (48, 48) for score in report.scores)
    assert report.means()["changed_iou"].count == 4
    oil = next(score for score in report.scores if score.name == "00000000-p0-oil")
    assert oil.metrics["changed_iou"] > 0.25, "the same picture in the same medium"
    assert any(
        note.startswith("2 of 6 (00000002-p2-bezier, 00000002-p2-oil) without a reference") for note in report.notes
    )
    assert oil.metrics.keys() >= {"pace", "human", "hop"}
    record = json.loads((tmp_path / "out" / "evaluation.json").read_bytes())
    assert set(record["renderers"]) == {"bezier", "oil"}
    assert record["config"]["process"] == str(corpus)
    assert "| measure | 00000000-p0-bezier |" in (tmp_path / "out" / "evaluation.md").read_text()


def test_psnr_against_stored_targets_is_that_of_the_corpus(with_targets: Path) -> None:
    for score, sample in zip(judged(with_targets).scores, Corpus(with_targets), strict=True):
        assert score.target == "stored"
        assert score.metrics["psnr"] == pytest.approx(sample.entry.psnr, abs=1e-3)


def test_a_folder_of_targets_is_matched_by_name(corpus: Path) -> None:
    report = judged(corpus, target=corpus.parent / "pictures", aspect="square")
    for score, sample in zip(report.scores, Corpus(corpus), strict=True):
        assert score.target == "given"
        assert score.metrics["psnr"] == pytest.approx(sample.entry.psnr, abs=1e-3)


def test_the_same_evaluation_writes_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        judged(corpus, out=tmp_path / "out")
        written.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
        shutil.rmtree(tmp_path / "out")
    assert written[0] == written[1]
    assert set(written[0]) == {"evaluation.json", "evaluation.md"}


def test_what_cannot_be_read_is_skipped_and_listed(tmp_path: Path) -> None:
    save_frames(tmp_path / "all" / "good", columns(4))
    bad = save_frames(tmp_path / "all" / "bad", columns(4))
    (bad / "2.png").write_text("no picture")
    names: list[str] = []
    report = evaluate(EvaluateConfig(process=tmp_path / "all"), lambda name, number, count: names.append(name))
    assert names == ["bad", "good"]
    assert [score.name for score in report.scores] == ["good"]
    assert report.skipped == {"bad": "bad: not-a-picture: 2.png: no known format"}


def test_if_nothing_can_be_read_the_reason_is_said(tmp_path: Path) -> None:
    save_frames(tmp_path / "all" / "a", columns(0))
    with pytest.raises(ValueError, match=r"^a: it has 1 frame"):
        judged(tmp_path / "all")
    save_frames(tmp_path / "all" / "b", columns(0))
    with pytest.raises(ValueError, match="none of 2 processes can be used; the first: a: it has 1 frame"):
        judged(tmp_path / "all")


def test_other_proportions_are_refused_with_the_fix(tmp_path: Path) -> None:
    process = save_frames(tmp_path / "barn", columns(4))
    reference = save_frames(tmp_path / "real", columns(4, size=(32, 32)))
    with pytest.raises(ValueError, match=r"reference real has other proportions, .* --aspect square"):
        judged(process, reference=reference)
    assert judged(process, reference=reference, aspect="square").scores[0].size == (16, 16)
    with pytest.raises(ValueError, match="target of barn has other proportions"):
        judged(process, target=reference / "0.png")


def test_a_reference_that_cannot_be_read_is_named_as_one(tmp_path: Path) -> None:
    process = save_frames(tmp_path / "barn", columns(4))
    with pytest.raises(ValueError, match="reference one: it has 1 frame"):
        judged(process, reference=save_frames(tmp_path / "one", columns(0)))


def test_processes_of_several_lengths_are_remarked(tmp_path: Path) -> None:
    save_frames(tmp_path / "all" / "a", columns(4))
    save_frames(tmp_path / "all" / "b", columns(2))
    assert any("several lengths" in note for note in judged(tmp_path / "all").notes)
    assert not any("several lengths" in note for note in judged(tmp_path / "all", frames=3).notes)


def test_processes_like_real_ones_have_finite_figures(tmp_path: Path) -> None:
    """Something on the sheet at first, light that changes from frame to frame, several lengths and proportions."""
    kinds = {"temple": (4, (60, 90)), "cat": (9, (90, 60)), "flower": (10, (72, 72))}
    for number, (name, (count, size)) in enumerate(kinds.items()):
        photo, random = load_picture(name, size).astype(float), np.random.default_rng(number)
        shares = np.linspace(0.1, 1, count)[:, None, None, None]
        light = random.normal(0, 4, (count, 1, 1, 1)) + random.normal(0, 2, (count, *size, 3))
        frames = np.clip(255 + shares * (photo - 255) + light, 0, 255).round().astype(np.uint8)
        save_frames(tmp_path / "all" / name, frames)
    report = judged(tmp_path / "all", size=64)
    assert {score.name: score.frames for score in report.scores} == {name: count for name, (count, _) in kinds.items()}
    assert all(np.isfinite(list(score.metrics.values())).all() for score in report.scores)


def test_plain_measures_need_no_torch(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "barn", columns(2))
    program = (
        "import sys; from underpaint.pipelines.evaluation.config import EvaluateConfig;"
        "from underpaint.pipelines.evaluation.run import evaluate;"
        f"evaluate(EvaluateConfig(process={str(folder)!r})); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
