"""The tokenizers of a new nano: CLIP's kind, by bytes alone or with merges that are learned from captions."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
# CLIP's own length, start and end included.
TEXT_LENGTH = 77
# As many entries as a tokenizer has at most: captions of a thousand kinds of things have about as many words, and each
# entry costs a row of the text encoder's table.
ENTRIES = 2048
# CLIP's, by which texts are parted into words before bytes are merged (Radford et al. 2021).
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_END_OF_WORD = "</w>"


def byte_tokenizer() -> CLIPTokenizer:
    """Return a CLIPTokenizer without merges: each letter is its UTF-8 bytes, 514 entries in all.

    Like CLIP's it folds case and drops spaces; the last byte of a word is another token than the same byte within.
    """
    return _clip_tokenizer([])


def learned_tokenizer(captions: Iterable[str], *, entries: int = ENTRIES) -> CLIPTokenizer:
    """Return a CLIPTokenizer with merges learned from captions, by byte pair encoding (Sennrich et al. 2016).

    A word that comes twice or more is one token where the entries suffice; any other text still has tokens, its bytes.
    Equal captions give equal merges, in whatever order they come.

    Args:
        captions: to learn from; frequent words are merged first.
        entries: as many as the tokenizer has at most; 514 are the bytes, the start and the end.

    Raises:
        ValueError: `entries` is less than 514.
    """
    alphabet = _alphabet()
    if entries < len(alphabet) + 2:
        raise ValueError(f"entries is {entries}: {len(alphabet) + 2} are needed for the bytes, the start and the end")
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=entries - 2,
        min_frequency=2,
        # Entries that are there from the start have numbers that don't hang on the order of a hash table, and of pairs
        # that are equally frequent the smaller numbers are merged first.
        special_tokens=alphabet,
        end_of_word_suffix=_END_OF_WORD,
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions, trainer)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.model.save(folder)
        lines = (Path(folder) / "merges.txt").read_text(encoding="utf-8").splitlines()
    return _clip_tokenizer(lines[1:])


def _clip_tokenizer(merges: list[str]) -> CLIPTokenizer:
    """The tokenizer of some merges, each a line of two parts."""
    entries = [*_alphabet(), *(merge.replace(" ", "") for merge in merges), START, END]
    with tempfile.TemporaryDirectory() as folder:
        # Files, because every version of transformers reads them; the constructor's arguments changed.
        vocabulary = {entry: number for number, entry in enumerate(entries)}
        (Path(folder) / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        (Path(folder) / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
        tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=TEXT_LENGTH)
    return tokenizer


def _alphabet() -> list[str]:
    """All bytes, within a word and at its end."""
    symbols = _byte_symbols()
    return [*symbols, *(f"{symbol}{_END_OF_WORD}" for symbol in symbols)]


def _byte_symbols() -> list[str]:
    """The printable letter that stands for each of the 256 bytes in byte-level BPE (Radford et al. 2019)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = (byte for byte in range(256) if byte not in printable)
    symbols = {byte: chr(256 + number) for number, byte in enumerate(others)}
    return [symbols.get(byte, chr(byte)) for byte in range(256)]
