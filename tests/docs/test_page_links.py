"""Every link between the pages leads to a file, and to a heading, that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import pages

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FENCED = re.compile(r"^( *)(```+).*?^\1\2$", re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path, text: str) -> list[str]:
    """The links of a page's text that lead nowhere."""
    found = []
    for name, anchor in _LINK.findall(_FENCED.sub("", text)):
        target = page.parent / name if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text())):
            found.append(f"{name}#{anchor}")
    return found


@pytest.mark.parametrize("page", pages(), ids=[path.name for path in pages()])
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def test_broken_links_are_found() -> None:
    page = next(path for path in pages() if path.name == "trust.md")
    text = (
        "[a](format.md) [b](nothing.md) [c](format.md#nothing) [d](#repair) ![e](images/nothing.png) [f](https://x.y)"
    )
    assert broken(page, text) == ["nothing.md#", "format.md#nothing", "images/nothing.png#"]
