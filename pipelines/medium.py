"""The medium that a prompt names: networks whose training captions began with one paint in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from underpaint import renderers


def named_media(recipe: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the media that prompts can begin with; none if the captions of training named none.

    Args:
        recipe: settings of the training, as the record of the networks keeps them.
    """
    if not recipe.get("name_medium"):
        return ()
    return tuple(recipe.get("renderer") or renderers.names())


def check_medium(medium: str | None, media: Sequence[str]) -> None:
    """Refuse a medium that the networks don't know by name.

    Args:
        medium: the one that is chosen, if any.
        media: those that the networks know.

    Raises:
        ValueError: unknown; says which there are.
    """
    if medium is None or medium in media:
        return
    if not media:
        raise ValueError(
            f"medium is {medium!r}, but the captions that these networks were trained with named none, as far as is "
            "recorded: leave it out"
        )
    raise ValueError(f"medium is {medium!r}: use {', '.join(media)}")


def medium_note(medium: str | None, prompts: Sequence[str], media: Sequence[str]) -> str | None:
    """Return one line on the medium that will be painted in; None where the networks know none by name.

    Args:
        medium: the one that is chosen, if any.
        prompts: those that are known before any picture is read.
        media: those that the networks know.
    """
    if not media:
        return None
    named = {prompt.partition(",")[0].strip() for prompt in prompts}
    if medium is None and not named <= set(media):
        return f"no medium is named: choose one with --medium {'|'.join(media)}"
    return f"medium: {medium or ', '.join(sorted(named))}"
