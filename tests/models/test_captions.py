from __future__ import annotations

from models.captions import begun, half_painted


def test_marks_follow_the_caption_if_there_is_one() -> None:
    assert begun("a red barn") == "a red barn, from a half-painted picture"
    assert begun("") == "from a half-painted picture"
    assert half_painted("a red barn", 3, 8) == "a red barn, half-painted, step 3 of 8"
    assert half_painted("", 3, 8) == "half-painted, step 3 of 8"
