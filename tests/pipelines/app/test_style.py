"""One design with the report of a corpus."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def colours(path: str, selector: str) -> dict[str, str]:
    block = re.search(rf"{re.escape(selector)} {{(.*?)}}", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)
    assert block
    return dict(re.findall(r"(--\w+): (#\w+);", block[1]))


def test_the_colours_are_those_of_the_report() -> None:
    report = "datagen/report/style.css"
    for ours, theirs in ((":root", ":root"), (".dark", "@media (prefers-color-scheme: dark) {\n  :root")):
        own, its = colours("pipelines/app/style.css", ours), colours(report, theirs)
        assert own.keys() >= {"--paper", "--ink", "--accent"}
        assert own.items() <= its.items()


def test_the_type_is_that_of_the_report() -> None:
    report = (ROOT / "datagen/report/style.css").read_text(encoding="utf-8")
    for name in ("serif", "sans"):
        own = re.search(rf"--{name}: (.*);", (ROOT / "pipelines/app/style.css").read_text(encoding="utf-8"))
        assert own
        assert own[1] in report
