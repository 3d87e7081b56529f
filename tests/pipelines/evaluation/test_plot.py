from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.evaluation.reports import report, score
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.evaluation.plot import plot_curves, plot_report
from underpaint.pipelines.evaluation.run import evaluate


def test_without_matplotlib_nothing_is_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ValueError, match=r"--plot needs matplotlib: pip install 'underpaint\[eval\]'"):
        evaluate(EvaluateConfig(process=tmp_path / "not looked at", plot=tmp_path / "a.png"))


def test_a_plot_is_a_picture_of_many_colours(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    groups = {"oil": [np.array([0, 0.7, 1.0]), np.array([0, 1.0])], "ink": [np.array([0, -0.2, 1.0])]}
    plot_curves(groups, {"real": [np.array([0, 0.4, 1.0])]}, tmp_path / "new" / "curves.png")
    with Image.open(tmp_path / "new" / "curves.png") as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["curves.png"]
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0, 0, 0)} <= colours


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_equal_reports_give_equal_files(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    for name in ("a", "b"):
        plot_report(report(score("p"), score("q", "oil")), tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
