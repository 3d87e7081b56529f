"""What a run is told in words: tokens for them, how many samples have captions, and which are cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from transformers import CLIPTokenizer

from underpaint.datagen.format.index import CorpusIndex
from underpaint.models.captions import unseen
from underpaint.models.tokenizer import byte_tokenizer, learned_tokenizer
from underpaint.texts import parse_json, printable
from underpaint.training.data_config import DataConfig
from underpaint.training.loader import Data
from underpaint.training.sample import captions_of
from underpaint.training.split import read_sides

# Records are small reads, each of a place of its own: so many take a second from a disk.
LOOKED_AT = 256
# Of so many captions every word that is common has come by, after a few seconds.
LEARNED_FROM = 20_000
_SHOWN = 60  # letters of what isn't seen


def tokenizer_of(config: DataConfig) -> CLIPTokenizer:
    """Return the tokenizer of a new base: with merges from the captions that are trained on, marks included.

    The same corpora and settings give the same tokenizer. Of a stream nothing is known before it is read: letters.

    Raises:
        ValueError: as `read_sides`.
    """
    if config.streaming:
        return byte_tokenizer()
    captions: list[str] = []
    for _, record in _records(read_sides(config)["train"], LEARNED_FROM):
        try:
            captions += captions_of(record, dataclasses.replace(config, frames=2, half_painted=0.0))
            if len(captions) <= 2:  # the words of the other marks are always the same
                captions += captions_of(record, dataclasses.replace(config, frames=1, half_painted=1.0))
        except ValueError:
            continue  # whoever reads the sample says what is wrong with it
    return learned_tokenizer(captions)


def describe_captions(data: Data, tokenizer: CLIPTokenizer) -> list[str]:
    """Return lines for people: how many of up to 256 samples have captions, and what of them is cut off.

    Damaged samples are left to whoever reads them.
    """
    if data.train is None:
        return []  # nothing of a stream is known before it is read
    looked_at, captioned, cut = 0, 0, []
    for key, record in _records(data.train.corpora, LOOKED_AT):
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


def _records(corpora: Sequence[CorpusIndex], most: int) -> Iterator[tuple[str, bytes]]:
    """Yield keys and contents of KEY.json, evenly over all corpora, of as many samples at most."""
    total = sum(len(corpus) for corpus in corpora)
    wanted = np.unique(np.linspace(0, total - 1, min(total, most)).round().astype(int))
    first = 0
    for corpus in corpora:
        for number in (wanted[(first <= wanted) & (wanted < first + len(corpus))] - first).tolist():
            yield corpus.key(number), corpus.read(number)[1]
        first += len(corpus)
