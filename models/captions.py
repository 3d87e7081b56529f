"""Captions: words in them that say of a process what the picture doesn't show, and what a text encoder sees of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from underpaint.texts import printable, well_formed

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import CLIPTokenizer

# Of a process that begins with a half-painted picture. Without it one would begin with the blank ground half of the
# time only, as those do that a motion module is trained on.
_HALF_PAINTED_START = "from a half-painted picture"
# What `half_painted` and `from_half_painted` put behind a caption; a picture that isn't finished must say so.
_MARK = re.compile(rf"(?:half-painted, step \d+ of \d+|{_HALF_PAINTED_START})$")
_SHOWN, _UNSEEN_SHOWN = 60, 300  # letters of a caption in a message, and of what isn't seen of it


def in_medium(medium: str, caption: str) -> str:
    """The caption of a process painted in a medium."""
    return f"{medium}, {caption}" if caption else medium


def from_half_painted(caption: str) -> str:
    """The caption of a process that doesn't begin with the blank ground."""
    return f"{caption}, {_HALF_PAINTED_START}" if caption else _HALF_PAINTED_START


def half_painted(caption: str, step: int, last: int) -> str:
    """The caption of a single picture that isn't finished: the frame `step` of 0..`last`."""
    mark = f"half-painted, step {step} of {last}"
    return f"{caption}, {mark}" if caption else mark


def unseen(tokenizer: CLIPTokenizer, caption: str) -> str:
    """Return what a text encoder doesn't see of a caption, since `tokens_of` cuts it; empty if it sees everything."""
    numbers = _numbers(tokenizer, caption)
    first, last = _cut(tokenizer, caption, numbers)
    beyond = numbers[first:last]
    mark = _mark_of(caption)
    body = caption[: len(caption) - len(mark)]
    return _as_written(body, str(tokenizer.decode(beyond, skip_special_tokens=True))) if beyond else ""


def _as_written(caption: str, decoded: str) -> str:
    """The end of a caption that decoded tokens come from, with its own capitals and spaces; as decoded in doubt."""
    letters = "".join(decoded.split()).casefold()
    for start in reversed(range(len(caption))):
        end = "".join(caption[start:].split()).casefold()
        if len(end) >= len(letters):
            return caption[start:].strip() if end == letters else decoded.strip()
    return decoded.strip()


def cut_in_words(tokenizer: CLIPTokenizer, caption: str) -> str:
    """Return a line that says what isn't seen of a caption, and how long it is; empty if all is seen."""
    if not (text := unseen(tokenizer, caption)):
        return ""
    shown = text if len(text) <= _UNSEEN_SHOWN else f"{text[:_UNSEEN_SHOWN]} ..."
    return (
        f"{printable(caption[:_SHOWN])!r} is too long: it has {len(_numbers(tokenizer, caption))} tokens, of which the "
        f"text encoder sees {tokenizer.model_max_length}; not seen is {printable(shown)!r}"
    )


def _numbers(tokenizer: CLIPTokenizer, caption: str) -> list[int]:
    return list(tokenizer(well_formed(caption), truncation=False, verbose=False).input_ids)


def _mark_of(caption: str) -> str:
    found = _MARK.search(caption)
    return found[0] if found else ""


def _cut(tokenizer: CLIPTokenizer, caption: str, numbers: Sequence[int]) -> tuple[int, int]:
    """From where to where the numbers of a caption are cut: before the mark and the token that ends every caption."""
    too_many = max(0, len(numbers) - tokenizer.model_max_length)
    mark = _numbers(tokenizer, _mark_of(caption)) if too_many else []
    end = len(numbers) - max(1, len(mark) - 1)  # the mark has a token before and behind it, too
    return end - too_many, end


def tokens_of(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> Tensor:
    """Return what a text encoder takes, int64 (B, L), on the CPU: captions padded, or cut, to the tokenizer's length.

    Of one that is too long the end is cut; but a mark at its end, which says that a picture isn't finished, stays.
    """
    import torch  # takes seconds, and commands know the marks without it

    length = tokenizer.model_max_length
    encoded = tokenizer([well_formed(caption) for caption in captions], truncation=False, verbose=False).input_ids
    rows = torch.full((len(captions), length), int(tokenizer.pad_token_id))
    for row, caption, numbers in zip(rows, captions, encoded, strict=True):
        first, last = _cut(tokenizer, caption, numbers)
        seen = [*numbers[:first], *numbers[last:]]
        row[: len(seen)] = torch.tensor(seen)
    return rows
