"""Textual inversions (Gal et al. 2023): words that are vectors, mostly for negative prompts; without torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from underpaint.hub import check_pickle
from underpaint.texts import printable

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import CLIPTextModel, CLIPTokenizer

# The name of the vectors in files of sd-webui; diffusers has the word there.
_VECTORS = "emb_params"
_LONGEST = 75  # vectors: more have no place in a prompt


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """A textual inversion to paint with.

    Attributes:
        word: that stands for it in prompts.
        path: its file.
    """

    word: str
    path: Path


def parse_embedding(text: str) -> Embedding:
    """Parse `FILE` or `WORD=FILE`.

    Raises:
        ValueError: no such file, or a pickle.
    """
    word, _, name = text.rpartition("=")
    path = Path(name)
    if not path.is_file():
        raise ValueError(f"embedding {text!r}: {path} does not exist; give FILE or WORD=FILE, a .safetensors file")
    check_pickle(path)
    return Embedding(word=word or path.stem, path=path)


def spelled(prompt: str, words: Mapping[str, Sequence[str]]) -> str:
    """Return a prompt with the words of embeddings replaced by their tokens, one for each vector."""
    if not words:
        return prompt
    # All at once, the longest first: a word may be part of another, or of another's tokens.
    any_word = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<!\w)({any_word})(?!\w)", lambda found: " ".join(words[found[0]]), prompt)


def add_embedding(tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel, embedding: Embedding) -> list[str]:
    """Teach a tokenizer and a text encoder the vectors of an embedding; both are altered.

    diffusers' `load_textual_inversion` wants a whole pipeline, and takes sd-webui's files only if they are pickles.

    Returns:
        The new tokens, one for each vector.

    Raises:
        ValueError: a file that holds something else, or vectors of another width; says which.
    """
    import torch

    vectors = _read(embedding.path, text_encoder.config.hidden_size)
    tokens = [f"<{embedding.path.stem.lower()}-{len(tokenizer)}-{number}>" for number in range(len(vectors))]
    tokenizer.add_tokens(tokens)
    table = text_encoder.get_input_embeddings()
    if len(tokenizer) > table.num_embeddings:
        table = text_encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        table.weight[tokenizer.convert_tokens_to_ids(tokens)] = vectors.to(table.weight)
    return tokens


def _read(path: Path, width: int) -> Tensor:
    """Vectors (N, D)."""
    from underpaint.models.finite import check_finite
    from underpaint.models.weights import read_tensors

    tensors, _ = read_tensors(path)
    check_finite(tensors, str(path))
    if len(tensors) != 1 and _VECTORS not in tensors:
        names = ", ".join(printable(name[:80]) for name in sorted(tensors)[: 3 if len(tensors) <= 3 else 1])
        held = f"{len(tensors)} tensors, such as {names}" if len(tensors) > 3 else names or "nothing"
        raise ValueError(f"{path} is no textual inversion for Stable Diffusion 1.x: it holds {held}")
    vectors = tensors.get(_VECTORS, next(iter(tensors.values())))
    vectors = vectors[None] if vectors.ndim == 1 else vectors
    if vectors.ndim != 2 or vectors.shape[1] != width or not 1 <= len(vectors) <= _LONGEST:
        raise ValueError(
            f"{path} holds vectors of shape {tuple(vectors.shape)}, this base takes 1 to {_LONGEST} of {width} numbers"
        )
    return vectors
