"""The medium that a prompt names: networks whose training captions began with one paint in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from underpaint import renderers

# Of prompts that name none. Networks that always were told one leave out the things that a caption without one names.
_USUAL = "oil"


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


def usual_medium(media: Sequence[str]) -> str | None:
    """Return what prompts that name no medium are painted in; None where the networks know none by name."""
    return _USUAL if _USUAL in media else next(iter(media), None)


def medium_named(prompt: str, media: Sequence[str]) -> str | None:
    """Return the medium that a prompt begins with, if it is one of those."""
    first = prompt.partition(",")[0].strip().casefold()
    return first if first in media else None


def medium_note(
    medium: str | None, prompts: Sequence[str], media: Sequence[str], *, usual: str | None = None
) -> str | None:
    """Return one line on the medium that will be painted in; None where the networks know none by name.

    Args:
        medium: the one that is chosen, if any.
        prompts: those that are known before any picture is read.
        media: those that the networks know.
        usual: what prompts that name none are painted in; None leaves that to the networks.
    """
    if not media:
        return None
    named = {medium_named(prompt, media) for prompt in prompts} if medium is None else {medium}
    known = ", ".join(sorted(each for each in named if each))
    if None not in named:
        return f"medium: {known}"
    if usual is None:
        return f"no medium is named: choose one with --medium {'|'.join(media)}"
    if known:
        return f"medium: {known}, and {usual} where none is named"
    others = "|".join(other for other in media if other != usual)
    return f"no medium is named: {usual} is taken" + (f"; choose another with --medium {others}" if others else "")
