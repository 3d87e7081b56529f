"""When the frames of a film are shown."""

from __future__ import annotations

import dataclasses
import math

from underpaint.renderers.limits import check_frames

# Beyond these players stutter, or show nothing for minutes.
LEAST_FPS, MOST_FPS, MOST_SECONDS = 0.1, 100.0, 3600.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timing:
    """How fast frames follow each other, and how long the finished picture stays.

    Attributes:
        fps: frames per second, 0.1 to 100.
        hold: seconds for which the last frame stays longer than the others, 0 to 3600.

    Raises:
        ValueError: out of range.
    """

    fps: float = 30.0
    hold: float = 1.5  # long enough to see that it is finished, before an animation starts again

    def __post_init__(self) -> None:
        _check("fps", self.fps, LEAST_FPS, MOST_FPS)
        _check("hold", self.hold, 0.0, MOST_SECONDS)

    def shown(self, start: int, stop: int, *, last: bool, unit: int = 1) -> int:
        """Return for how long frames `start` to `stop` - 1 are shown, in milliseconds and whole units of so many.

        What is rounded off one frame is made good by the next.
        """
        ends = [round(number * 1000 / self.fps / unit) for number in (start, stop)]
        return (ends[1] - ends[0] + (round(self.hold * 1000 / unit) if last else 0)) * unit

    @property
    def held(self) -> int:
        """How many frames the last one is shown longer than the others."""
        return round(self.hold * self.fps)


def paced(own: int, *, frames: int | None, seconds: float | None, fps: float | None, usual: float) -> tuple[int, float]:
    """Return the number of frames of a film and its frames per second.

    Args:
        own: how many frames there are anyway.
        frames: how many there shall be; None leaves it to the others.
        seconds: how long the film shall take, without the hold.
        fps: frames per second; None leaves it to the others.
        usual: frames per second if nothing else says them.

    Raises:
        ValueError: out of range, or all three are given and don't agree.
    """
    if seconds is not None:
        _check("seconds", seconds, 0.1, MOST_SECONDS)
    if fps is not None:
        _check("fps", fps, LEAST_FPS, MOST_FPS)
    if frames is None and seconds is not None and fps is not None:
        return max(2, round(seconds * fps)), fps  # a film of less than two frames gets the two that it needs
    frames = own if frames is None else frames
    check_frames(frames)
    if seconds is not None and fps is None:
        fps = frames / seconds
        _check(f"fps of {frames} frames in {seconds:g} seconds", fps, LEAST_FPS, MOST_FPS)
    if seconds is not None and fps is not None and abs(frames - seconds * fps) > max(1.0, 0.01 * frames):
        raise ValueError(f"{frames} frames aren't {seconds:g} seconds of {fps:g} fps: leave one of the three out")
    return frames, usual if fps is None else fps


def _check(name: str, value: float, least: float, most: float) -> None:
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError(f"{name} is {value:g}: use {least:g} to {most:g}")
