"""Words in captions that say of a process what the picture doesn't show."""

from __future__ import annotations

# Of a process that begins with a half-painted picture. Without it one would begin with the blank ground half of the
# time only, as those do that a motion module is trained on.
_BEGUN = "from a half-painted picture"


def begun(caption: str) -> str:
    """The caption of a process that doesn't begin with the blank ground."""
    return f"{caption}, {_BEGUN}" if caption else _BEGUN


def half_painted(caption: str, step: int, last: int) -> str:
    """The caption of a single picture that isn't finished: the frame `step` of 0..`last`."""
    mark = f"half-painted, step {step} of {last}"
    return f"{caption}, {mark}" if caption else mark
