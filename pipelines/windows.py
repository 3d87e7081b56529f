"""More frames than a motion module was trained with, sampled together in overlapping windows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import torch
from torch import Tensor

# Noisy latents (B, C, F, h, w) and the numbers of these frames, to the network's output for them.
Predict = Callable[[Tensor, Sequence[int]], Tensor]


def windows(frames: int, window: int, step: int, always: Collection[int] = ()) -> list[tuple[int, ...]]:
    """Cover the frames of a long process by windows that each hold as many frames as a process in training.

    A motion module has learned processes that go from blank to finished. Windows of neighbouring frames, as are usual
    for videos, would be a whole process each; these are spread over all of it. Each holds the first frame and the
    last, and one from each stretch between; they differ in which. From step to step frames meet others.

    Args:
        frames: of the process.
        window: of each window, at least 2.
        step: number of the sampling step.
        always: conditioning frames, which every window needs.

    Returns:
        Rising frame numbers, `window` in each; together they are all frames, some of them several times.
    """
    if frames <= window:
        return [tuple(range(frames))]
    slots = window - 2
    if not slots:
        raise ValueError(f"windows of {window} frames hold no more than the ends: 3 or more are needed")
    edges = [1 + slot * (frames - 2) // slots for slot in range(slots + 1)]
    stretches = [range(*pair) for pair in pairwise(edges)]
    made = [
        (0, *(stretch[(number + step * slot) % len(stretch)] for slot, stretch in enumerate(stretches)), frames - 1)
        for number in range(max(map(len, stretches)))
    ]
    chosen = [with_frames(each, always) for each in made]
    left_out = set(range(frames)).difference(*chosen)
    return chosen + [each for each in made if left_out.intersection(each)]


def with_frames(window: Sequence[int], always: Collection[int]) -> tuple[int, ...]:
    """Put each frame that must be there in the place of the nearest that needn't; the two ends stay.

    Raises:
        ValueError: there are more than the window has room for.
    """
    chosen = list(window)
    kept = {chosen[0], chosen[-1], *always}
    if len(kept) > len(chosen):
        raise ValueError(
            f"{len(set(always))} conditioning frames are more than {len(chosen)} frames have room for: give fewer"
        )
    for wanted in sorted(set(always).difference(chosen)):
        free = [place for place, frame in enumerate(chosen) if frame not in kept]
        chosen[min(free, key=lambda place: abs(chosen[place] - wanted))] = wanted
    return tuple(sorted(chosen))


def predict_in_windows(predict: Predict, noisy: Tensor, sets: Sequence[Sequence[int]]) -> Tensor:
    """Return the mean of what is predicted for each frame in all windows that hold it, (B, C, F, h, w)."""
    if len(sets) == 1 and len(sets[0]) == noisy.shape[2]:
        return predict(noisy, sets[0])
    total = torch.zeros_like(noisy)
    count = torch.zeros(noisy.shape[2], dtype=noisy.dtype, device=noisy.device)
    for frames in sets:
        index = torch.tensor(list(frames), device=noisy.device)
        total.index_add_(2, index, predict(noisy.index_select(2, index), frames))
        count[index] += 1
    return total / count.view(-1, 1, 1)
