from __future__ import annotations

import re
from typing import Any


def test_the_page_tells_what_was_run_and_shows_pictures_that_are_there(finished: dict[str, Any]) -> None:
    out, text = finished["out"], finished["page"].read_text(encoding="utf-8")
    assert finished["page"] == out / "results.md"
    assert "The 18 pictures are crops of 6." in text
    assert "18, 3 crops each of 6; 6 of them unseen" in text
    assert "base 2, motion 2, replication 2" in text
    for title in (
        "Reconstruction",
        "The usual measures",
        "Completion",
        "Do captions matter?",
        "From text",
        "An artist",
    ):
        assert f"## {title}\n" in text
    shown = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert len(shown) >= 6
    assert all((out / path).is_file() for path in shown)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert not any(re.search(r"None|\bnan\b", row) for row in rows)
