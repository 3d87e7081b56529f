"""The code blocks of a page in Markdown, and the marks above those that no test can run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = ("sh", "python", "yaml", "text", "markdown")

_FENCE = re.compile(r"(?P<indent>\s*)(```+|~~~+)\s*(?P<language>\w*)")
_MARK = re.compile(r"\s*<!--\s*not run\b:?\s*(?P<reason>.*?)\s*-->\s*")
_COMMAND = re.compile(r"(\$ |pip |make |python |underpaint(-data|-train)? [^:]+$)")


class BadBlock(Exception):  # noqa: N818
    """A block that doesn't do what its page says.

    Attributes:
        line: number of the line within the block, from 0.
    """

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block.

    Attributes:
        page: the file, from the repository's top.
        line: number of its first line of code.
        language: what stands behind the fence.
        code: what is in it, without the indentation of a list.
        reason: why it isn't run, from the mark above it; None if there is no mark.
    """

    page: str
    line: int
    language: str
    code: str
    reason: str | None = None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("docs/*.md")),
        *ROOT.glob("examples/**/*.md"),
    ]


def read_blocks(text: str, page: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        if fence := _FENCE.match(lines[number]):
            first = number + 1
            number = next(n for n in range(first, len(lines)) if lines[n].strip() == fence[2])
            mark = _MARK.fullmatch(lines[first - 2]) if first > 1 else None
            code = "\n".join(line.removeprefix(fence["indent"]) for line in lines[first:number])
            reason = mark["reason"] if mark else None
            yield Block(page=page, line=first + 1, language=fence["language"], code=code, reason=reason)
        elif _MARK.fullmatch(lines[number]) and not _FENCE.match(lines[number + 1]):
            raise BadBlock(number, f"{page}:{number + 1}: a mark stands right above its block")
        number += 1


def check_form(block: Block) -> None:
    """Raise BadBlock for a fence without a language, a mark without a reason, or commands that are called text."""
    if block.language not in LANGUAGES:
        raise BadBlock(0, f"the fence names no language: use one of {', '.join(LANGUAGES)}")
    if block.reason == "":
        raise BadBlock(0, "the mark has no reason: write <!-- not run: WHY -->")
    for number, line in enumerate(block.code.splitlines() if block.language == "text" else ()):
        if _COMMAND.match(line):
            raise BadBlock(number, "this looks like a command: put it into a block of sh")
