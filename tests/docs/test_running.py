"""Blocks that don't do what they say are found, whether they are run, parsed or marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import BadBlock, Block, check_form, read_blocks
from tests.docs.running import run_block
from tests.docs.shell import Unavailable
from tests.docs.world import World


def block(code: str, language: str = "sh", reason: str | None = None) -> Block:
    return Block(page="page.md", line=1, language=language, code=code, reason=reason)


def refused(found: Block, world: World, folder: Path) -> BadBlock:
    try:
        with pytest.raises(BadBlock) as bad:
            run_block(found, folder, world)
    except Unavailable as missing:
        pytest.skip(f"{missing} isn't installed")
    return bad.value


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("underpaint paint photo.jpg --out film.mp4 --mediun oil", "did you mean --medium?"),
        ("underpaint paint photo.jpg --medium oli", "did you mean oil?"),
        ("underpaint paint nothing.jpg", "nothing.jpg"),
        ("underpaint-data inspect corpus nothing", "nothing"),
        (
            "underpaint-data generate --source s3://bucket/a --out s3://bucket/b --adress auto",
            "did you mean --address?",
        ),
        ("underpaint-data verify s3://bucket/corpus --sampel 1%", "--sampel"),
        ("underpaint-data guides photos --depht models/depth", "did you mean --depth?"),
        ("underpaint-data serve corpus --prot 1", "did you mean --port?"),
        ("underpaint app --modles runs", "did you mean --models?"),
        ("underpaint-train base --config nano-bass --corpus corpus --out runs/base", "nano-bass"),
        ("underpaint-train base --config nano-base --corpus corpus --out new --stepz 5", "did you mean --steps?"),
        ("underpaint-train base --config nano-base --corpus corpus --out new --steps 0", "steps is 0"),
        ("underpaint-train base --config nano-base --corpus nothing --out new", "nothing"),
        ("python -m underpaint.learn --minuets 5", "did you mean --minutes?"),
        ("torchrun --nproc-per-knot 2 -m underpaint.training base --config nano-base --corpus corpus", "per-knot"),
        ("python -m benchmarks.evaluation --plott curves.png", "--plott"),
        ("make lern", "no target lern"),
        ("make learn SOURSE=photos", "no variable SOURSE"),
        ("pip install 'underpaint[trian]'", "no extra trian"),
        ("pip install 'dist/underpaint-0.0.1-py3-none-any.whl[train]'", "another version"),
        ("python -m pytest tests/nothing", "no tests/nothing"),
        ("underpaint-data stats corpus | head", "operators"),
        ("curl https://example.org", "curl"),
    ],
)
def test_lines_that_do_not_work_are_found(line: str, said: str, world: World, tmp_path: Path) -> None:
    bad = refused(block(f"D=corpus\n\n{line}  # a comment"), world, tmp_path)
    assert said in str(bad)
    assert bad.line == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import underpaint\nunderpaint.paint('photo.jpg', medum='oil')", "medum"),
        ("from pathlib import Path\nPath('nothing').read_text()", "nothing"),
        ("import json\nfrom underpaint import Corpse", "Corpse"),
        ("import json\nx = = 1", "invalid syntax"),
        ("from underpaint.training.run import train\ntrain()", "missing a required argument"),
    ],
)
def test_python_that_does_not_work_is_found(code: str, said: str, world: World, tmp_path: Path) -> None:
    bad = refused(block(code, "python"), world, tmp_path)
    assert said in str(bad)
    assert bad.line == 1


def test_what_can_be_checked_of_marked_blocks_is(world: World, tmp_path: Path) -> None:
    why = "needs weights"
    assert "--stepz" in str(
        refused(block("hf download x\nunderpaint text hill --stepz 3", reason=why), world, tmp_path)
    )
    code = "import torch_of_tomorrow\nfrom underpaint.datagen import nothing"
    assert "no nothing" in str(refused(block(code, "python", why), world, tmp_path))
    right = block("hf download x\nunderpaint text hill --steps 3 --out x.webp", reason=why)
    assert run_block(right, tmp_path, world) == "marked"


def test_kinds(world: World, tmp_path: Path) -> None:
    stats = "underpaint-data stats \\\n    corpus --samples 1"
    assert run_block(block(stats), tmp_path, world) == "run"
    assert run_block(block(f"{stats}\nmake demo"), tmp_path, world) == "parsed"
    assert run_block(block(stats, reason="it could be run"), tmp_path, world) == "marked"
    assert run_block(block("0: whole", "text"), tmp_path, world) == "text"


def test_marks_and_fences() -> None:
    page = "text\n\n<!-- not run: needs a GPU -->\n```sh\nmake gpu\n```\n* item\n\n  ```python\n  x = 1\n  ```\n"
    first, second = read_blocks(page, "page.md")
    assert (first.reason, first.line, first.code) == ("needs a GPU", 5, "make gpu")
    assert (second.reason, second.line, second.code) == (None, 10, "x = 1")
    (marked,) = read_blocks("<!-- not run -->\n```sh\nmake gpu\n```\n", "page.md")
    with pytest.raises(BadBlock, match="no reason"):
        check_form(marked)
    with pytest.raises(BadBlock, match="right above"):
        list(read_blocks("<!-- not run: needs a GPU -->\n\n```sh\nmake gpu\n```\n", "page.md"))


@pytest.mark.parametrize("code", ["underpaint paint photo.jpg", "$ ls", "pip install x"])
def test_commands_that_are_called_text_are_found(code: str) -> None:
    with pytest.raises(BadBlock, match="looks like a command"):
        check_form(block(code, "text"))
    with pytest.raises(BadBlock, match="no language"):
        check_form(block(code, ""))
