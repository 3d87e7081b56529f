import json

import pytest

from datagen.listings import read_captions, read_csv, read_jsonl


def test_captions_and_triggers(tmp_path):
    (tmp_path / "l.jsonl").write_text(json.dumps({"file": "./a.mp4", "caption": "barn", "trigger": "sks"}) + "\n")
    (tmp_path / "l.csv").write_text("file,caption,trigger\na.mp4,barn,sks\nb.mp4,,\n")
    (row,) = read_jsonl(tmp_path / "l.jsonl")
    assert row == ("a.mp4", tmp_path / "a.mp4", "barn", "sks")
    assert list(read_csv(tmp_path / "l.csv")) == [row, ("b.mp4", tmp_path / "b.mp4", None, None)]
    assert read_captions(tmp_path / "l.jsonl") == {"a.mp4": row}
    assert read_captions(tmp_path / "none.jsonl") == {}


@pytest.mark.parametrize("column", ["caption", "trigger"])
def test_a_text_is_needed(tmp_path, column):
    (tmp_path / "l.jsonl").write_text(json.dumps({"file": "a.mp4", column: 7}))
    with pytest.raises(ValueError, match=f"line 1: `{column}` is 7, but a text is needed"):
        list(read_jsonl(tmp_path / "l.jsonl"))
