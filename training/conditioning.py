"""Which frames the replication network is conditioned on in training."""

from __future__ import annotations

from underpaint.datagen.format.draws import draw

_MOST = 3


def conditioning_frames(seed: int, frames: int, *, starts_later: bool = False, least: int = 1) -> list[bool]:
    """Choose at most 3 frames of a process: the first and the last are likely, of the others those in the middle.

    ProcessPainter (Song et al. 2024): each is the first or the last with probability 1/3, and otherwise one between
    them, bell-shaped. Theirs are 0 to 3; with none a network beside a frozen motion module has nothing to learn from.
    One may be drawn twice.

    Args:
        seed: of the sample.
        frames: how many there are, at least 2.
        starts_later: whether the first isn't the blank ground. Then it is always chosen: a process that begins
            half-painted is there to be completed, and one without a known beginning shall learn to begin with the
            ground.
        least: how many are chosen at least.

    Returns:
        For each frame, whether it is a conditioning frame.
    """
    count = least + int(draw(seed, "shown") * (_MOST + 1 - least))
    chosen = {0} if starts_later else set()
    chosen |= {0 if starts_later and turn == 0 else _one(seed, turn, frames) for turn in range(count)}
    return [index in chosen for index in range(frames)]


def _one(seed: int, turn: int, frames: int) -> int:
    which = draw(seed, "shown", turn)
    if which < 1 / 3 or frames == 2:
        return frames - 1 if which < 1 / 2 else 0
    if which < 2 / 3:
        return 0
    # The mean of three even draws is bell-shaped enough (Irwin-Hall).
    place = sum(draw(seed, "shown", turn, part) for part in range(3)) / 3
    return 1 + int(place * (frames - 2))
