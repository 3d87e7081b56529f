"""Every block of code in the README and in docs/ runs, or says why it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, BadBlock, Block, pages, read_blocks
from tests.docs.running import run_block
from tests.docs.shell import Unavailable
from tests.docs.world import World

BLOCKS = [block for path in pages() for block in read_blocks(path.read_text(), str(path.relative_to(ROOT)))]


@pytest.mark.parametrize("block", BLOCKS, ids=[block.place for block in BLOCKS])
def test_a_block_does_what_its_page_says(block: Block, world: World, tmp_path: Path) -> None:
    try:
        run_block(block, tmp_path, world)
    except BadBlock as bad:
        pytest.fail(f"{block.page}:{block.line + bad.line}: {bad}", pytrace=False)
    except Unavailable as missing:
        pytest.skip(f"{missing} isn't installed")
