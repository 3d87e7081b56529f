"""The links in underpaint/, and checkouts in which a tool that knows no links has left text files, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
LINKS = ("commandline", "configs", "datagen", "experiments", "models", "pipelines", "renderers", "training")


def test_git_holds_links() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git, or no checkout of it")
    listing = subprocess.run(
        ["git", "ls-files", "-s", "underpaint"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in listing.splitlines()]
    assert {name.removeprefix("underpaint/") for mode, _, _, name in rows if mode == "120000"} == set(LINKS)


@pytest.mark.parametrize("left", ["text", "nothing"])
def test_a_copy_without_links_imports_and_generates(left: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in (*LINKS, "underpaint"):
        ignore = shutil.ignore_patterns("nano", "__pycache__", *(LINKS if name == "underpaint" else ()))
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    for name in LINKS if left == "text" else ():
        (copy / "underpaint" / name).write_text(f"../{name}")
    assert not any((copy / "underpaint" / name).is_dir() for name in LINKS)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.radial_gradient("L").resize((16, 16)).save(pictures / "a.png")
    # Not to compile the kernels anew, which takes a minute: on a picture so small they are as fast without.
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_DISABLE_JIT": "1"}
    place = subprocess.run(
        [sys.executable, "-c", "import underpaint.datagen as d, underpaint; print(d.__file__, underpaint.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert place.split() == [str(copy / "datagen" / "__init__.py"), str(copy / "underpaint" / "__init__.py")]
    options = ["--size", "16", "--frames", "3", "--strokes", "2", "--quality", "draft", "--workers", "0"]
    command = [sys.executable, "-m", "underpaint.datagen", "generate", "--source", str(pictures), *options]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "corpus")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "corpus" / "manifest.json").is_file()
