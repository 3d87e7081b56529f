from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from underpaint.experiments.learn.shipped import CAPTIONS, copy_shipped


def test_pictures_and_captions_are_there(tmp_path: Path) -> None:
    count = copy_shipped(tmp_path / "pictures")
    rows = [json.loads(line) for line in (tmp_path / "pictures" / "captions.jsonl").read_text().splitlines()]
    assert count == len(rows) >= 4
    for row in rows:
        assert row["caption"] == CAPTIONS[row["file"]]
        assert min(Image.open(tmp_path / "pictures" / row["file"]).size) >= 256
