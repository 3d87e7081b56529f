from __future__ import annotations

from underpaint.models.captions import cut_in_words, from_half_painted, half_painted, in_medium, tokens_of, unseen
from underpaint.models.tokenizer import byte_tokenizer


def test_marks_follow_the_caption_if_there_is_one() -> None:
    assert in_medium("oil", "a red barn") == "oil, a red barn"
    assert in_medium("oil", "") == "oil"
    assert from_half_painted("a red barn") == "a red barn, from a half-painted picture"
    assert from_half_painted("") == "from a half-painted picture"
    assert half_painted("a red barn", 3, 8) == "a red barn, half-painted, step 3 of 8"
    assert half_painted("", 3, 8) == "half-painted, step 3 of 8"


def test_captions_are_filled_up_and_cut() -> None:
    tokenizer = byte_tokenizer()
    tokens = tokens_of(tokenizer, ["", "a" * 100])
    assert tokens.shape == (2, 77)
    assert (tokens[:, -1] == tokenizer.eos_token_id).all()


def test_what_is_cut_is_told() -> None:
    tokenizer = byte_tokenizer()
    short, long = "a" * 75, "a barn " * 20 + "and a dragon"
    assert unseen(tokenizer, short) == cut_in_words(tokenizer, short) == ""
    assert unseen(tokenizer, f"{short}b") == "b"
    assert unseen(tokenizer, long).endswith("dragon")
    line = cut_in_words(tokenizer, long)
    count = len(tokenizer(long).input_ids)
    assert f"it has {count} tokens, of which the text encoder sees 77; not seen is " in line
    assert line.endswith("dragon'")
    assert "\x1b" not in cut_in_words(tokenizer, "\x1b]0;" + "a" * 100)


def test_half_an_emoji_is_read_as_a_letter_that_is_unknown() -> None:
    tokenizer = byte_tokenizer()
    assert (tokens_of(tokenizer, ["a barn \ud83d"]) == tokens_of(tokenizer, ["a barn \ufffd"])).all()
    assert unseen(tokenizer, "\udcff" * 300)
