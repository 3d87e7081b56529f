"""`python -m tests.docs` prints how many blocks of each page are run, parsed or marked."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from tests.docs.blocks import ROOT, pages, read_blocks
from tests.docs.running import run_block
from tests.docs.shell import Unavailable
from tests.docs.world import World

KINDS = ("run", "parsed", "marked", "text", "skipped")


def main() -> None:
    """Run all blocks, and print a row for each page that has any."""
    print("| page |", " | ".join(KINDS), "|")
    print("| --- |", " | ".join("---:" for _ in KINDS), "|")
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "world")
        for path in pages():
            found: Counter[str] = Counter()
            for block in read_blocks(path.read_text(), str(path.relative_to(ROOT))):
                with tempfile.TemporaryDirectory(dir=folder) as place:
                    try:
                        found[run_block(block, Path(place), world)] += 1
                    except Unavailable:
                        found["skipped"] += 1
            if found:
                print(f"| {path.relative_to(ROOT)} |", " | ".join(str(found[kind]) for kind in KINDS), "|")
            sums += found
    print("| all |", " | ".join(str(sums[kind]) for kind in KINDS), "|")


if __name__ == "__main__":
    main()
