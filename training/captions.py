"""What a run is told in words: how many samples have captions, and which are longer than a text encoder reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from transformers import CLIPTokenizer

from underpaint.models.captions import unseen
from underpaint.texts import parse_json, printable
from underpaint.training.loader import Data
from underpaint.training.sample import captions_of

# Records are small reads, each of a place of its own: so many take a second from a disk.
LOOKED_AT = 256
_SHOWN = 60  # letters of what isn't seen


def describe_captions(data: Data, tokenizer: CLIPTokenizer) -> list[str]:
    """Return lines for people: how many of up to 256 samples have captions, and what of them is cut off.

    Damaged samples are left to whoever reads them.
    """
    if data.train is None:
        return []  # nothing of a stream is known before it is read
    looked_at, captioned, cut = 0, 0, []
    for key, record in _records(data):
        try:
            longest = max(captions_of(record, data.config), key=len)
        except ValueError:
            continue
        looked_at += 1
        captioned += bool(parse_json(record)["caption"])
        if rest := unseen(tokenizer, longest):
            cut.append((key, rest))
    if not looked_at:
        return []
    of_all = f"{looked_at} samples" if looked_at == len(data.train.order) else f"{looked_at} samples looked at"
    lines = [f"{captioned} of {of_all} have captions"]
    if not captioned and not (data.config.trigger or data.config.name_medium):
        lines[0] += ": what is trained learns nothing of prompts; import captions, or give --trigger or --name-medium"
    if cut:
        key, rest = cut[0]
        lines.append(
            f"{len(cut)} of them have captions of more than the {tokenizer.model_max_length} tokens that the text "
            f"encoder reads; of {key} it doesn't see: {printable(rest)[:_SHOWN]!r}"
        )
    return lines


def _records(data: Data) -> Iterator[tuple[str, bytes]]:
    """Yield keys and contents of KEY.json, evenly over all corpora."""
    assert data.train is not None
    total = sum(len(corpus) for corpus in data.train.corpora)
    wanted = np.unique(np.linspace(0, total - 1, min(total, LOOKED_AT)).round().astype(int))
    first = 0
    for corpus in data.train.corpora:
        for number in (wanted[(first <= wanted) & (wanted < first + len(corpus))] - first).tolist():
            yield corpus.key(number), corpus.read(number)[1]
        first += len(corpus)
