"""The configuration of `underpaint-data card`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CardConfig:
    """What only a person can say of a corpus.

    Args:
        title: Name of the dataset; that of its folder when not given.
        license: Identifier that the hub knows, such as `cc-by-4.0`; what the pictures allow decides.
        language: Language of the captions, such as `en`, if they have one.
        repo: Where it will be on the hub, such as `me/paintings`, for the lines that load it.
    """

    title: str | None = None
    license: str = "other"  # nobody but the owner of the pictures can grant more
    language: str | None = None
    repo: str | None = None
